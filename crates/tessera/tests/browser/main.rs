//! The pages in a real browser: Chromium, driven through its WebDriver.
//!
//! `./test` installs what this needs. [`browser`] opens a browser, [`site`] a server; each other module is one
//! story. With the variable `SCREENSHOTS` set, the pictures in docs/screenshots are taken anew.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it is built of"
)]

mod api;
mod axe;
mod browser;
mod driver;
mod front;
mod keyboard;
mod landing;
mod logs;
mod others;
mod site;
