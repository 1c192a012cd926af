//! Argon's contract in process: what its transcripts show, and what they do not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod api_keys;
mod credentials;
mod key_access;
mod misses;
mod openapi;
mod profile;
mod settings;
mod stage;
mod state;
mod transcripts;
mod trouble;
mod user_endings;
mod users;
