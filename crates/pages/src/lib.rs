//! Gives people who follow a link in a mail a place to land.
//!
//! A product that has no page of its own for a link in its mails links here instead:
//!
//! | page | asks | does |
//! |---|---|---|
//! | `/pages/{mount}/confirm/{token}` | to press a button | confirms the address |
//! | `/pages/{mount}/reset/{token}` | for a new password, twice | sets it and ends every session |
//! | `/pages/{mount}/email/{token}` | to press a button | puts the new address in force |
//! | `/pages/{mount}/not-me/{token}` | to press a button | ends the session, starts a reset |
//!
//! GET and HEAD only show: programs that look through mail open every link in it. The POST of the page's
//! own form acts. Nothing needs a script, and nothing is loaded but [`STYLE`], which the server's other
//! pages may use too.
//!
//! To link a mail here, make its template with [`link`]; to serve the pages, give [`contract`] to
//! `web::compose`. To translate, copy `text/en.rs`. To add a page: a variant of [`Page`] with its path, its
//! words, and its verb in `routes`.

mod errors;
mod origin;
mod page;
mod routes;
mod text;
mod view;

use accounts::Mount;
use web::{Contract, Territory};

pub use page::{Page, link};

/// The pages' name in logs and metrics.
pub const NAME: &str = "pages";

/// Where the one stylesheet is.
pub const STYLE: &str = "/pages/style.css";

/// The pages of all these mounts: the endpoints, and the words for what is missed under `/pages`.
///
/// `public_url` is what browsers call the server, for example `https://auth.example.com`: a form that was
/// sent from there counts as sent from one of our pages even if a proxy renamed the host on the way.
#[must_use]
pub fn contract(mounts: &[Mount], public_url: &str) -> Contract {
    Contract {
        name: NAME,
        endpoints: routes::endpoints(mounts, public_url),
        territories: vec![Territory { prefix: "/pages", miss: errors::miss }],
        exclusive: None,
    }
}
