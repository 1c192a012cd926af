//! Speaks the HTTP contract of WolfPal, the goal tracker.
//!
//! The system is MrDemonWolf/wolfpal as documented for September 2020, with what its server did at
//! 78b1fbde (2023-04-24) where the document is silent. Every path is answered as written here and under
//! `/api`, in any case, with or without a slash at the end; bodies are forms or JSON.
//!
//! | method | path | what it does |
//! |---|---|---|
//! | POST | `/auth/register` | makes an account and mails a confirmation link |
//! | POST | `/auth/login` | opens a session, or asks for a second step |
//! | POST | `/auth/two-factor` | the second step |
//! | POST | `/auth/refresh` | the next pair of tokens |
//! | POST | `/auth/logout` | ends the session |
//! | PUT | `/user/activate-account/{token}` | confirms an address |
//! | POST | `/user/activate-account/resend` | mails another confirmation link |
//! | POST | `/user/forgot-password` | mails a link to choose a new password |
//! | POST | `/user/reset-password/{token}` | chooses it |
//! | GET, HEAD | `/account` | the account |
//! | PUT | `/account/change-password` | another password, with the old one as proof |
//! | PUT | `/account/change-username` | another name |
//! | POST | `/account/change-email` | mails a link to a new address |
//! | POST | `/account/change-email/resend`, `/account/email-change/resend` | mails it again |
//! | PUT | `/account/change-email/{token}`, `/account/email-change/{token}` | puts the address in force |
//! | POST, PUT, DELETE | `/account/two-factor` | prepares, enables, removes the second factor |
//! | GET, HEAD | `/account/two-factor/backup-codes` | the backup codes as a file |
//! | GET, HEAD, DELETE | `/sessions`, `/account/sessions` | lists, ends all sessions of the account |
//! | DELETE | `/sessions/{id}`, `/account/sessions/{id}` | ends one of them |
//! | GET, HEAD | `/notifications` | which mails are wanted |
//! | PUT | `/notifications/email` | changes it |
//!
//! `POST /api/auth/register` and `/api/auth/login` may be shared with another contract: forms, and JSON
//! with the key `email`, are WolfPal's.
//!
//! Known deviations from the original:
//!
//! * An unknown address and a wrong password get the same `INVALID_CREDENTIALS`; resending a link always
//!   succeeds. An unconfirmed address does not sign in (`PENDING_CONFIRMATION`), a disabled account gets
//!   `INVALID_CREDENTIALS`.
//! * An access token is good for 30 minutes and a refresh token for 24 hours, as in the document; both name
//!   their session in claims behind the documented ones, and neither is accepted for the other. A refresh
//!   token that was exchanged long ago ends its session.
//! * The token of the second step is good for one sign-in, 15 minutes and five tries; a code counts once. A
//!   second factor in force stays so until it is taken off with a code of its own; only then another is enabled.
//! * Signing in accepts every address that an account may have; only registering asks for a top-level domain.
//! * `NON_EXISTENT` is never said: a forgotten password always gets the same answer, and asking too often
//!   counts per address of the caller. The link of a change of address opens nothing without a token of the
//!   account that asked for it, and can be sent again as long as it is good.
//! * Changing the password looks at the old one first, then ends every session.
//! * `GET /account` shows no reset token and no `emailChanged`; `GET /sessions` no `refreshTokenHash`, and
//!   `location` is always `unknown`. A session of another contract has a hash of its id for
//!   `accessTokenHash`. Only the account's own sessions can be ended.
//! * `yearlyGoals` may be left out, as in the document.
//! * What was a 500 or a page of HTML is a 4xx in JSON or the text `Unauthorized`; a wrong method is a 405,
//!   OPTIONS a 204, and too many attempts a 429 with `Retry-After`.
//!
//! To add an endpoint: its body in `wire`, its handler and its line in the group's file under `routes`, its
//! line in the table above, its description in `openapi`, and a transcript in `tests/transcripts`.

mod claims;
mod device;
mod errors;
mod openapi;
mod preferences;
mod problems;
mod qr;
mod routes;
mod wire;

use accounts::{MailedToken, Mount, MountPolicy, Registration, SigningKey};
use crypto::{Alphabet, JwtAlgorithm};
use model::{Realm, Span};
use web::{Contract, Territory};

pub use openapi::{EXAMPLES, openapi};

/// The contract's name: in settings, in tokens, in logs.
pub const NAME: &str = "wolfpal";

/// The contract's documentation for its users, in Markdown.
pub const REFERENCE: &str = include_str!("../reference.md");

/// Where misses are worded as WolfPal words them.
const TERRITORIES: [&str; 10] = [
    "/auth",
    "/api/auth",
    "/user",
    "/api/user",
    "/account",
    "/api/account",
    "/sessions",
    "/api/sessions",
    "/notifications",
    "/api/notifications",
];

/// What the contract asks of accounts unless the operator says otherwise. Mailed links open the pages of
/// the real client at `public_url`, an `http` or `https` URL without query.
#[must_use]
pub fn policy(public_url: &str) -> MountPolicy {
    let page = |path: &str| format!("{}/{path}/{{token}}", public_url.trim_end_matches('/'));
    let mailed = |length, lifetime, path| MailedToken {
        alphabet: Alphabet::UrlSafe,
        length,
        lifetime,
        link: page(path),
    };
    MountPolicy {
        name: NAME.to_owned(),
        realm: Realm::new("default"),
        site: "WolfPal".to_owned(),
        algorithm: JwtAlgorithm::HS256,
        key: SigningKey::Own,
        access: Span::minutes(30),
        refresh: Some(Span::hours(24)),
        registration: Registration::Open,
        second_step: true,
        min_password: 0,
        // The document registers with it.
        email_as_password: true,
        require_confirmed_email: true,
        claims_username: false,
        claims_permissions: &[],
        confirmation: Some(mailed(32, Span::hours(3), "activate-account")),
        reset: Some(mailed(64, Span::minutes(15), "forgot-password")),
        email_change: Some(mailed(64, Span::hours(3), "account/email-change")),
        not_me: None,
    }
}

/// The contract over the accounts of a mount.
#[must_use]
pub fn contract(mount: Mount) -> Contract {
    let territory = |prefix| Territory { prefix, miss: errors::miss };
    Contract {
        name: NAME,
        endpoints: routes::endpoints(&mount),
        territories: TERRITORIES.into_iter().map(territory).collect(),
        exclusive: None,
    }
}
