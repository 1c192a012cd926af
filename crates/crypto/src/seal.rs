//! Secrets that rest in the database: readable only with the key that sealed them, and only where they belong.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::{
    fatal,
    random::Randomness,
    root::{Key32, RootSecret},
};

/// The first byte of everything sealed in this way; another way would take another number.
const VERSION: u8 = 1;

/// What comes before the ciphertext: version and nonce.
const HEADER: usize = 1 + NONCE_LEN;

/// Encrypts small secrets (signing keys, second-factor secrets) with AES-256-GCM.
///
/// Sealed bytes are `version (1) | nonce (12) | ciphertext | tag (16)`. The context is authenticated but not
/// stored: it names the row and column the secret belongs to, so that one row's secret cannot be moved to
/// another. Nonces are random, which is safe up to some 2^32 seals under one key.
pub struct Sealer(LessSafeKey);

/// Sealed bytes that do not open: damaged, moved, or sealed under another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed secret does not open: it is damaged, in the wrong place, or sealed under another key")]
pub struct Unsealable;

impl Sealer {
    /// The sealer of this installation.
    pub fn new(root: &RootSecret) -> Self {
        Self::with(&root.derive("sealed secrets"))
    }

    /// A sealer with a key of its own.
    pub(crate) fn with(key: &Key32) -> Self {
        match UnboundKey::new(&AES_256_GCM, key.as_bytes()) {
            Ok(key) => Self(LessSafeKey::new(key)),
            Err(_) => fatal::abort("AES-256-GCM takes no 32-byte key"),
        }
    }

    /// Encrypts `plain` so that only [`Sealer::open`] with the same `context` gives it back.
    pub fn seal(&self, randomness: &dyn Randomness, context: &str, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        randomness.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(HEADER + plain.len() + AES_256_GCM.tag_len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        // Encrypted where it lies, so that the plain bytes are in no other buffer.
        let nonce = Nonce::assume_unique_for_key(nonce);
        match self.0.seal_in_place_separate_tag(nonce, authenticated(context), &mut sealed[HEADER..]) {
            Ok(tag) => sealed.extend_from_slice(tag.as_ref()),
            Err(_) => fatal::abort("AES-256-GCM does not encrypt"),
        }
        sealed
    }

    /// Gives back what was sealed with this `context`.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (header, ciphertext) = sealed.split_at_checked(HEADER).ok_or(Unsealable)?;
        let [VERSION, nonce @ ..] = header else { return Err(Unsealable) };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable)?;
        let mut plain = ciphertext.to_vec();
        let length =
            self.0.open_in_place(nonce, authenticated(context), &mut plain).map_err(|_| Unsealable)?.len();
        plain.truncate(length);
        Ok(plain)
    }
}

/// The data authenticated beside the ciphertext: the version and the context.
fn authenticated(context: &str) -> Aad<Vec<u8>> {
    Aad::from([&[VERSION], context.as_bytes()].concat())
}

impl fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sealer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandomness;

    fn sealer(seed: u64) -> Sealer {
        Sealer::new(&RootSecret::generate(&SeededRandomness::new(seed)))
    }

    #[test]
    fn what_was_sealed_opens_again() {
        let randomness = SeededRandomness::new(9);
        for plain in [&b""[..], b"x", &[0; 1_000]] {
            let sealed = sealer(1).seal(&randomness, "totp/1", plain);
            assert_eq!(sealed.len(), plain.len() + 29);
            assert_eq!(sealer(1).open("totp/1", &sealed).unwrap(), plain);
        }
    }

    #[test]
    fn sealing_twice_never_looks_the_same() {
        let randomness = SeededRandomness::new(9);
        let sealed = sealer(1).seal(&randomness, "a", b"secret secret secret");
        assert_ne!(sealed, sealer(1).seal(&randomness, "a", b"secret secret secret"));
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn another_place_or_another_root_secret_does_not_open_it() {
        let sealed = sealer(1).seal(&SeededRandomness::new(9), "totp/1", b"secret");
        assert_eq!(sealer(1).open("totp/2", &sealed), Err(Unsealable));
        assert_eq!(sealer(1).open("", &sealed), Err(Unsealable));
        assert_eq!(sealer(2).open("totp/1", &sealed), Err(Unsealable));
    }

    #[test]
    fn every_flipped_bit_and_every_other_length_is_noticed() {
        let sealed = sealer(1).seal(&SeededRandomness::new(9), "totp/1", b"secret");
        for bit in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(sealer(1).open("totp/1", &damaged), Err(Unsealable), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(sealer(1).open("totp/1", &sealed[..length]), Err(Unsealable), "length {length}");
        }
        assert_eq!(sealer(1).open("totp/1", &[&sealed[..], &[0]].concat()), Err(Unsealable));
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", sealer(1)), "Sealer(..)");
    }
}
