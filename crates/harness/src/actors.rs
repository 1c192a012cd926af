//! Users of each contract: one client per contract, one verb per thing its users do.
//!
//! A verb that promises success returns what it won (a token) and panics, showing the answer, when the
//! server refused. Every other verb returns the [`Answer`] as it came. All of them
//! use documented routes only.

mod argon;
mod goscrobble;
mod melon;
#[cfg(test)]
mod tests;
mod wolfpal;

pub use argon::Argon;
pub use goscrobble::{GoScrobble, GoScrobbleTokens};
pub use melon::Melon;
pub use wolfpal::{Enrolled, Tokens, WolfPal};

use crate::http::{Answer, Client, Request};

/// Sends a request that must get an answer of some kind.
#[expect(clippy::panic, reason = "a server that hangs up fails its test")]
#[track_caller]
fn ask(client: &mut Client, request: &Request) -> Answer {
    match client.send(request) {
        Ok(answer) => answer,
        Err(error) => panic!("{} {}: {error}", request.method, request.target),
    }
}
