//! The claims of Argon's one kind of token.

use accounts::{Failure, Grant, Mount, PrivateClaims, TokenUse};
use serde::Serialize;

/// `username`, `iat` and `exp` as argon.md 2.4 has them, then those that name the session.
#[derive(Serialize)]
struct AccessClaims<'a> {
    username: &'a str,
    /// Seconds since the epoch.
    iat: i64,
    /// Seconds since the epoch.
    exp: i64,
    #[serde(flatten)]
    private: PrivateClaims,
}

/// The access token of a grant; the same text for the same grant.
pub(crate) fn access_token(mount: &Mount, grant: &Grant) -> Result<String, Failure> {
    mount.sign_for(
        grant,
        &AccessClaims {
            username: &grant.account.username,
            iat: grant.issued_at(),
            exp: grant.access_expires_at(),
            private: grant.private_claims(TokenUse::Access),
        },
    )
}
