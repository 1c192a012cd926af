//! What good tokens said, so that one that is shown again costs a hash and a look instead of a signature check and
//! being read.

use std::{fmt, ops::Deref, sync::Arc};

use quick_cache::sync::Cache;
use serde::de::DeserializeOwned;

use super::{
    compact::{MAX_TOKEN_LENGTH, Validity},
    ring::{KeyRing, TokenRefused},
};
use crate::sha256;

/// Tokens remembered at most by one ring; about 0.3 KiB each, and none before they are shown.
const TOKENS: usize = 50_000;

/// A token by all its bytes: their SHA-256, never cut short. Whoever may choose part of what is signed, such as a name,
/// could look beforehand for two texts of one digest, have one of them signed and show the other. Among 256 bits that
/// takes 2^128 tries, among 128 bits 2^64.
type Name = [u8; 32];

/// A key ring that remembers what tokens said which it found good. That a token was signed, and what it says, can
/// never change; whether its time has come or is over is judged anew each time.
///
/// The memory is this ring's own: where keys change, another ring takes its place, which begins with none.
pub struct RememberingRing<T> {
    ring: KeyRing,
    remembered: Cache<Name, Arc<Said<T>>>,
}

/// What a good token says.
#[derive(Debug, PartialEq, Eq)]
pub struct Said<T> {
    pub(super) validity: Validity,
    pub(super) claims: T,
}

impl<T> Deref for Said<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.claims
    }
}

impl<T> RememberingRing<T> {
    /// The ring, and nothing remembered yet.
    pub fn new(ring: KeyRing) -> Self {
        Self::of_at_most(TOKENS, ring)
    }

    pub(super) fn of_at_most(tokens: usize, ring: KeyRing) -> Self {
        Self { ring, remembered: Cache::new(tokens) }
    }

    /// The keys.
    pub fn keys(&self) -> &KeyRing {
        &self.ring
    }

    /// How many tokens are remembered.
    pub(super) fn len(&self) -> usize {
        self.remembered.len()
    }
}

impl<T: DeserializeOwned> RememberingRing<T> {
    /// As [`KeyRing::verify`].
    pub fn verify(&self, token: &str, now_seconds: i64) -> Result<Arc<Said<T>>, TokenRefused> {
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(TokenRefused::Malformed);
        }
        let name = sha256(token.as_bytes());
        if let Some(said) = self.remembered.get(&name) {
            said.validity.check(now_seconds)?;
            return Ok(said);
        }
        let said = Arc::new(self.ring.read(token, now_seconds)?);
        self.remembered.insert(name, Arc::clone(&said));
        Ok(said)
    }
}

impl<T> fmt::Debug for RememberingRing<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ring, remembered: _ } = self;
        formatter
            .debug_struct("RememberingRing")
            .field("ring", ring)
            .field("remembered", &self.len())
            .finish()
    }
}
