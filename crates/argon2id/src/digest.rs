//! BLAKE2b around the blocks: what goes in at the beginning, and what comes out at the end.

use blake2::{
    Blake2bVarCore,
    digest::{
        block_api::{UpdateCore, VariableOutputCore},
        block_buffer::LazyBuffer,
    },
};
use zeroize::Zeroizing;

use crate::{Error, Input, Parameters};

/// Version 1.3, the only one this crate computes.
const VERSION: u32 = 0x13;
/// The longest output of BLAKE2b.
const LONGEST: usize = 64;

const SHORTEST_SALT: usize = 8;
const SHORTEST_TAG: usize = 4;

/// H0: everything that the hash depends on (RFC 9106, section 3.2, step 1).
pub(crate) fn seed(
    parameters: &Parameters,
    input: &Input<'_>,
    tag_length: usize,
) -> Result<Zeroizing<[u8; LONGEST]>, Error> {
    if input.salt.len() < SHORTEST_SALT {
        return Err(Error::Input);
    }
    if tag_length < SHORTEST_TAG {
        return Err(Error::Tag);
    }
    let tag_length = length(tag_length).ok_or(Error::Tag)?;
    let part = |bytes: &[u8]| length(bytes.len()).ok_or(Error::Input);
    let mut seed = Zeroizing::new([0; LONGEST]);
    let parts: [&[u8]; 14] = [
        &parameters.lanes().to_le_bytes(),
        &tag_length,
        &parameters.memory_kib().to_le_bytes(),
        &parameters.passes().to_le_bytes(),
        &VERSION.to_le_bytes(),
        &(parameters.variant() as u32).to_le_bytes(),
        &part(input.password)?,
        input.password,
        &part(input.salt)?,
        input.salt,
        &part(input.secret)?,
        input.secret,
        &part(input.associated)?,
        input.associated,
    ];
    blake2b(&parts, &mut *seed)?;
    Ok(seed)
}

/// H': fills `output`, of whatever length, from `parts` (RFC 9106, section 3.3).
pub(crate) fn stretch(parts: &[&[u8]], output: &mut [u8]) -> Result<(), Error> {
    let length = length(output.len()).ok_or(Error::Tag)?;
    let parts = [&[&length[..]], parts].concat();
    if output.len() <= LONGEST {
        return blake2b(&parts, output);
    }
    // Each digest is the input of the next; all but the last give their first half.
    let mut link = Zeroizing::new([0; LONGEST]);
    blake2b(&parts, &mut *link)?;
    let mut rest = output;
    loop {
        let (half, others) = rest.split_at_mut(LONGEST / 2);
        half.copy_from_slice(&link[..LONGEST / 2]);
        rest = others;
        let previous = link.clone();
        if rest.len() <= LONGEST {
            return blake2b(&[&*previous], rest);
        }
        blake2b(&[&*previous], &mut *link)?;
    }
}

/// A length as it is hashed: 32 bits, little-endian.
fn length(bytes: usize) -> Option<[u8; 4]> {
    u32::try_from(bytes).ok().map(u32::to_le_bytes)
}

/// BLAKE2b of the parts one after the other, to an output of 1 to 64 bytes.
fn blake2b(parts: &[&[u8]], output: &mut [u8]) -> Result<(), Error> {
    let mut core = Blake2bVarCore::new(output.len()).map_err(|_| Error::Tag)?;
    let mut buffer = LazyBuffer::default();
    for part in parts {
        buffer.digest_blocks(part, |blocks| core.update_blocks(blocks));
    }
    let mut full = Zeroizing::new([0; LONGEST]);
    core.finalize_variable_core(&mut buffer, (&mut *full).into());
    output.copy_from_slice(&full[..output.len()]);
    Ok(())
}
