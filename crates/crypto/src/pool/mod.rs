//! Password hashing on threads of its own, behind a queue that never gets longer than a caller would wait.
//!
//! A hash takes tens of milliseconds of one core. On threads of their own and of low priority, hashes leave
//! cheap requests alone; with a bounded queue, a flood of sign-ins is answered at once instead of never.

mod queue;
mod worker;

#[cfg(test)]
mod tests;

use std::{io, sync::Arc, thread, time::Duration};

use secrecy::SecretString;
use tally::Distribution;
use tokio::sync::oneshot;
use tracing::Instrument;

use crate::{
    password::{Argon2Cost, Hasher, decoy},
    random::Randomness,
};
use queue::{Limits, Queue, Work};
pub use worker::hashing;
use worker::{REST_AFTER, Worker};

/// How a pool works.
#[derive(Debug, Clone, Copy)]
pub struct HashPoolSettings {
    /// Threads that hash, at least one. Each keeps the memory of one hash while there is work.
    pub threads: usize,
    /// What a new hash costs.
    pub cost: Argon2Cost,
    /// The longest a caller shall wait; who would wait longer is refused at once.
    pub max_wait: Duration,
}

/// Hashes passwords and compares them with stored ones. Clones share the same threads, which end when the
/// last clone is dropped.
#[derive(Clone)]
pub struct HashPool {
    queue: Arc<Queue>,
    /// Closes the queue with the last clone; the threads hold the queue itself.
    _open: Arc<Open>,
}

/// A place in the queue, kept for a caller who has something to do before. Dropping it gives it up.
#[derive(Debug)]
pub struct Turn {
    pool: HashPool,
}

/// The password was not looked at, because it would have had to wait too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being hashed")]
pub struct Overloaded {
    /// When it may be worth trying again; at least a second.
    pub retry_after: Duration,
}

/// What comparing a password with a stored one says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Right {
        /// It is stored under another scheme or cost than new ones: hash it again and store that.
        outdated: bool,
    },
    /// It is not, or there is none to compare it with.
    Wrong,
}

/// What a pool is doing and has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashPoolStats {
    /// Callers whose turn has not come.
    pub queued: usize,
    /// Threads at work.
    pub running: usize,
    /// Callers refused since the start.
    pub shed: u64,
    /// Hashes computed since the start, of whatever scheme.
    pub hashed: u64,
    /// How long one turn takes, in microseconds: a moving average.
    pub average_micros: u64,
}

impl HashPool {
    /// Starts the threads. Fails if there are none to start, if the cost is out of bounds
    /// ([`Argon2Cost`]), or if the system has no more threads or memory.
    pub fn start(settings: HashPoolSettings, randomness: Arc<dyn Randomness>) -> io::Result<Self> {
        let HashPoolSettings { threads, cost, max_wait } = settings;
        if threads == 0 || !Hasher::accepts(cost) {
            let message = "hashing passwords takes at least one thread and an Argon2id cost within bounds";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let queue = Arc::new(Queue::new(Limits { threads, max_wait }, first_estimate(cost)));
        // Dropped on an early return, so that threads already started end again.
        let open = Arc::new(Open(Arc::clone(&queue)));
        let decoy: Arc<str> = decoy(cost, &*randomness).into();
        for number in 0..threads {
            let hasher = Hasher::new(cost).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
            let (decoy, randomness) = (Arc::clone(&decoy), Arc::clone(&randomness));
            let worker = Worker { hasher, decoy, randomness, rest_after: REST_AFTER };
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name(format!("password-hash-{number}"))
                .spawn(move || worker.run(&queue))?;
        }
        Ok(Self { queue, _open: open })
    }

    /// A place in the queue. Whoever writes before a password is hashed takes one first, so that a caller who is
    /// turned away has cost no write.
    pub fn turn(&self) -> Result<Turn, Overloaded> {
        self.queue.expect()?;
        Ok(Turn { pool: self.clone() })
    }

    /// The PHC string to store for a password, with a fresh salt.
    pub async fn hash(&self, password: SecretString) -> Result<String, Overloaded> {
        self.turn()?.hash(password).await
    }

    /// Compares a password with the stored one: [`Turn::verify`].
    pub async fn verify(
        &self,
        stored: Option<String>,
        password: SecretString,
    ) -> Result<Verdict, Overloaded> {
        self.turn()?.verify(stored, password).await
    }

    /// What the pool is doing and has done.
    pub fn stats(&self) -> HashPoolStats {
        self.queue.stats()
    }

    /// How long callers waited until their turn came, in microseconds. Those who were refused or left are not in it.
    pub fn waits(&self) -> Distribution {
        self.queue.waits()
    }
}

impl Turn {
    /// The PHC string to store for a password, with a fresh salt.
    pub async fn hash(self, password: SecretString) -> Result<String, Overloaded> {
        let (answer, answered) = oneshot::channel();
        self.wait_for(Work::Hash { password, answer }, answered).await
    }

    /// Compares a password with the stored one.
    ///
    /// `None` (no such account, or one without a password) and strings that cannot be used cost one hash at
    /// the current cost, and answer [`Verdict::Wrong`].
    pub async fn verify(self, stored: Option<String>, password: SecretString) -> Result<Verdict, Overloaded> {
        let (answer, answered) = oneshot::channel();
        self.wait_for(Work::Verify { stored, password, answer }, answered).await
    }

    /// Queues work and waits for its answer. When the caller goes away before its turn, so does the work.
    async fn wait_for<T>(self, work: Work, answered: oneshot::Receiver<T>) -> Result<T, Overloaded> {
        let pool = self.pool.clone();
        let _place = pool.queue.enter(work);
        drop(self);
        let answer = answered.instrument(tracing::debug_span!("hash")).await;
        // No answer means that the thread had no memory for this hash, or met a defect in doing it.
        answer.map_err(|_| Overloaded { retry_after: queue::SHORTEST_RETRY })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.pool.queue.came();
    }
}

/// A guess at how long one hash takes, until there are measurements: a microsecond for each KiB and pass.
fn first_estimate(cost: Argon2Cost) -> Duration {
    Duration::from_micros(u64::from(cost.memory_kib) * u64::from(cost.passes))
}

/// Closes the queue when dropped.
struct Open(Arc<Queue>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl std::fmt::Debug for HashPool {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("HashPool").field(&self.stats()).finish()
    }
}
