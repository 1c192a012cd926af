//! How many threads hash right now.

use std::sync::atomic::{AtomicUsize, Ordering};

static HASHING: Busy = Busy::new();

/// Threads of this process that are hashing a password right now, of all pools.
#[must_use]
pub fn hashing() -> usize {
    HASHING.0.load(Ordering::Relaxed)
}

/// Counts the calling thread among them until what is answered is dropped, also by a panic.
pub(super) fn begin() -> Turn<'static> {
    HASHING.begin()
}

struct Busy(AtomicUsize);

pub(super) struct Turn<'a>(&'a Busy);

impl Busy {
    const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    fn begin(&self) -> Turn<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn a_turn_counts_until_it_ends_in_whatever_way() {
        static BUSY: Busy = Busy::new();
        let count = || BUSY.0.load(Ordering::Relaxed);
        let turn = BUSY.begin();
        let broken = catch_unwind(|| {
            let _turn = BUSY.begin();
            std::panic::panic_any(count());
        });
        assert_eq!(broken.unwrap_err().downcast_ref(), Some(&2_usize));
        assert_eq!(count(), 1);
        drop(turn);
        assert_eq!(count(), 0);
    }
}
