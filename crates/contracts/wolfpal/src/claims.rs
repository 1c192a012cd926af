//! The claims of WolfPal's tokens.

use accounts::{Failure, Grant, Mount, PrivateClaims, TokenUse};
use serde::Serialize;

/// Both tokens: `sub`, `iat` and `exp` as documented, then ours. Times are seconds since the epoch, UTC.
#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    iat: i64,
    exp: i64,
    #[serde(flatten)]
    private: PrivateClaims,
}

/// What a sign-in or a refresh wins, signed.
pub(crate) struct Tokens {
    /// Proves who calls.
    pub(crate) access: String,
    /// Is exchanged for the next pair.
    pub(crate) refresh: String,
}

/// The tokens of a grant: the same ones for every grant of one generation of a session.
pub(crate) fn tokens(mount: &Mount, grant: &Grant) -> Result<Tokens, Failure> {
    let sign = |purpose, exp| {
        mount.sign(&Claims {
            sub: grant.account.id.as_str(),
            iat: grant.issued_at(),
            exp,
            private: grant.private_claims(purpose),
        })
    };
    Ok(Tokens {
        access: sign(TokenUse::Access, grant.access_expires_at())?,
        refresh: sign(TokenUse::Refresh, grant.refresh_expires_at())?,
    })
}
