//! Access tokens: JSON Web Tokens (RFC 7519) in JWS compact form (RFC 7515), as RFC 8725 wants them.
//!
//! Header and claims are written and read here: the order of the header's members is part of the contracts,
//! time comes from the caller, and keys stay prepared between calls. The signatures are the cryptographic
//! library's.

mod algorithm;
mod compact;
mod jwks;
mod key;
mod remembering;
mod ring;

#[cfg(test)]
mod tests;

pub use algorithm::{JwtAlgorithm, UnknownAlgorithm};
pub use compact::MAX_TOKEN_LENGTH;
pub use key::{BadJwtKey, JwtKey};
pub use remembering::{RememberingRing, Said};
pub use ring::{BadKeyRing, DatedKey, KeyRing, SigningFailed, TokenRefused};
