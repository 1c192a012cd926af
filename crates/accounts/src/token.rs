//! The claims that every token of ours carries behind those that its contract promises.
//!
//! No client reads them. They name the session, so that any token can be ended at once, and the mount
//! and use, so that no token is taken for another (contracts/README 7 and 8; RFC 8725, section 3.12).

use std::fmt;

use model::{AccountId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::sessions::Grant;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenUse {
    /// Proves who calls.
    Access,
    /// Is exchanged for the next pair.
    Refresh,
    /// Makes one account.
    Server,
}

/// The private claims of access and refresh tokens. A contract flattens them behind its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateClaims {
    /// The session.
    pub sid: SessionId,
    /// The generation of the session that the token belongs to.
    #[serde(rename = "gen")]
    pub generation: u32,
    /// The account.
    pub aid: AccountId,
    /// The mount that signed it.
    pub mnt: String,
    /// What it is for.
    #[serde(rename = "use")]
    pub purpose: TokenUse,
}

/// What a check reads of an access token: when it was made, besides our own claims.
#[derive(Deserialize)]
pub(crate) struct AccessClaims {
    /// Seconds since the epoch (RFC 7519, section 4.1.6). The tokens of every contract have it.
    pub(crate) iat: Option<i64>,
    #[serde(flatten)]
    pub(crate) private: PrivateClaims,
}

/// The private claims of a token that makes one account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerClaims {
    /// The one-time secret.
    pub jti: String,
    /// The mount that signed it.
    pub mnt: String,
    /// What it is for.
    #[serde(rename = "use")]
    pub purpose: TokenUse,
}

impl fmt::Debug for ServerClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerClaims").field("mnt", &self.mnt).finish_non_exhaustive()
    }
}

impl Grant {
    /// The private claims of this grant's token for a use.
    #[must_use]
    pub fn private_claims(&self, purpose: TokenUse) -> PrivateClaims {
        PrivateClaims {
            sid: self.session,
            generation: self.generation,
            aid: self.account.id.clone(),
            mnt: self.mount.clone(),
            purpose,
        }
    }

    /// `iat`: seconds since the epoch.
    #[must_use]
    pub fn issued_at(&self) -> i64 {
        self.rotated_at.seconds()
    }

    /// `exp` of the access token: seconds since the epoch.
    #[must_use]
    pub fn access_expires_at(&self) -> i64 {
        self.access_until.seconds()
    }

    /// `exp` of the refresh token: seconds since the epoch.
    #[must_use]
    pub fn refresh_expires_at(&self) -> i64 {
        self.session_until.seconds()
    }
}

/// The end of an access token that begins at `from`: never later than its session.
pub(crate) fn access_until(from: Timestamp, lifetime: model::Span, session_until: Timestamp) -> Timestamp {
    (from.whole_second() + lifetime).min(session_until)
}
