//! What a hash costs, checked once.

use crate::Error;

/// The variants of Argon2 differ in how they choose the blocks they read (RFC 9106, section 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// By what was computed before: best against guessing on special hardware, open to side channels.
    D = 0,
    /// By position only.
    I = 1,
    /// By position in the first half of the first pass, then by what was computed before. The one for passwords.
    Id = 2,
}

/// The blocks of a lane are computed in this many slices; a block reads other lanes in finished slices only.
pub(crate) const SLICES: u32 = 4;

/// The cost of a hash. Values of this type keep to RFC 9106, section 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    variant: Variant,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    segment: usize,
}

impl Parameters {
    /// Argon2id over so many KiB of memory, so many times, in so many lanes: 1 to 2^24 - 1 lanes, 8 KiB for each at
    /// least, one pass at least; else [`Error::Parameters`].
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, Error> {
        let sound = (1..1 << 24).contains(&lanes) && memory_kib / 8 >= lanes && passes >= 1;
        if !sound {
            return Err(Error::Parameters);
        }
        // A slice of a lane, in blocks. What does not divide evenly is left unused (RFC 9106, section 3.2).
        let segment = usize::try_from(memory_kib / (SLICES * lanes)).map_err(|_| Error::Parameters)?;
        Ok(Self { variant: Variant::Id, memory_kib, passes, lanes, segment })
    }

    /// The same cost for another variant.
    pub fn with_variant(self, variant: Variant) -> Self {
        Self { variant, ..self }
    }

    /// Blocks of 1 KiB that a [`Memory`](crate::Memory) needs for it.
    pub fn blocks(&self) -> usize {
        self.lane_blocks() * self.lanes as usize
    }

    pub(crate) fn variant(&self) -> Variant {
        self.variant
    }

    pub(crate) fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    pub(crate) fn passes(&self) -> u32 {
        self.passes
    }

    pub(crate) fn lanes(&self) -> u32 {
        self.lanes
    }

    pub(crate) fn lane_blocks(&self) -> usize {
        self.segment * SLICES as usize
    }

    pub(crate) fn segment_blocks(&self) -> usize {
        self.segment
    }
}
