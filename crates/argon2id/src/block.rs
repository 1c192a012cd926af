//! The unit of memory.

use zeroize::{DefaultIsZeroes, Zeroizing};

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 1024;
/// Words of a block.
pub(crate) const WORDS: usize = BLOCK_BYTES / 8;

/// 1 KiB of memory: 128 words, at the start of a cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Block(pub(crate) [u64; WORDS]);

impl Block {
    pub(crate) const ZERO: Self = Self([0; WORDS]);

    /// Takes the words from their bytes, in little-endian order.
    pub(crate) fn read(&mut self, bytes: &[u8; BLOCK_BYTES]) {
        for (word, bytes) in self.0.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
    }

    /// The bytes of the words, in little-endian order.
    pub(crate) fn bytes(&self) -> Zeroizing<[u8; BLOCK_BYTES]> {
        let mut bytes = Zeroizing::new([0; BLOCK_BYTES]);
        for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(&self.0) {
            *bytes = word.to_le_bytes();
        }
        bytes
    }

    pub(crate) fn xor(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word ^= other;
        }
    }
}

impl Default for Block {
    fn default() -> Self {
        Self::ZERO
    }
}

impl DefaultIsZeroes for Block {}
