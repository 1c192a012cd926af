//! One thread that hashes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use defects::{Defect, seeded};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Verdict,
    queue::{Next, Queue, Work},
};
use crate::{
    password::{Hasher, SALT, Verification},
    random::Randomness,
};

/// How much lower than the rest of the process a hashing thread's priority is. Measured: cheap requests
/// beside saturated hashing have a fourth of the latency (99th percentile), and as many hashes are done.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// How long a thread keeps the memory of its last hash in case of another. Then it wipes the memory, so that what
/// would help to guess that password is gone, and gives it back to the system.
pub(super) const REST_AFTER: Duration = Duration::from_secs(10);

/// What the mistake of that name leaves behind of each hash.
const KEPT: usize = 1 << 20;

static HASHING: AtomicUsize = AtomicUsize::new(0);

/// Threads of this process that are hashing a password right now, of all pools.
#[must_use]
pub fn hashing() -> usize {
    HASHING.load(Ordering::Relaxed)
}

/// What one thread works with.
pub(super) struct Worker {
    pub(super) hasher: Hasher,
    /// What is compared when there is nothing to compare with.
    pub(super) decoy: Arc<str>,
    pub(super) randomness: Arc<dyn Randomness>,
    /// See [`REST_AFTER`].
    pub(super) rest_after: Duration,
}

impl Worker {
    /// Takes work until the queue is closed.
    pub(super) fn run(mut self, queue: &Queue) {
        lower_priority();
        while self.step(queue) {}
    }

    /// Waits for work and does it, or rests if none comes; false once the queue is closed.
    pub(super) fn step(&mut self, queue: &Queue) -> bool {
        let patience = if self.hasher.is_resting() { None } else { Some(self.rest_after) };
        match queue.next(patience) {
            Next::Work(Work::Hash { password, answer }) => {
                let hash = self.turn(queue, |worker| worker.hash(&password));
                // Who asked may have gone away meanwhile, here and below.
                let _gone = hash.map(|hash| answer.send(hash));
            }
            Next::Work(Work::Verify { stored, password, answer }) => {
                let verdict = self.turn(queue, |worker| worker.verify(stored.as_deref(), &password));
                let _gone = verdict.map(|verdict| answer.send(verdict));
            }
            Next::Rest => self.hasher.rest(),
            Next::End => return false,
        }
        true
    }

    /// Does one piece of work and reports it. `None` if it could not be done.
    ///
    /// A panic in it (a defect in a hash function, met with a strange stored string) costs that caller its
    /// answer; it must not cost the pool a thread.
    fn turn<T>(&mut self, queue: &Queue, work: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let started = Instant::now();
        HASHING.fetch_add(1, Ordering::Relaxed);
        let done = catch_unwind(AssertUnwindSafe(|| work(self)));
        HASHING.fetch_sub(1, Ordering::Relaxed);
        queue.finished(started.elapsed(), self.hasher.take_computed());
        if seeded(Defect::HashMemoryKept) {
            // Seen by somebody, else the compiler leaves it out.
            std::mem::forget(std::hint::black_box(vec![1_u8; KEPT]));
        }
        match done {
            Ok(Some(done)) => Some(done),
            Ok(None) => {
                tracing::error!("no memory to hash a password");
                None
            }
            Err(_) => {
                tracing::error!("hashing a password panicked");
                None
            }
        }
    }

    /// A new hash.
    fn hash(&mut self, password: &SecretString) -> Option<String> {
        let mut salt = [0; SALT];
        self.randomness.fill(&mut salt);
        self.hasher.hash(password.expose_secret().as_bytes(), &salt).ok()
    }

    /// Compares with what is stored, or else with the decoy: the same work, whether or not there is a
    /// password.
    fn verify(&mut self, stored: Option<&str>, password: &SecretString) -> Option<Verdict> {
        let password = password.expose_secret().as_bytes();
        if let Some(stored) = stored {
            match self.hasher.verify(stored, password).ok()? {
                Verification::Right { outdated } => return Some(Verdict::Right { outdated }),
                Verification::Wrong => return Some(Verdict::Wrong),
                Verification::Unusable => {
                    tracing::warn!("a stored password is damaged or of an unknown scheme");
                }
            }
        }
        self.hasher.verify(&self.decoy, password).ok()?;
        Some(Verdict::Wrong)
    }
}

/// Lowers the priority of the calling thread. Where that is not possible, hashing works all the same.
fn lower_priority() {
    // Only on Linux does this concern one thread; elsewhere it would slow the whole process.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "the priority of a hashing thread stays as it is");
    }
}
