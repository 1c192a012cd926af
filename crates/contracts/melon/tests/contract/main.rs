//! Melon's contract in process: what its transcripts show, and what they do not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod check;
mod create;
mod friends;
mod invite;
mod login;
mod misses;
mod openapi;
mod others;
mod stage;
mod transcripts;
mod trouble;
mod update;
mod users;
