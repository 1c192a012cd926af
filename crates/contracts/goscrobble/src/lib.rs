//! Speaks the authentication contract of GoScrobble (idanoo/GoScrobble, its document of 2021-12-25).
//!
//! To serve it: open `accounts` with [`policy`] among its mounts, and hand [`contract`] of that mount to
//! `web::compose`. To add a call: one handler in `routes`, its bodies in `wire`; its description in
//! `openapi`; what it may be refused for is already in `errors`.
//!
//! | call | answer |
//! |---|---|
//! | `POST /api/v1/register` | `{"message":..}` |
//! | `POST /api/v1/login` | `{"token":..}` |
//! | `POST /api/v1/refresh` | `{"token":..}` |
//! | `POST /api/v1/sendreset` | `{"message":..}` |
//! | `POST /api/v1/resetpassword` | `{"message":..}`, or without a password `{"valid":true}` or `{}` |
//! | `GET /api/v1/serverinfo` | `{"version":..,"registration_enabled":"1"}` |
//! | `GET /api/v1/user` | the caller's own account |
//! | `GET /api/v1/user/`, with the slash | the same, or without a token `{"valid":true}` |
//! | `PATCH /api/v1/user` | `{"message":..}` |
//! | `GET /api/v1/config`, of administrators | `{"configs":{..}}` |
//! | `POST /api/v1/config`, of administrators | `{"message":..}` |
//! | `GET /api/v1/profile/{username}` | `{"uuid":..,"username":..,"scrobbles":[]}` |
//!
//! Application errors are HTTP 200 with `{"error":..}`, because the client takes any other status for a
//! lost connection. `/api/v1` is compared case-sensitively and open to every origin.
//!
//! Known deviations from the original:
//! - `ingress` is not served, and nothing is scrobbled. So the API token opens nothing: it is kept as it
//!   is, and an account has none before it asks for one. Of `config` only `REGISTRATION_ENABLED` is more
//!   than an empty text.
//! - `user` shows no addresses of the network, no Spotify and no Navidrome. It is `valid`, which the page
//!   behind a mailed link asks for.
//! - An account is disabled by the `active` that its page sends, 0, and by `"0"` and `false`; the original
//!   took any value. The last administrator stays. Disabled accounts have no public profile.
//! - JSON answers are `application/json`; the original left the type to be sniffed.
//! - A body is one JSON object and nothing else, of at most the server's limit, its names each once, its
//!   values text. The original ignored what followed and turned other types into text.
//! - Malformed JSON is `Invalid JSON` in every call; the original sent the words of its parser.
//! - A slash at the end is accepted, not redirected; a doubled one is a 404. A 405 names the methods.
//! - `Access-Control-Allow-Credentials` is not sent, nor `Vary: Origin`, since no answer depends on the
//!   origin; preflights list all methods.
//! - `sendreset` never tells whether the address is known. A reset token works once, for an hour, and
//!   ends every session. An e-mail address is required to register; its domain is not looked up.
//! - Access tokens are HS512 only and end with their session. A refresh token that was just used gets
//!   the same successor for a short while.
//! - Too many wrong passwords are an HTTP 200 with an error.

mod claims;
mod cors;
mod errors;
mod kept;
mod openapi;
mod routes;
mod wire;

use accounts::{MailedToken, Mount, MountPolicy, Registration, SigningKey};
use crypto::{Alphabet, JwtAlgorithm};
use model::{Realm, Span};
use web::{Contract, Exclusive, Territory};

pub use openapi::{EXAMPLES, openapi};

/// The contract's name, and its mount's unless an operator says otherwise.
pub const NAME: &str = "goscrobble";

/// The contract's documentation for its users, in Markdown.
pub const REFERENCE: &str = include_str!("../reference.md");

/// Everything under it is this contract's.
const PREFIX: &str = "/api/v1";

/// What the contract asks for unless an operator says otherwise. `public_url` is where its own front end
/// is reached: mails link to its page for a new password.
#[must_use]
pub fn policy(public_url: &str) -> MountPolicy {
    MountPolicy {
        name: NAME.to_owned(),
        realm: Realm::new("default"),
        site: "GoScrobble".to_owned(),
        algorithm: JwtAlgorithm::HS512,
        key: SigningKey::Own,
        access: Span::days(7),
        refresh: Some(Span::days(7)),
        registration: Registration::Open,
        second_step: false,
        min_password: 0,
        email_as_password: false,
        require_confirmed_email: false,
        claims_username: true,
        claims_permissions: claims::PERMISSIONS,
        confirmation: None,
        reset: Some(MailedToken {
            alphabet: Alphabet::Letters,
            length: 16,
            lifetime: Span::hours(1),
            link: format!("{}/reset/{{token}}", public_url.trim_end_matches('/')),
        }),
        email_change: None,
        not_me: None,
    }
}

/// The contract over the accounts of a mount.
#[must_use]
pub fn contract(mount: Mount) -> Contract {
    Contract {
        name: NAME,
        endpoints: routes::endpoints(&mount),
        territories: vec![Territory { prefix: PREFIX, miss: errors::miss }],
        exclusive: Some(Exclusive { prefix: PREFIX, layer: cors::open }),
    }
}
