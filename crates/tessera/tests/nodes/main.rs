//! Several nodes on one database, and the database failing under them.
//!
//! The figures are printed by `cargo test -p tessera --release --test nodes -- --ignored --nocapture figures`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, also in what it is built of, and says what it measured"
)]

mod place;
mod postgres;
#[path = "../program/stand.rs"]
#[expect(dead_code, reason = "these tests need a part of what those of one node stand on")]
mod stand;
