//! Who waits for a hash, and who is refused.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use defects::{Defect, seeded};
use secrecy::SecretString;
use tally::{Distribution, Histogram};
use tokio::sync::oneshot;

use super::{HashPoolStats, Overloaded, Verdict};

/// The least a refused caller is told to wait: the smallest whole number of seconds.
pub(super) const SHORTEST_RETRY: Duration = Duration::from_secs(1);

/// A new measurement counts for one part in this many of the moving average.
const SMOOTHING: u32 = 8;

/// What a thread is asked to do, and where the answer goes.
pub(super) enum Work {
    Hash { password: SecretString, answer: oneshot::Sender<String> },
    Verify { stored: Option<String>, password: SecretString, answer: oneshot::Sender<Verdict> },
}

/// What a thread does next.
pub(super) enum Next {
    Work(Work),
    /// There was none for as long as it would wait.
    Rest,
    /// No more will come.
    End,
}

/// What bounds the queue.
pub(super) struct Limits {
    pub(super) threads: usize,
    pub(super) max_wait: Duration,
}

impl Limits {
    /// How long a caller behind `queued` others would wait for its answer.
    pub(super) fn wait_behind(&self, queued: usize, average: Duration) -> Duration {
        let turns = u32::try_from(queued).unwrap_or(u32::MAX).saturating_add(1);
        let threads = u32::try_from(self.threads).unwrap_or(u32::MAX).max(1);
        average.saturating_mul(turns) / threads
    }
}

/// The callers in line, first come first served.
pub(super) struct Queue {
    limits: Limits,
    line: Mutex<Line>,
    changed: Condvar,
    /// How long callers waited whose turn came.
    waits: Histogram,
}

/// Everything that changes, under one lock that is never held for long.
struct Line {
    /// In the order of their numbers.
    waiting: VecDeque<Waiting>,
    next_number: u64,
    /// Callers who may join and have not yet.
    expected: usize,
    running: usize,
    shed: u64,
    hashed: u64,
    average: Duration,
    closed: bool,
}

/// A caller in line.
struct Waiting {
    number: u64,
    since: Instant,
    work: Work,
}

/// A caller's place in line; dropping it leaves the line.
pub(super) struct Place<'a> {
    queue: &'a Queue,
    number: u64,
}

impl Queue {
    /// An empty line, in which one turn is taken to last `average` until there are measurements.
    pub(super) fn new(limits: Limits, average: Duration) -> Self {
        let waiting = VecDeque::new();
        let line = Line {
            waiting,
            next_number: 0,
            expected: 0,
            running: 0,
            shed: 0,
            hashed: 0,
            average,
            closed: false,
        };
        Self { limits, line: Mutex::new(line), changed: Condvar::new(), waits: Histogram::of_times() }
    }

    /// Expects a caller, unless the wait would be too long behind those who are there or expected. Whoever was
    /// expected is [taken off](Self::came) again, whether he came or not.
    ///
    /// An idle thread takes a caller however long the average is: otherwise a few very slow hashes would
    /// raise it beyond the limit, and nothing could ever bring it down again.
    pub(super) fn expect(&self) -> Result<(), Overloaded> {
        let mut line = self.lock();
        let before = line.waiting.len() + line.expected;
        let wait = self.limits.wait_behind(before, line.average);
        let idle = before + line.running < self.limits.threads;
        if !idle && wait > self.limits.max_wait && !seeded(Defect::QueueUnbounded) {
            line.shed += 1;
            return Err(Overloaded { retry_after: (wait - self.limits.max_wait).max(SHORTEST_RETRY) });
        }
        line.expected += 1;
        Ok(())
    }

    /// Expects one caller less.
    pub(super) fn came(&self) {
        self.lock().expected -= 1;
    }

    /// Joins the line. Whoever does was expected.
    pub(super) fn enter(&self, work: Work) -> Place<'_> {
        let mut line = self.lock();
        let number = line.next_number;
        line.next_number += 1;
        line.waiting.push_back(Waiting { number, since: Instant::now(), work });
        self.changed.notify_one();
        Place { queue: self, number }
    }

    /// Waits for work and takes it. Without `patience` it waits until there is work or the queue is closed.
    pub(super) fn next(&self, patience: Option<Duration>) -> Next {
        let nothing = |line: &mut Line| line.waiting.is_empty() && !line.closed;
        let line = self.lock();
        let mut line = match patience {
            None => self.changed.wait_while(line, nothing).unwrap_or_else(PoisonError::into_inner),
            Some(patience) => {
                let waited = self.changed.wait_timeout_while(line, patience, nothing);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        match line.waiting.pop_front() {
            Some(Waiting { since, work, .. }) => {
                line.running += 1;
                self.waits.took(since.elapsed());
                Next::Work(work)
            }
            None if line.closed => Next::End,
            None => Next::Rest,
        }
    }

    /// A turn is over. To be called before its answer is given, so that who has the answer sees it counted.
    pub(super) fn finished(&self, took: Duration, hashed: u64) {
        let mut line = self.lock();
        line.running -= 1;
        line.hashed += hashed;
        line.average = (line.average * (SMOOTHING - 1) + took) / SMOOTHING;
    }

    /// No more work will come.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    pub(super) fn stats(&self) -> HashPoolStats {
        let line = self.lock();
        HashPoolStats {
            queued: line.waiting.len(),
            running: line.running,
            shed: line.shed,
            hashed: line.hashed,
            average_micros: u64::try_from(line.average.as_micros()).unwrap_or(u64::MAX),
        }
    }

    pub(super) fn waits(&self) -> Distribution {
        self.waits.read()
    }

    /// The line is consistent between any two statements, so a panic elsewhere leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    /// Takes the work out of the line if its turn has not come. The password is erased with it.
    fn drop(&mut self) {
        let mut line = self.queue.lock();
        if let Ok(place) = line.waiting.binary_search_by_key(&self.number, |waiting| waiting.number) {
            line.waiting.remove(place);
        }
    }
}
