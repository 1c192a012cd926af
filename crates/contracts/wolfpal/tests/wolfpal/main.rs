//! WolfPal's contract over real accounts in memory, with a clock that is moved by hand: what the
//! transcripts do not show.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it is built of"
)]

mod account;
mod activation;
mod email_change;
mod forgotten;
mod misses;
mod notifications;
mod openapi;
mod own_sessions;
mod password;
mod register;
mod second_step;
mod sessions;
mod sharing;
mod sign_in;
mod transcripts;
mod two_factor;
mod username;
mod world;
