//! Doing something at a fixed rate.

use std::thread;
use std::time::{Duration, Instant};

/// When the next time is due.
pub(crate) struct Pace {
    each: Duration,
    next: Instant,
}

impl Pace {
    /// Now, and then once in each such time.
    pub(crate) fn of(each: Duration) -> Self {
        Self { each, next: Instant::now() }
    }

    /// Waits until it is due. Whoever is late does not hurry afterwards.
    pub(crate) fn wait(&mut self) {
        let now = Instant::now();
        thread::sleep(self.next.saturating_duration_since(now));
        self.next = self.next.max(now) + self.each;
    }
}
