//! Argon's contract in process: what its transcripts show, and what they do not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod credentials;
mod misses;
mod profile;
mod stage;
mod state;
mod transcripts;
mod trouble;
