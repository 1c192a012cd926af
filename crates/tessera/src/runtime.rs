//! The threads that answer.

use std::io;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// How long a thread without work looks away while every core hashes. Whoever waits for what another thread does, for
/// the database or a hash, may then wait for as long again each time.
const PAUSE: Duration = Duration::from_micros(200);

/// The runtime of the program.
///
/// A thread that waits is woken by every request that comes. As long as every core hashes, each of them interrupts a
/// hash, and costs both what they had in the caches. Then a thread waits a moment before it waits for requests, and
/// finds all that have come meanwhile.
pub(crate) fn start() -> io::Result<Runtime> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let before_waiting = move || {
        if no_core_is_free(crypto::hashing(), cores) {
            thread::sleep(PAUSE);
        }
    };
    Builder::new_multi_thread().enable_all().on_thread_park(before_waiting).build()
}

const fn no_core_is_free(hashing: usize, cores: usize) -> bool {
    hashing >= cores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_that_does_not_hash_is_free_for_requests() {
        assert_eq!([0, 1, 2, 3].map(|hashing| no_core_is_free(hashing, 2)), [false, false, true, true]);
    }
}
