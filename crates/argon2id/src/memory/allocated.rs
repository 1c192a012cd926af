//! Memory from the allocator, where there is no better way to it.

use super::Pages;
use crate::block::Block;

/// Blocks of zeros at first.
pub(super) struct Storage(Vec<Block>);

impl Storage {
    /// `None` if there is not that much memory.
    pub(super) fn new(blocks: usize, _pages: Pages) -> Option<Self> {
        let mut memory = Vec::new();
        memory.try_reserve_exact(blocks).ok()?;
        memory.resize(blocks, Block::ZERO);
        Some(Self(memory))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn blocks(&mut self) -> &mut [Block] {
        &mut self.0
    }

    /// The allocator has no way to take pages and leave the addresses.
    pub(super) fn give_back(&mut self) {}
}
