//! A bounded number of sessions, made when they are needed and kept for the next call.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::connector::Connector;
use super::failure::Failure;
use super::session::Session;
use crate::counters::Counters;
use crate::{Fault, Stats};

/// How long a session may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(1);

/// Sessions to one database.
pub(super) struct Pool {
    pub(super) connector: Connector,
    size: u32,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Session>>,
    closing: AtomicBool,
    waiting: AtomicUsize,
    pub(super) counters: Counters,
}

/// The right to use one session until a time.
pub(super) struct Turn {
    permit: OwnedSemaphorePermit,
    /// When the work must be done.
    pub(super) end: Instant,
}

impl Pool {
    /// A pool with one session in it.
    pub(super) fn new(connector: Connector, size: usize, first: Session) -> Self {
        let size = u32::try_from(size.clamp(1, 10_000)).unwrap_or(1);
        Self {
            connector,
            size,
            permits: Arc::new(Semaphore::new(size as usize)),
            idle: Mutex::new(vec![first]),
            closing: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            counters: Counters::default(),
        }
    }

    /// Waits for a turn, but not longer than patience allows; in the order of asking.
    pub(super) async fn turn(&self) -> Result<Turn, Fault> {
        if self.closing.load(Ordering::Acquire) {
            return Err(Fault::closed());
        }
        let bounds = self.connector.bounds();
        let end = bounds.end();
        let permit = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let _waiting = Waiting::begin(&self.waiting);
                let acquired = timeout(bounds.patience, Arc::clone(&self.permits).acquire_owned()).await;
                let acquired = acquired.map_err(|_| Fault::unavailable("every connection is in use"))?;
                acquired.map_err(|_| Fault::closed())?
            }
        };
        Ok(Turn { permit, end: bounds.end_of_work(end) })
    }

    /// Does the work of a turn, giving it up when the time is over.
    pub(super) async fn within<T, E: From<Fault>>(
        &self,
        turn: Turn,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let done = timeout_at(turn.end, work).await;
        // Given back only now: whoever is next finds the session that was put back.
        drop(turn.permit);
        done.unwrap_or_else(|_| {
            // What did not answer may never answer again, and its neighbours with it.
            self.idle().clear();
            Err(Fault::unavailable("it did not answer in time").into())
        })
    }

    /// A session: an idle one, best one that is set to only read or not, as wanted, else a new one.
    pub(super) async fn session(&self, reading: bool) -> Result<Session, Failure> {
        while let Some(mut session) = self.take(reading) {
            if session.is_fit() {
                return Ok(session);
            }
        }
        self.connector.connect().await
    }

    fn take(&self, reading: bool) -> Option<Session> {
        let mut idle = self.idle();
        match idle.iter().rposition(|session| session.is_reading() == reading) {
            Some(at) => Some(idle.remove(at)),
            None => idle.pop(),
        }
    }

    /// Keeps a session for the next call, unless it cannot be used again: then the others cannot either, most
    /// likely, for the server has gone or moved.
    pub(super) fn put(&self, mut session: Session) {
        let fit = session.is_fit();
        let mut idle = self.idle();
        if fit {
            idle.push(session);
        } else {
            idle.clear();
        }
    }

    pub(super) fn stats(&self) -> Stats {
        let idle = self.idle().len();
        Stats {
            connections_open: self.connector.open(),
            connections_idle: idle,
            callers_waiting: self.waiting.load(Ordering::Relaxed),
            ..self.counters.stats()
        }
    }

    /// Takes no new call, and ends every session once the calls under way are done.
    pub(super) async fn close(&self) {
        self.closing.store(true, Ordering::Release);
        // Those who wait are before us. Whoever closes at the same time waits for our end.
        let all = self.permits.acquire_many(self.size).await;
        let sessions = std::mem::take(&mut *self.idle());
        for session in sessions {
            let _ = timeout(FAREWELL, session.finish()).await;
        }
        self.permits.close();
        drop(all);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a caller as long as it waits, also if it leaves.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
