//! Melon's authentication contract (EpsiRho/MelonMediaServer 1.0.257) on Tessera's accounts.
//!
//! | method | path | who | answers |
//! |---|---|---|---|
//! | GET | `/auth/login` | anybody | 200 token; 400, 401 |
//! | GET | `/auth/invite` | Admin | 200 code of four characters; 401, 408 |
//! | GET, POST | `/auth/code-authenticate` | anybody | 200 Server token; 400, 401 |
//! | GET | `/auth/check`, `/check` | Admin, User, Pass | 200; 401 |
//! | POST | `/api/users/create` | Admin, Server | 200 id; 400, 401 |
//! | GET | `/api/users/current` | Admin, User, Pass | 200 user; 401 |
//! | GET | `/api/users/get` | Admin, User, Pass | 200 user; 400, 401, 404 |
//! | GET | `/api/users/search` | Admin, User, Pass | 200 users; 401 |
//! | POST | `/api/users/add-friend`, `/api/users/remove-friend` | Admin, User, Pass | 200; 400, 401, 404 |
//! | PATCH | `/api/users/update` | Admin, or oneself | 200; 400, 401, 404 |
//! | PATCH | `/api/users/change-username` | Admin, or oneself | 200; 400, 401, 404 |
//! | PATCH | `/api/users/change-password` | Admin, or oneself | 200; 400, 401, 404 |
//! | POST | `/api/users/delete` | Admin | 200; 400, 401, 404 |
//!
//! Users are JSON objects. Every other answer is one text: bare, or as a JSON string if the caller accepts
//! JSON only. Parameters come in the query; of POST and PATCH also in a form or JSON body. Anything may
//! answer 413, 500 and 503, sign-in and invite codes also 429, everything that registers also 403.
//!
//! Known deviations from the original server, each of them on purpose:
//!
//! - A caller without the Admin role gets the documented 401, not a 403.
//! - Codes and Server tokens really end after ten minutes, and each is used once. A Server token opens
//!   nothing but `POST /api/users/create`. `?jwt=` is not read, and no clock skew is forgiven.
//! - The role is that of the stored account, and user tokens end when it, the name or the password changes.
//! - Usernames are unique whatever their case. New passwords have the length that the realm asks for.
//! - Roles are Admin, User and Pass; other texts are refused. The last Admin stays.
//! - A search is for a part of the name, not for a pattern. Friends are accounts, each at most once.
//! - A browser that fetches a link in advance does not spend the code in it.
//! - `/check` is where Melon's client library looks for `/auth/check`.
//!
//! To add an endpoint: a handler in `routes/` that reads `wire::Params`, calls one verb of
//! [`accounts::Mount`] and leaves the answer to `wire::Reply`; a line in `routes/mod.rs`; its refusals in
//! `errors`; its description in `openapi`.

mod claims;
mod errors;
mod openapi;
mod profile;
mod role;
mod routes;
mod wire;

use accounts::{Mount, MountPolicy, Registration, SigningKey};
use crypto::JwtAlgorithm;
use model::{Realm, Span};
use web::{Contract, Territory};

pub use openapi::{EXAMPLES, openapi};

/// The contract's name in settings, tokens and logs.
pub const NAME: &str = "melon";

/// The contract's documentation for its users, in Markdown.
pub const REFERENCE: &str = include_str!("../reference.md");

/// What Melon documents: one token of an hour signed with HS256, joining by invitation, no second step and
/// no mails, so that nothing links to the public URL.
#[must_use]
pub fn policy(_public_url: &str) -> MountPolicy {
    MountPolicy {
        name: NAME.to_owned(),
        realm: Realm::new("default"),
        site: "Melon".to_owned(),
        algorithm: JwtAlgorithm::HS256,
        key: SigningKey::Own,
        access: Span::hours(1),
        refresh: None,
        registration: Registration::Invite,
        second_step: false,
        min_password: 0,
        email_as_password: false,
        require_confirmed_email: false,
        claims_username: true,
        claims_permissions: role::DECIDING,
        confirmation: None,
        reset: None,
        email_change: None,
        not_me: None,
    }
}

/// The contract served over a mount: its endpoints and the paths whose misses it words. Contracts that
/// share a prefix and are mounted before word the misses in it that no endpoint is to blame for.
#[must_use]
pub fn contract(mount: Mount) -> Contract {
    let prefixes = ["/auth", "/check", "/api/users"];
    Contract {
        name: NAME,
        endpoints: routes::endpoints(&mount),
        territories: prefixes.map(|prefix| Territory { prefix, miss: errors::miss }).to_vec(),
        exclusive: None,
    }
}
