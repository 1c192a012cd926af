//! Delivery to a mail server, from the outside.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, also in what it is built of"
)]

mod logs;
mod sink;
mod smtp;
mod tls;
