//! The pages in process, as browsers, mail scanners and attackers meet them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod foreign;
mod forms;
mod links;
mod looks;
mod misses;
mod reset;
mod stage;
mod trouble;
