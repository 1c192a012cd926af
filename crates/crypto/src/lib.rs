//! Turns secrets into things that can be stored, sent or checked.
//!
//! A newcomer's recipe:
//! - An installation has one [`RootSecret`], which the operator's [`MasterSecret`] wraps. Every other key is
//!   derived from it by purpose, so no two uses share a key: [`TokenDigests`] for one-time tokens, [`Sealer`]
//!   for secrets at rest, [`RefreshCodec`] for refresh tokens, [`RootSecret::derive`] for anything else.
//! - Passwords go through a [`HashPool`]: `hash` for a new one, `verify` for a sign-in. Both answer
//!   [`Overloaded`] at once instead of queueing longer than a caller would wait.
//! - Access tokens go through a [`KeyRing`]: one algorithm, and [`JwtKey`]s of which one signs at a time
//!   and all verify.
//! - Second-factor codes: [`new_totp_secret`], [`otpauth_uri`], [`totp_step_of`].
//! - Randomness is always an argument ([`Randomness`]); so is time. Only the generation of asymmetric key
//!   pairs and the nonces inside their signatures use the random source of the cryptographic library itself.
//!
//! To add a password scheme: a file beside `password/bcrypt.rs`, a variant in [`Scheme`] and one arm each in
//! `password/verify.rs`. New hashes are always Argon2id.

mod digest;
mod fatal;
mod jwt;
mod master;
mod password;
mod pool;
mod random;
mod refresh;
mod root;
mod seal;
mod text;
mod totp;

pub use digest::{TokenDigests, constant_time_equal, sha1_prefix, sha256};
pub use jwt::{
    BadJwtKey, BadKeyRing, DatedKey, JwtAlgorithm, JwtKey, KeyRing, MAX_TOKEN_LENGTH, RememberingRing, Said,
    SigningFailed, TokenRefused, UnknownAlgorithm,
};
pub use master::{BadMasterSecret, MasterSecret};
pub use password::{Argon2Cost, Scheme, scheme_of};
pub use pool::{HashPool, HashPoolSettings, HashPoolStats, Overloaded, Turn, Verdict, hashing};
pub use random::{Randomness, SeededRandomness, SystemRandomness};
pub use refresh::RefreshCodec;
pub use root::{Key32, RootSecret};
pub use seal::{Sealer, Unsealable};
pub use text::{Alphabet, hex, random_text};
pub use totp::{base32, new_totp_secret, otpauth_uri, totp_code, totp_step, totp_step_of};
