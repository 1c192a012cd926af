//! The one thread that writes: it commits what is waiting as one group.
//!
//! While a commit reaches the disk, new batches queue up and become the next group, so the more there is
//! to do the more each commit carries, and nobody waits for company. Of several in a transaction each batch
//! has a savepoint of its own, so one batch's failure undoes only that batch.

use std::sync::Arc;
use std::time::Instant;

use defects::{Defect, seeded_when_serving};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::connection::Link;
use super::execute;
use super::failure::{Failure, Trust};
use crate::counters::Counters;
use crate::defect::TOO_EARLY;
use crate::written::Outcome;
use crate::{Batch, FaultKind, GuardFailed, Statement, WriteError, Written};

/// Batches in one commit at most: bounds how long the first of them waits.
const GROUP_LIMIT: usize = 512;

/// What the writer can be given to do, in the order it came.
pub(super) enum Job {
    /// A batch, committed together with its neighbours.
    Write(WriteJob),
    /// Something that needs the connection to itself, outside of any transaction.
    Alone(Box<dyn FnOnce(&mut Link) + Send>),
    /// Take nothing new, and stop once all that has been taken is done.
    Close,
}

/// A batch and who waits for it.
pub(super) struct WriteJob {
    pub(super) batch: Batch,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// What a batch is answered with.
pub(super) type Answer = Result<Written, WriteError>;

/// The writer thread's state.
pub(super) struct Writer {
    pub(super) link: Link,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) counters: Arc<Counters>,
}

impl Writer {
    /// Works until every sender is gone or a [`Job::Close`] has come and the rest is done.
    pub(super) fn run(mut self) {
        let mut held = None;
        while let Some(job) = held.take().or_else(|| self.jobs.blocking_recv()) {
            match job {
                Job::Write(first) => {
                    let group = self.gather(first, &mut held);
                    self.settle(group);
                }
                Job::Alone(task) => task(&mut self.link),
                Job::Close => self.jobs.close(),
            }
        }
        self.link.finish();
    }

    /// Takes the batches that are waiting; a job of another kind ends the group and is held for later.
    fn gather(&mut self, first: WriteJob, held: &mut Option<Job>) -> Vec<WriteJob> {
        let mut group = vec![first];
        while group.len() < GROUP_LIMIT {
            match self.jobs.try_recv() {
                Ok(Job::Write(next)) => group.push(next),
                Ok(other) => {
                    *held = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        group
    }

    /// Commits the group and answers everybody in it. Those who no longer listen are no trouble.
    fn settle(&mut self, mut group: Vec<WriteJob>) {
        if seeded_when_serving(Defect::AnswerBeforeCommit) {
            group = self.answer_too_early(group);
        }
        match self.commit(&group) {
            Ok(answers) => {
                for (job, answer) in group.into_iter().zip(answers) {
                    let _ = job.reply.send(as_told(&job.batch, answer));
                }
            }
            // A mistake that shows only at the commit (a deferred constraint) is one batch's own, but
            // nobody can say whose: each gets a commit of its own.
            Err(failure) if failure.fault.kind() == FaultKind::Broken && group.len() > 1 => {
                for job in group {
                    self.settle(vec![job]);
                }
            }
            Err(failure) => {
                for job in group {
                    let answer = Err(WriteError::Fault(failure.fault.clone()));
                    let _ = job.reply.send(as_told(&job.batch, answer));
                }
            }
        }
    }

    /// The mistake of that name: everybody is answered, and what is to be committed remains.
    fn answer_too_early(&mut self, group: Vec<WriteJob>) -> Vec<WriteJob> {
        let tried = self.link.connection().and_then(|connection| {
            execute::control(connection, "begin immediate")?;
            let answers: Result<Vec<_>, _> = group.iter().map(|job| apply(connection, &job.batch)).collect();
            execute::control(connection, "rollback")?;
            answers
        });
        let Ok(answers) = tried else { return group };
        let remaining = group.into_iter().zip(answers).map(|(job, answer)| {
            let _ = job.reply.send(answer);
            WriteJob { batch: job.batch, reply: oneshot::channel().0 }
        });
        let remaining = remaining.collect();
        std::thread::sleep(TOO_EARLY);
        remaining
    }

    /// One transaction; `Err` when it is lost as a whole.
    fn commit(&mut self, group: &[WriteJob]) -> Result<Vec<Answer>, Failure> {
        let began = Instant::now();
        let result = self.link.connection().and_then(|connection| transact(connection, group));
        match &result {
            Ok(answers) if answers.iter().all(Result::is_err) => self.counters.refused(group.len()),
            Ok(_) => self.counters.committed(group.len(), began.elapsed()),
            Err(failure) => self.link.recover(failure),
        }
        result
    }
}

/// What a caller is told: the truth, unless the mistake of that name is seeded.
fn as_told(batch: &Batch, answer: Answer) -> Answer {
    match answer {
        Err(WriteError::Fault(_)) if seeded_when_serving(Defect::WriteErrorsIgnored) => {
            let touched = |statement: &Statement| statement.must_touch().unwrap_or(1);
            let outcome = |statement| Outcome { rows: Vec::new(), touched: touched(statement) };
            Ok(Written { outcomes: batch.statements.iter().map(outcome).collect() })
        }
        answer => answer,
    }
}

fn transact(connection: &Connection, group: &[WriteJob]) -> Result<Vec<Answer>, Failure> {
    if seeded_when_serving(Defect::BatchInPieces) {
        return group.iter().map(|job| in_pieces(connection, &job.batch)).collect();
    }
    // Immediate: a transaction that begins by reading may be refused the right to write later on.
    execute::control(connection, "begin immediate")?;
    let answers: Vec<Answer> = match group {
        // Nothing else can be lost with it, so it needs no savepoint, for which every page would be copied.
        [alone] => match attempt(connection, &alone.batch, "rollback")? {
            undone @ Err(_) => return Ok(vec![undone]),
            done => vec![done],
        },
        group => group.iter().map(|job| apply(connection, &job.batch)).collect::<Result<_, _>>()?,
    };
    execute::control(connection, "commit")?;
    defects::committed();
    Ok(answers)
}

/// The mistake of that name: what stands before a guard that fails stays done.
fn in_pieces(connection: &Connection, batch: &Batch) -> Result<Answer, Failure> {
    let mut all = Written::default();
    for statement in &batch.statements {
        execute::control(connection, "begin immediate")?;
        let answer = apply(connection, &Batch::from(statement.clone()))?;
        execute::control(connection, "commit")?;
        defects::committed();
        match answer {
            Ok(written) => all.outcomes.extend(written.outcomes),
            refused => return Ok(refused),
        }
    }
    Ok(Ok(all))
}

/// Why one batch was undone.
enum Refused {
    Guard(GuardFailed),
    Failure(Failure),
}

/// Applies one batch of several in a transaction; `Err` when the whole transaction is lost with it.
fn apply(connection: &Connection, batch: &Batch) -> Result<Answer, Failure> {
    execute::control(connection, "savepoint batch")?;
    let answer = attempt(connection, batch, "rollback to batch")?;
    execute::control(connection, "release batch")?;
    Ok(answer)
}

/// Applies one batch, and undoes it that way if it is refused; `Err` when the whole transaction is lost with it.
fn attempt(connection: &Connection, batch: &Batch, undo: &'static str) -> Result<Answer, Failure> {
    match run_all(connection, batch) {
        Ok(written) => Ok(Ok(written)),
        Err(Refused::Failure(failure)) if failure.trust == Trust::Lost || connection.is_autocommit() => {
            Err(failure)
        }
        Err(refused) => {
            execute::control(connection, undo)?;
            Ok(Err(match refused {
                Refused::Guard(guard) => WriteError::Guard(guard),
                Refused::Failure(failure) => WriteError::Fault(failure.fault),
            }))
        }
    }
}

fn run_all(connection: &Connection, batch: &Batch) -> Result<Written, Refused> {
    let mut written = Written::default();
    for (index, statement) in batch.statements.iter().enumerate() {
        let outcome = execute::run(connection, statement).map_err(Refused::Failure)?;
        let touched = outcome.touched;
        if let Some(guard) = statement.guard.filter(|guard| guard.rows != touched) {
            return Err(Refused::Guard(GuardFailed { index, name: guard.name, touched }));
        }
        written.outcomes.push(outcome);
    }
    Ok(written)
}
