//! Where random bytes come from.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest;

use crate::fatal;

/// A source of random bytes. Injected everywhere, so that tests can repeat themselves.
pub trait Randomness: Send + Sync {
    /// Overwrites all of `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's random source; the one to use outside tests.
///
/// If the operating system has no entropy to give, the process is aborted: nothing this server does is safe
/// without it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(clippy::disallowed_methods, reason = "the one place where randomness enters the process")]
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            fatal::abort("no entropy from the operating system");
        }
    }
}

/// The same bytes for the same seed, for tests only: whoever knows the seed knows every byte.
#[derive(Debug)]
pub struct SeededRandomness {
    seed: u64,
    next_block: AtomicU64,
}

impl SeededRandomness {
    /// A source whose bytes depend on `seed` and on what was drawn before.
    pub fn new(seed: u64) -> Self {
        Self { seed, next_block: AtomicU64::new(0) }
    }
}

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(digest::SHA256_OUTPUT_LEN) {
            let block = self.next_block.fetch_add(1, Ordering::Relaxed);
            let mut input = [0; 16];
            input[..8].copy_from_slice(&self.seed.to_be_bytes());
            input[8..].copy_from_slice(&block.to_be_bytes());
            let output = digest::digest(&digest::SHA256, &input);
            chunk.copy_from_slice(&output.as_ref()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(randomness: &dyn Randomness, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        randomness.fill(&mut bytes);
        bytes
    }

    #[test]
    fn the_system_never_repeats_itself() {
        assert_ne!(draw(&SystemRandomness, 32), draw(&SystemRandomness, 32));
    }

    #[test]
    fn a_seed_repeats_itself_but_not_within_a_run() {
        let (one, same, other) =
            (SeededRandomness::new(7), SeededRandomness::new(7), SeededRandomness::new(8));
        let first = draw(&one, 70);
        assert_eq!(first, draw(&same, 70));
        assert_ne!(first, draw(&one, 70));
        assert_ne!(first, draw(&other, 70));
        assert_ne!(first[..32], first[32..64]);
    }
}
