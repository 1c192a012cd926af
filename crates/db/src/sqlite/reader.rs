//! The threads that read, each on a connection of its own that cannot write.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::connection::Link;
use super::execute;
use crate::{Fault, Row, Statement};

/// What a reader can be given to do.
pub(super) enum Job {
    Query(QueryJob),
    /// All readers: take nothing new, and stop once all that has been taken is done.
    Close,
}

/// A query and who waits for it.
pub(super) struct QueryJob {
    pub(super) statement: Statement,
    pub(super) reply: oneshot::Sender<Result<Vec<Row>, Fault>>,
}

impl QueryJob {
    /// Runs the query, unless nobody waits for it any more.
    pub(super) fn run(self, link: &mut Link) {
        if self.reply.is_closed() {
            return;
        }
        let result = link
            .connection()
            .and_then(|connection| execute::query(connection, &self.statement))
            .map_err(|failure| {
                link.recover(&failure);
                failure.fault
            });
        let _ = self.reply.send(result);
    }
}

/// One reader thread's state. All readers take their jobs from the same queue: the one that holds the
/// lock waits for the next job, the others for the lock.
pub(super) struct Reader {
    pub(super) link: Link,
    pub(super) jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
}

impl Reader {
    /// Works until every sender is gone or a [`Job::Close`] has come and the rest is done.
    pub(super) fn run(mut self) {
        while let Some(query) = self.next() {
            query.run(&mut self.link);
        }
        self.link.finish();
    }

    /// The queue is closed under the same lock that took the job: once the lock is given back, another
    /// reader holds it while it waits for a job that may never come.
    fn next(&self) -> Option<QueryJob> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match jobs.blocking_recv()? {
                Job::Query(query) => return Some(query),
                Job::Close => jobs.close(),
            }
        }
    }
}
