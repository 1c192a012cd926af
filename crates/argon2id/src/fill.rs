//! Filling the memory: which block is computed from which (RFC 9106, sections 3.2 and 3.4).

use std::thread;

use crate::{
    Kernel, Parameters, Variant,
    block::{Block, WORDS},
    kernel::{Mode, prefetch},
    parameters::SLICES,
};

/// How many blocks before its turn the place of a block is asked for. Measured: two to four are best.
const AHEAD: usize = 2;
/// So many blocks, half a millisecond, are computed before the thread asks whether another one wants its core. Linux may
/// let even a thread of higher priority wait for the next tick, which comes every 4 ms at 250 Hz. In quick runs of the
/// bench of two on two cores (2026-11-30), of checks beside a flood of sign-ins the slowest of a hundred took 4.2 ms
/// without this and 1.7 ms with it; as many sign-ins were served in the flood, a fifth fewer beside checks without one,
/// a quarter fewer beside a program that never rests on each core, and alone as many of what the hashes alone allow.
const TURN: usize = 4_096;

/// Computes every block but the first two of each lane, which are there already.
pub(crate) fn fill(kernel: Kernel, parameters: &Parameters, blocks: &mut [Block]) {
    for pass in 0..parameters.passes() {
        for slice in 0..SLICES {
            for lane in 0..parameters.lanes() {
                Segment { kernel, parameters, pass, slice, lane }.fill(blocks);
            }
        }
    }
}

/// One slice of one lane in one pass.
struct Segment<'a> {
    kernel: Kernel,
    parameters: &'a Parameters,
    pass: u32,
    slice: u32,
    lane: u32,
}

impl Segment<'_> {
    fn fill(&self, blocks: &mut [Block]) {
        let lane_blocks = self.parameters.lane_blocks();
        let lane_start = self.lane as usize * lane_blocks;
        let start = lane_start + self.slice as usize * self.parameters.segment_blocks();
        let first = if self.pass == 0 && self.slice == 0 { 2 } else { 0 };
        let mode = if self.pass == 0 { Mode::Replace } else { Mode::Add };
        let mut addresses = self.addresses();
        // Before the first block of a lane comes its last.
        let first_target = start + first;
        let mut previous =
            if first_target == lane_start { lane_start + lane_blocks - 1 } else { first_target - 1 };
        for index in first..self.parameters.segment_blocks() {
            let target = start + index;
            let reference = match &mut addresses {
                Some(addresses) => {
                    let reference = self.reference(index, addresses.at(index));
                    // What follows from the position is known early.
                    prefetch(&blocks[self.reference(index + 1, addresses.at(index + 1))]);
                    reference
                }
                None => self.reference(index, blocks[previous].0[0]),
            };
            if let Some(block) = blocks.get(target + AHEAD) {
                prefetch(block);
            }
            self.kernel.compress(blocks, previous, reference, target, mode);
            if target % TURN == TURN - 1 {
                thread::yield_now();
            }
            previous = target;
        }
    }

    /// The choices of this segment, if they follow from the position only.
    fn addresses(&self) -> Option<Addresses> {
        let by_position = match self.parameters.variant() {
            Variant::D => false,
            Variant::I => true,
            Variant::Id => self.pass == 0 && self.slice < SLICES / 2,
        };
        by_position.then(|| Addresses::new(self))
    }

    /// The block that the one at `index` of this segment is computed from, beside the one before it
    /// (RFC 9106, section 3.4.2).
    fn reference(&self, index: usize, choice: u64) -> usize {
        let (lane_blocks, segment_blocks) = (self.parameters.lane_blocks(), self.parameters.segment_blocks());
        let lanes = u64::from(self.parameters.lanes());
        let own = u64::from(self.lane);
        // In the first slice of all there is nothing in other lanes yet.
        let lane =
            if lanes == 1 || (self.pass == 0 && self.slice == 0) { own } else { (choice >> 32) % lanes };
        let slice = self.slice as usize;
        // What is finished: in the first pass everything before this slice, later the three other slices.
        let finished = if self.pass == 0 { slice * segment_blocks } else { lane_blocks - segment_blocks };
        // Of its own lane a block may read this slice too, but not the block before it; of other lanes it may
        // read all that is finished, the first block of a slice all but the last.
        let area = match (lane == own, index) {
            (true, _) => finished + index - 1,
            (false, 0) => finished - 1,
            (false, _) => finished,
        };
        let low = choice & u64::from(u32::MAX);
        let square = (low * low) >> 32;
        let back = (area as u64 * square) >> 32;
        let relative = area - 1 - back as usize;
        let begin = if self.pass == 0 { 0 } else { (slice + 1) * segment_blocks };
        let mut position = begin + relative;
        if position >= lane_blocks {
            position -= lane_blocks;
        }
        lane as usize * lane_blocks + position
    }
}

/// Choices by position: a counter through the block function twice gives 128 of them
/// (RFC 9106, section 3.4.1.2).
struct Addresses {
    kernel: Kernel,
    /// Zeros, the counter with what it is counted in, and the choices.
    blocks: [Block; 3],
    next: usize,
}

impl Addresses {
    const ZERO: usize = 0;
    const COUNTER: usize = 1;
    const CHOICES: usize = 2;

    fn new(segment: &Segment<'_>) -> Self {
        let parameters = segment.parameters;
        let mut blocks = [Block::ZERO; 3];
        blocks[Self::COUNTER].0[..6].copy_from_slice(&[
            u64::from(segment.pass),
            u64::from(segment.lane),
            u64::from(segment.slice),
            parameters.blocks() as u64,
            u64::from(parameters.passes()),
            parameters.variant() as u64,
        ]);
        Self { kernel: segment.kernel, blocks, next: 0 }
    }

    /// The choice for the block at `index` of the segment. To be asked for in order, each as often as liked until
    /// the next.
    fn at(&mut self, index: usize) -> u64 {
        if index >= self.next {
            self.next += WORDS;
            self.blocks[Self::COUNTER].0[6] += 1;
            let (zero, counter, choices) = (Self::ZERO, Self::COUNTER, Self::CHOICES);
            self.kernel.compress(&mut self.blocks, zero, counter, choices, Mode::Replace);
            self.kernel.compress(&mut self.blocks, zero, choices, choices, Mode::Replace);
        }
        self.blocks[Self::CHOICES].0[index % WORDS]
    }
}
