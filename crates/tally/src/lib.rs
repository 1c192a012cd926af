//! Counts and histograms that cost one or two unordered additions to keep, and know no format.
//!
//! Whoever does something keeps them beside what it does and lets them be read; how they are called and written for
//! somebody's monitoring is the affair of the binary alone.

mod histogram;

pub use histogram::{Distribution, Histogram};

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub fn one(&self) {
        self.more(1);
    }

    /// So many more.
    pub fn more(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    /// How many there were.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
