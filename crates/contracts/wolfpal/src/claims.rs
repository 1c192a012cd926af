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
    Ok(Tokens {
        access: access_token(mount, grant)?,
        refresh: signed(mount, grant, TokenUse::Refresh, grant.refresh_expires_at())?,
    })
}

/// The first of [`tokens`] alone.
pub(crate) fn access_token(mount: &Mount, grant: &Grant) -> Result<String, Failure> {
    signed(mount, grant, TokenUse::Access, grant.access_expires_at())
}

fn signed(mount: &Mount, grant: &Grant, purpose: TokenUse, exp: i64) -> Result<String, Failure> {
    mount.sign_for(
        grant,
        &Claims {
            sub: grant.account.id.as_str(),
            iat: grant.issued_at(),
            exp,
            private: grant.private_claims(purpose),
        },
    )
}
