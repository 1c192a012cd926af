//! The signature algorithms there are.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A signature algorithm, by its registered name (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// There is no `none`, and no way to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum JwtAlgorithm {
    /// HMAC with SHA-256: who can verify can also sign.
    HS256,
    /// HMAC with SHA-512: who can verify can also sign.
    HS512,
    /// ECDSA over P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
}

/// A name of no algorithm there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature algorithm must be one of HS256, HS512, ES256, EdDSA, RS256")]
pub struct UnknownAlgorithm;

impl JwtAlgorithm {
    /// Every algorithm there is.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::HS256, Self::HS512, Self::ES256, Self::EdDSA, Self::RS256].into_iter()
    }

    /// Its registered name, as in the header of a token.
    pub fn name(self) -> &'static str {
        match self {
            Self::HS256 => "HS256",
            Self::HS512 => "HS512",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
            Self::RS256 => "RS256",
        }
    }

    /// Whether one secret both signs and verifies, so that there is no public key to publish.
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS512)
    }
}

impl fmt::Display for JwtAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for JwtAlgorithm {
    type Err = UnknownAlgorithm;

    /// By the exact registered name; case counts.
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::all().find(|algorithm| algorithm.name() == name).ok_or(UnknownAlgorithm)
    }
}
