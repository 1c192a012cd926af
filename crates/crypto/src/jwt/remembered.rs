//! Signatures that were found good, so that a token that is shown again costs a hash instead of a signature check.

use std::fmt;

use quick_cache::sync::Cache;

use crate::sha256;

/// Tokens remembered at most by one ring; about 0.1 KiB each, and none before they are shown.
const TOKENS: usize = 50_000;

/// A token by all its bytes: their SHA-256, never cut short. Whoever may choose part of what is signed, such as a name,
/// could look beforehand for two texts of one digest, have one of them signed and show the other. Among 256 bits that
/// takes 2^128 tries, among 128 bits 2^64.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Name([u8; 32]);

impl Name {
    /// Of a whole token, as it was shown.
    pub(super) fn of(token: &str) -> Self {
        Self(sha256(token.as_bytes()))
    }
}

/// The tokens of which a key of one ring is known to have made the signature. Nothing else about them is remembered:
/// what they say is read and judged anew each time. A ring whose keys change is another ring, which begins with none.
pub(super) struct Remembered(Cache<Name, ()>);

impl Remembered {
    pub(super) fn none() -> Self {
        Self::at_most(TOKENS)
    }

    pub(super) fn at_most(tokens: usize) -> Self {
        Self(Cache::new(tokens))
    }

    pub(super) fn knows(&self, token: Name) -> bool {
        self.0.get(&token).is_some()
    }

    /// To be called once the signature was checked.
    pub(super) fn keep(&self, token: Name) {
        self.0.insert(token, ());
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for Remembered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Remembered({})", self.len())
    }
}
