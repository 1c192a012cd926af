//! What went through a database since it was opened.

use std::time::Duration;

use tally::{Count, Histogram};

use crate::{Commits, Stats};

/// Counted by whoever writes, shared with the handle.
#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) batches: Count,
    pub(crate) retries: Count,
    sizes: Histogram,
    times: Histogram,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            batches: Count::default(),
            retries: Count::default(),
            sizes: Histogram::of_sizes(),
            times: Histogram::of_times(),
        }
    }
}

impl Counters {
    /// So many batches were refused and nothing else was in their transaction: there was nothing to commit.
    pub(crate) fn refused(&self, batches: usize) {
        self.batches.more(u64::try_from(batches).unwrap_or(u64::MAX));
    }

    /// A transaction with so many batches was committed.
    pub(crate) fn committed(&self, batches: usize, took: Duration) {
        let batches = u64::try_from(batches).unwrap_or(u64::MAX);
        self.batches.more(batches);
        self.sizes.saw(batches);
        self.times.took(took);
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            commits: self.sizes.read().total(),
            batches: self.batches.get(),
            retries: self.retries.get(),
            ..Stats::default()
        }
    }

    pub(crate) fn commits(&self) -> Commits {
        Commits { batches: self.sizes.read(), micros: self.times.read() }
    }
}
