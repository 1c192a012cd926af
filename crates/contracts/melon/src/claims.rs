//! The claims of Melon's two kinds of token (melon.md 2.5).

use accounts::{Failure, Grant, Mount, PrivateClaims, ServerClaims, TokenUse};
use model::Span;
use serde::Serialize;

use crate::role::Role;

/// How long a Server token is good; as long as the secret in it.
const SERVER_LIFETIME: Span = Span::minutes(10);
/// What a Server token has instead of a user's name and id.
const NOBODY: &str = "NA";

/// The documented claims, then those that tokens of that kind have besides.
#[derive(Serialize)]
struct Claims<'a, P> {
    unique_name: &'a str,
    role: &'static str,
    /// The account's id. The original has no short name for this claim.
    #[serde(rename = "http://schemas.microsoft.com/ws/2008/06/identity/claims/userdata")]
    userdata: &'a str,
    /// Seconds since the epoch; the same as `iat`.
    nbf: i64,
    /// Seconds since the epoch.
    exp: i64,
    /// Seconds since the epoch.
    iat: i64,
    #[serde(flatten)]
    private: P,
}

/// The access token of a grant; the same text for the same grant.
pub(crate) fn access_token(mount: &Mount, grant: &Grant) -> Result<String, Failure> {
    let private: PrivateClaims = grant.private_claims(TokenUse::Access);
    mount.sign_for(
        grant,
        &Claims {
            unique_name: &grant.account.username,
            role: Role::of(&grant.account.permissions).name(),
            userdata: grant.account.id.as_str(),
            nbf: grant.issued_at(),
            exp: grant.access_expires_at(),
            iat: grant.issued_at(),
            private,
        },
    )
}

/// The token that makes one account.
pub(crate) fn server_token(mount: &Mount, private: ServerClaims) -> Result<String, Failure> {
    let now = mount.now();
    mount.sign(&Claims {
        unique_name: NOBODY,
        role: "Server",
        userdata: NOBODY,
        nbf: now.seconds(),
        exp: (now + SERVER_LIFETIME).seconds(),
        iat: now.seconds(),
        private,
    })
}
