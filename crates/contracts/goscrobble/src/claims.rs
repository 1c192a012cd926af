//! The access token: what GoScrobble's client reads from it, in alphabetical order, then our own claims.

use accounts::{Failure, Grant, Mount, PrivateClaims, TokenUse};
use model::{AccountId, Permissions};
use serde::Serialize;

const MOD: &str = "mod";

/// The permissions that the token carries.
pub(crate) const PERMISSIONS: &[&str] = &[Permissions::ADMIN, MOD];

/// The claims in the order of the document (goscrobble.md 1). All times are seconds since the epoch.
#[derive(Serialize)]
struct Claims<'a> {
    admin: bool,
    /// Empty for an account that was made without one elsewhere.
    email: &'a str,
    exp: i64,
    iat: i64,
    #[serde(rename = "mod")]
    moderator: bool,
    refresh_exp: i64,
    /// The client knows no other place to find it (goscrobble.md 4).
    refresh_token: String,
    sub: &'a AccountId,
    username: &'a str,
    #[serde(flatten)]
    private: PrivateClaims,
}

/// The access token of a grant, with its refresh token inside. Two grants of one generation of a session
/// make the same token.
pub(crate) fn access_token(mount: &Mount, grant: &Grant) -> Result<String, Failure> {
    let account = &grant.account;
    mount.sign_for(
        grant,
        &Claims {
            admin: account.permissions.holds(Permissions::ADMIN),
            email: account.email.as_deref().unwrap_or_default(),
            exp: grant.access_expires_at(),
            iat: grant.issued_at(),
            moderator: account.permissions.holds(MOD),
            refresh_exp: grant.refresh_expires_at(),
            refresh_token: mount.refresh_letters(grant),
            sub: &account.id,
            username: &account.username,
            private: grant.private_claims(TokenUse::Access),
        },
    )
}
