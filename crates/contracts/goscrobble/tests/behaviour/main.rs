//! What the contract does beyond its transcripts, over real accounts in memory.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod config;
mod failures;
mod login;
mod openapi;
mod profile;
mod refresh;
mod register;
mod reset;
mod routing;
mod server;
mod tokens;
mod transcripts;
mod user;
