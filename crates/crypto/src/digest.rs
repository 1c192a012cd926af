//! What the database keeps of a token: enough to recognise it, not enough to use it.

use std::fmt;

use aws_lc_rs::{constant_time, digest, hmac};

use crate::root::RootSecret;

/// Makes keyed digests of one-time tokens.
///
/// Keyed, because some tokens are short: without the root secret, a stolen database does not even allow
/// trying all six-digit codes.
pub struct TokenDigests(hmac::Key);

impl TokenDigests {
    /// The digests of this installation.
    pub fn new(root: &RootSecret) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, root.derive("token digests").as_bytes()))
    }

    /// The 32-byte HMAC-SHA256 of a token of one kind.
    ///
    /// A token presented as another kind has another digest: kind and token are each preceded by their
    /// length, so no two pairs read the same.
    pub fn digest(&self, kind: &str, token: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [kind, token] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.sign().as_ref().to_vec()
    }
}

impl fmt::Debug for TokenDigests {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenDigests(..)")
    }
}

/// The first eight bytes of a SHA-1 (FIPS 180-4), as a number: how lists of breached passwords name them. It
/// protects nothing.
pub fn sha1_prefix(bytes: &[u8]) -> u64 {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    hash.as_ref().iter().take(8).fold(0, |prefix, byte| prefix << 8 | u64::from(*byte))
}

/// The SHA-256 (FIPS 180-4), without a key.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
pub fn constant_time_equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandomness;
    use crate::text::hex;

    #[test]
    fn a_sha256_is_the_standards() {
        // FIPS 180-4, example of one block.
        assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    fn digests(seed: u64) -> TokenDigests {
        TokenDigests::new(&RootSecret::generate(&SeededRandomness::new(seed)))
    }

    #[test]
    fn the_same_token_has_the_same_digest() {
        assert_eq!(digests(1).digest("reset", "123456"), digests(1).digest("reset", "123456"));
        assert_eq!(digests(1).digest("reset", "123456").len(), 32);
    }

    #[test]
    fn kind_token_and_installation_all_count() {
        let digest = digests(1).digest("reset", "123456");
        assert_ne!(digest, digests(1).digest("reset", "123457"));
        assert_ne!(digest, digests(1).digest("confirm", "123456"));
        assert_ne!(digest, digests(2).digest("reset", "123456"));
    }

    #[test]
    fn the_border_between_kind_and_token_counts() {
        let digests = digests(1);
        assert_ne!(digests.digest("reset1", "23456"), digests.digest("reset", "123456"));
        assert_ne!(digests.digest("", "reset"), digests.digest("reset", ""));
    }

    #[test]
    fn a_sha1_begins_as_the_standard_says() {
        assert_eq!(sha1_prefix(b"abc"), 0xa999_3e36_4706_816a);
    }

    #[test]
    fn equality_is_of_all_bytes_and_the_length() {
        assert!(constant_time_equal(b"", b""));
        assert!(constant_time_equal(b"abc", b"abc"));
        for other in [&b"abd"[..], b"bbc", b"ab", b"abcd", b""] {
            assert!(!constant_time_equal(b"abc", other));
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", digests(1)), "TokenDigests(..)");
    }
}
