//! Memory straight from Linux: in huge pages, out of core dumps, and given back when it rests.

#![expect(unsafe_code, reason = "the compiler knows nothing of mappings")]

use std::{ffi::c_void, ptr::null_mut};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

use super::Pages;
use crate::block::{BLOCK_BYTES, Block};

/// A huge page on most processors. Where it is larger, the system uses ordinary pages.
const HUGE: usize = 2 << 20;

/// A private mapping, zeros at first, that nobody else knows.
pub(super) struct Storage {
    mapping: *mut c_void,
    /// Bytes of the mapping.
    mapped: usize,
    /// Where the blocks start: at a huge page, if there is room for one.
    start: *mut c_void,
    /// How many there are.
    count: usize,
}

// SAFETY: the mapping belongs to this value alone, and belongs to no thread.
unsafe impl Send for Storage {}

impl Storage {
    /// `None` if the system does not give that much.
    pub(super) fn new(blocks: usize, pages: Pages) -> Option<Self> {
        let bytes = blocks.max(1).checked_mul(BLOCK_BYTES)?;
        let huge = pages == Pages::Huge && bytes >= HUGE;
        // Room to start at a huge page and to end with a whole one.
        let mapped = if huge { bytes.checked_next_multiple_of(HUGE)?.checked_add(HUGE)? } else { bytes };
        if isize::try_from(mapped).is_err() {
            return None;
        }
        // SAFETY: without an address to be at, a new mapping touches no other.
        let mapping = unsafe {
            mmap_anonymous(null_mut(), mapped, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
        };
        let mapping = mapping.ok()?;
        let skipped = if huge { mapping.addr().wrapping_neg() % HUGE } else { 0 };
        let start = mapping.wrapping_byte_add(skipped);
        let mut storage = Self { mapping, mapped, start, count: blocks };
        storage.advise(Advice::LinuxDontDump);
        storage.advise(if huge { Advice::LinuxHugepage } else { Advice::LinuxNoHugepage });
        Some(storage)
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn blocks(&mut self) -> &mut [Block] {
        // SAFETY: so many blocks lie in the mapping from `start` on, which is at a page and thus aligned. They are
        // initialised, by the system with zeros if not by us, and every pattern of bits is a block. The mapping
        // lives as long as `self`, is no larger than `isize::MAX`, and is reached through `&mut self` only.
        unsafe { std::slice::from_raw_parts_mut(self.start.cast(), self.count) }
    }

    /// The pages go back to the system. Blocks are zeros again.
    pub(super) fn give_back(&mut self) {
        self.advise(Advice::LinuxDontNeed);
    }

    /// Tells the system about the mapping. It may not listen; the blocks work all the same.
    fn advise(&mut self, advice: Advice) {
        // SAFETY: all of it is ours. The advice given in this file moves and unmaps nothing, and where it changes
        // contents, it does so to zeros, while nobody borrows the blocks.
        let _unheard = unsafe { madvise(self.mapping, self.mapped, advice) };
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        // SAFETY: it is ours, and with `self` goes the last who could reach it.
        let _kept = unsafe { munmap(self.mapping, self.mapped) };
    }
}
