//! The memory that a hash fills, kept from one hash to the next.

#[cfg(not(all(target_os = "linux", not(miri))))]
#[path = "allocated.rs"]
mod storage;
#[cfg(all(target_os = "linux", not(miri)))]
#[path = "mapped.rs"]
mod storage;

use zeroize::Zeroize;

use crate::{Error, block::Block};
use storage::Storage;

/// Which pages a [`Memory`] asks the system for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// Huge ones (2 MiB on most processors) where the system has them and the memory is large enough for one,
    /// else ordinary ones. A hash reads all over its memory, so it saves looking for most of the addresses.
    Huge,
    /// Ordinary ones; here to be compared with.
    Ordinary,
}

/// Memory for hashes, one at a time. It takes no room until it is first used.
pub struct Memory {
    storage: Storage,
    /// So many blocks, from the first on, may not be zero.
    used: usize,
}

impl Memory {
    /// Memory of so many blocks of 1 KiB, in huge pages if there are any; [`Error::Exhausted`] if the system does
    /// not give that much.
    pub fn new(blocks: usize) -> Result<Self, Error> {
        Self::in_pages(blocks, Pages::Huge)
    }

    /// [`Memory::new`] in pages of the caller's choice.
    pub fn in_pages(blocks: usize, pages: Pages) -> Result<Self, Error> {
        let storage = Storage::new(blocks, pages).ok_or(Error::Exhausted)?;
        Ok(Self { storage, used: 0 })
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> usize {
        self.storage.len()
    }

    /// Whether it takes no room and holds nothing of a hash.
    pub fn is_resting(&self) -> bool {
        self.used == 0
    }

    /// Wipes what hashes left here, and gives the pages back to the system where it takes them. The next hash has
    /// to take them anew: it costs a third to a half more (measured at 19 MiB and two passes).
    pub fn rest(&mut self) {
        if !self.is_resting() {
            self.wipe();
            self.storage.give_back();
        }
    }

    /// The first so many blocks, with whatever is in them; `None` if there are fewer.
    pub(crate) fn lend(&mut self, blocks: usize) -> Option<&mut [Block]> {
        let lent = self.storage.blocks().get_mut(..blocks)?;
        self.used = self.used.max(blocks);
        Some(lent)
    }

    /// Overwrites with zeros what is used, in a way that is not optimised away.
    pub(crate) fn wipe(&mut self) {
        self.storage.blocks()[..self.used].zeroize();
        self.used = 0;
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Memory").field("blocks", &self.blocks()).finish_non_exhaustive()
    }
}
