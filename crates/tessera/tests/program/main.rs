//! The whole program as people meet it: the real binary, over HTTP and from the command line.
//!
//! One process of tests, so that everything is linked once: `cargo test -p tessera --test program races`
//! runs one subject. [`stand`] starts servers; each other module is one subject.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it is built of"
)]

mod across;
mod authorization;
mod backup;
mod bad_input;
mod crash;
mod doctor;
mod equality;
mod forged;
mod guide;
mod hostile;
mod journeys;
mod migrate;
mod monitoring;
mod openapi;
mod owed_mail;
mod packaging;
mod place;
mod races;
mod stand;
mod start;
mod transcripts;
