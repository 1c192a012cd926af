//! Randomness that can be held up, to stop a hash in the middle of a verb.

use std::sync::{Condvar, Mutex};

use crypto::{Randomness, SeededRandomness};

/// The hash pool's source of salts. While it is shut, a new hash begins but does not go on; since the pool
/// has threads to spare for nobody else, everything behind it waits too.
pub(crate) struct Gate {
    source: SeededRandomness,
    shut: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    /// An open one.
    pub(crate) fn new(seed: u64) -> Self {
        Self { source: SeededRandomness::new(seed), shut: Mutex::new(false), opened: Condvar::new() }
    }

    /// Holds up every hash that begins from now on.
    pub(crate) fn shut(&self) {
        *self.shut.lock().unwrap() = true;
    }

    /// Lets all of them go on.
    pub(crate) fn open(&self) {
        *self.shut.lock().unwrap() = false;
        self.opened.notify_all();
    }
}

impl Randomness for Gate {
    fn fill(&self, bytes: &mut [u8]) {
        let shut = self.shut.lock().unwrap();
        drop(self.opened.wait_while(shut, |shut| *shut).unwrap());
        self.source.fill(bytes);
    }
}
