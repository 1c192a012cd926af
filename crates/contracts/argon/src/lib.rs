//! Argon's authentication contract (argon-foss/argon 1.0.0) on Tessera's accounts.
//!
//! | method | path | who | answers |
//! |---|---|---|---|
//! | POST | `/api/auth/register` | anybody | 200 token and permissions; 400 |
//! | POST | `/api/auth/login` | anybody | 200 token and permissions; 400, 401 |
//! | GET, HEAD | `/api/auth/state` | bearer, key | 200 name and permissions; 401 |
//! | PUT | `/api/auth/profile` | bearer | 200 message, token, permissions; 400, 401 |
//! | GET, HEAD | `/api/system` | anybody | 200 name and version |
//! | PUT | `/api/system/settings` | administrator | 200 message; 400 |
//! | GET, HEAD | `/api/users` | administrator | 200 the users, oldest first |
//! | POST | `/api/users` | administrator | 201 the user; 400 |
//! | GET, HEAD | `/api/users/{id}` | administrator | 200 the user; 404 |
//! | PATCH | `/api/users/{id}` | administrator | 200 the user; 400, 404 |
//! | DELETE | `/api/users/{id}` | administrator | 200 success; 400, 404 |
//! | GET, HEAD | `/api/api-keys` | administrator | 200 the keys of a user, oldest first |
//! | POST | `/api/api-keys` | administrator, no key | 201 the key with its text; 400, 403 |
//! | GET, HEAD | `/api/api-keys/{id}` | administrator | 200 the key; 403, 404 |
//! | PATCH | `/api/api-keys/{id}` | administrator, no key | 200 the key; 400, 403, 404 |
//! | DELETE | `/api/api-keys/{id}` | administrator, no key | 204; 403, 404 |
//! | POST | `/api/api-keys/{id}/regenerate` | administrator, no key | 200 the key with its text; 403, 404 |
//!
//! An administrator shows a bearer token, or an API key in `X-API-Key` that may do what its owner may; others
//! get 401 or 403. Every answer but a 204 is JSON; every refusal is `{"error": TEXT}`, which Argon's own panel
//! prints, except that `error` is a list where an API key's fields are wrong. Sign-in and registration may
//! also answer 429, anything may answer 413, 500 and 503, in that shape.
//!
//! Known deviations from the original server, each of them on purpose:
//!
//! - The documented minimum of 8 characters holds for new passwords; the original enforced none.
//! - `bob` and `BOB` are one name. Text of the wrong type is a 400 where the original failed with a 500.
//! - Nobody becomes administrator by registering first.
//! - `PUT /api/auth/profile` answers with a new token whenever name or password changed, and with
//!   `message`, `token`, `permissions` in the documented order. Earlier tokens end with that answer; a
//!   token that has ended this way is refused as one whose user is gone.
//! - An API key may do what both it and its owner may; it opens `state` and never `profile`. Only its digest
//!   is kept. Its last use is noted to the minute and leaves `updatedAt` alone.
//! - Unknown ids are a 404 and taken names a 400 where the original failed with a 500. A `PATCH` may leave out
//!   any field. The last administrator can be neither deleted nor demoted: 400.
//! - A new name or password that an administrator gives ends the user's sessions, the administrator's own too.
//! - A user has at most 256 permissions, each of at most 255 bytes; `GET /api/users` lists at most 10,000.
//! - Unknown paths and methods are answered with JSON, never left without an answer.
//!
//! To add an endpoint: a handler in `routes/` that reads its body by `wire`, calls one verb of
//! [`accounts::Mount`] and answers with a type of `wire`; a line in `routes/mod.rs`; its refusals in
//! `errors`; its description in `openapi`.

mod claims;
mod errors;
mod openapi;
mod routes;
mod wire;

use accounts::{Mount, MountPolicy, Registration, SigningKey};
use crypto::JwtAlgorithm;
use model::{Realm, Span};
use web::{Contract, Territory};

pub use openapi::{EXAMPLES, openapi};

/// The contract's name in settings, tokens and logs.
pub const NAME: &str = "argon";

/// The contract's documentation for its users, in Markdown.
pub const REFERENCE: &str = include_str!("../reference.md");

/// What Argon documents: one token of 24 hours signed with HS256, open registration, no second step and no
/// mail with a link, so that nothing needs the public URL.
#[must_use]
pub fn policy(_public_url: &str) -> MountPolicy {
    MountPolicy {
        name: NAME.to_owned(),
        realm: Realm::new("default"),
        site: "Argon".to_owned(),
        algorithm: JwtAlgorithm::HS256,
        key: SigningKey::Own,
        access: Span::hours(24),
        refresh: None,
        registration: Registration::Open,
        second_step: false,
        min_password: 0,
        email_as_password: false,
        require_confirmed_email: false,
        claims_username: true,
        claims_permissions: &[],
        confirmation: None,
        reset: None,
        email_change: None,
        not_me: None,
    }
}

/// The contract served over a mount: its endpoints and the paths whose misses it words. `/api/auth` is
/// listed for servers on which no contract mounted before has it.
#[must_use]
pub fn contract(mount: Mount) -> Contract {
    let prefixes = ["/api/auth", "/api/system", "/api/users", "/api/api-keys"];
    Contract {
        name: NAME,
        endpoints: routes::endpoints(&mount),
        territories: prefixes.map(|prefix| Territory { prefix, miss: errors::miss }).to_vec(),
        exclusive: None,
    }
}
