//! Argon2 (RFC 9106), which makes guessing passwords expensive, as fast as this processor can compute it.
//!
//! The one way in is [`hash`]: it takes checked [`Parameters`], the [`Input`], and [`Memory`] that the caller
//! keeps from one hash to the next. How a new processor is served:
//! - a file in `kernel/` with its block function, marked with the `target_feature` it needs;
//! - a variant of `kernel::Instructions`, with its lines in `Kernel::available` and `Kernel::compress`.
//!
//! The tests compare every kernel that the processor has with an independent implementation, and so does
//! `fuzz/fuzz_targets/argon2id.rs`. `cargo +nightly miri test -p argon2id` checks what runs on any processor.
//! `examples/compare.rs` measures.
//!
//! Whoever sees the memory of a hash can guess its password more cheaply. So [`Memory`] leaves itself out of core
//! dumps and is wiped when it is rested or dropped; smaller buffers are wiped before [`hash`] returns. What the
//! compiler leaves in registers and on the stack is not.
//!
//! Lanes are computed one after the other on the calling thread. Comparing with a stored tag in constant time is
//! the caller's.

mod block;
mod digest;
mod fill;
mod kernel;
mod memory;
mod parameters;

#[cfg(test)]
mod tests;

pub use block::BLOCK_BYTES;
pub use kernel::Kernel;
pub use memory::{Memory, Pages};
pub use parameters::{Parameters, Variant};

use block::Block;
use zeroize::Zeroizing;

/// What is hashed.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The password: up to 2^32 - 1 bytes, as everything here.
    pub password: &'a [u8],
    /// At least 8 bytes, different for every password.
    pub salt: &'a [u8],
    /// A key that is not stored with the tags; may be empty.
    pub secret: &'a [u8],
    /// What else the tag shall depend on; may be empty.
    pub associated: &'a [u8],
}

impl<'a> Input<'a> {
    /// A password with its salt and nothing else.
    pub fn new(password: &'a [u8], salt: &'a [u8]) -> Self {
        Self { password, salt, secret: &[], associated: &[] }
    }
}

/// Why there is no tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The parameters are not those of RFC 9106, section 3.1.
    #[error("there are 1 to 2^24 - 1 lanes, 8 KiB for each at least, and at least one pass")]
    Parameters,
    /// The tag would be too short or too long.
    #[error("a tag has 4 to 2^32 - 1 bytes")]
    Tag,
    /// The salt is too short, or it or another part of the input too long.
    #[error("a salt has at least 8 bytes, and nothing has more than 2^32 - 1")]
    Input,
    /// The memory has fewer blocks than the parameters ask for.
    #[error("the memory is smaller than the parameters ask for")]
    Memory,
    /// The system gives no more memory.
    #[error("the system gives no more memory")]
    Exhausted,
}

/// Fills `tag` with the hash of `input`, computed by the fastest kernel this processor has.
///
/// `memory` may have served other hashes before, and may have more blocks than [`Parameters::blocks`]; with fewer
/// there is [`Error::Memory`]. A tag or an input of a length that RFC 9106 does not allow is [`Error::Tag`] or
/// [`Error::Input`]. Then nothing was computed and `tag` is as it was.
pub fn hash(
    parameters: &Parameters,
    input: &Input<'_>,
    memory: &mut Memory,
    tag: &mut [u8],
) -> Result<(), Error> {
    hash_by(Kernel::fastest(), parameters, input, memory, tag)
}

/// [`hash`], by a kernel of the caller's choice. All of them compute the same.
pub fn hash_by(
    kernel: Kernel,
    parameters: &Parameters,
    input: &Input<'_>,
    memory: &mut Memory,
    tag: &mut [u8],
) -> Result<(), Error> {
    let seed = digest::seed(parameters, input, tag.len())?;
    let blocks = memory.lend(parameters.blocks()).ok_or(Error::Memory)?;
    for (number, lane) in (0u32..).zip(blocks.chunks_exact_mut(parameters.lane_blocks())) {
        for (column, block) in (0u32..).zip(lane.iter_mut().take(2)) {
            let mut bytes = Zeroizing::new([0; BLOCK_BYTES]);
            let parts: [&[u8]; 3] = [&*seed, &column.to_le_bytes(), &number.to_le_bytes()];
            digest::stretch(&parts, &mut *bytes)?;
            block.read(&bytes);
        }
    }
    fill::fill(kernel, parameters, blocks);
    let mut last = Zeroizing::new(Block::ZERO);
    for block in blocks.chunks_exact(parameters.lane_blocks()).filter_map(<[Block]>::last) {
        last.xor(block);
    }
    digest::stretch(&[&*last.bytes()], tag)
}
