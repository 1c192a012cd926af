//! The threads that answer.

use std::io;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// How long a thread without work looks away while every core hashes. Measured on two cores that the client shares,
/// with 25,000 checks a second in a flood of sign-ins: two fifths more sign-ins are served, half of the checks take
/// 0.2 ms longer, and the slowest of a hundred as long as before.
const PAUSE: Duration = Duration::from_micros(200);

/// The runtime of the program.
///
/// A thread that waits is woken for every request that comes, which interrupts a hash on a core that has no other
/// work, and costs both what they had in the caches. As long as every core hashes, it therefore waits a moment before it
/// waits for requests, and finds all that came meanwhile.
pub(crate) fn start() -> io::Result<Runtime> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let before_waiting = move || {
        if crypto::hashing() >= cores {
            thread::sleep(PAUSE);
        }
    };
    Builder::new_multi_thread().enable_all().on_thread_park(before_waiting).build()
}
