//! Keeping up what searches go by, a little at a time.

use db::{Batch, Fault, Statement, WriteError};
use model::{AccountId, Span, Timestamp};

use crate::accounts::Accounts;
use crate::refusal::Failure;

/// What one process at a time has: two that index the same accounts would undo each other's batches.
pub(crate) const LEASE: &str = "search index";
/// A process that died loses it after this time; one that lives takes it with each batch.
const LEASED: Span = Span::seconds(30);
/// Accounts per batch while others in this process write: few enough that nobody waits for them.
const AT_ONCE: i64 = 256;
/// Accounts per batch when none of them has written for a while: in one batch their rows cost half as much.
const MANY: i64 = 2_048;
/// Whoever comes then waits for no longer than such a batch takes.
const LONGEST: Span = Span(200_000);
/// As many batches in a row may be undone by others' changes.
const UNDONE: u32 = 20;

/// A batch that is to be written.
struct Step {
    statements: Vec<Statement>,
    /// How many accounts it could have.
    limit: i64,
    /// Where it ends, if it has as many.
    end: Option<End>,
}

/// The last account of a batch, and the last number that is given by then.
struct End {
    created_at: Timestamp,
    account: AccountId,
    number: i64,
}

impl Accounts {
    /// Indexes the accounts that were made or changed since, whoever did it, and forgets those that were deleted,
    /// in batches until nothing is left to do. Of several processes one does it. Searches find everybody at any
    /// time; they only take longer as long as many are not indexed.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn index(&self) -> Result<(), Failure> {
        let core = &self.core;
        let (mut at_once, mut undone, mut ahead) = (AT_ONCE, 0, None);
        let mut written = core.db.stats().batches;
        while undone < UNDONE {
            let step = match ahead.take() {
                None => self.step(None, at_once).await?,
                ahead => ahead,
            };
            let Some(Step { statements, limit, end }) = step else { break };
            let (began, now) = (core.clock.elapsed(), core.clock.now());
            let mut batch = Batch::from(store::leases::take(LEASE, &core.process, now, now + LEASED));
            batch.extend(statements);
            let write = async { (core.db.write(batch).await, core.clock.elapsed() - began) };
            // The writer should not wait for what can be read and put together meanwhile.
            let read = async {
                match &end {
                    Some(end) if at_once > AT_ONCE => self.step(Some(end), at_once).await,
                    _ => Ok(None),
                }
            };
            let ((done, took), following) = tokio::join!(write, read);
            let before = std::mem::replace(&mut written, core.db.stats().batches);
            let alone = written <= before + 1;
            match done {
                Ok(_) => {
                    (at_once, undone) = (next(limit, took, alone), 0);
                    // What could not be read is read again, and what is too much now.
                    ahead = following.ok().flatten().filter(|step| alone && step.limit <= at_once);
                }
                // Another process does it.
                Err(WriteError::Guard(lost)) if lost.name == store::guard::LEASE_FREE => break,
                // Somebody changed one of them meanwhile: of fewer it is less likely.
                Err(WriteError::Guard(_)) => (at_once, undone) = ((limit / 2).max(1), undone + 1),
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
            // Whoever else writes has as much time.
            if !alone {
                tokio::time::sleep(took.duration()).await;
            }
        }
        Ok(())
    }

    /// The batch after another that is not written yet, or the first of all; none if there is nothing to do.
    async fn step(&self, after: Option<&End>, limit: i64) -> Result<Option<Step>, Fault> {
        let db = &self.core.db;
        let (gone, number) = match after {
            Some(end) => (Vec::new(), end.number),
            None => {
                let gone = store::search_index::gone(db, limit).await?;
                (gone, store::search_index::last_number(db).await?)
            }
        };
        let place = after.map(|end| (end.created_at, &end.account));
        let accounts = store::search_index::unindexed(db, place, limit).await?;
        if gone.is_empty() && accounts.is_empty() {
            return Ok(None);
        }
        let mut statements = store::search_index::forget(&gone);
        statements.extend(store::search_index::put(&accounts, number));
        let new = accounts.iter().filter(|one| one.number.is_none()).count();
        let number = number + i64::try_from(new).unwrap_or(i64::MAX);
        let full = i64::try_from(accounts.len()).is_ok_and(|count| count == limit);
        let end = accounts.last().filter(|_| full).map(|last| End {
            created_at: last.created_at,
            account: last.account.clone(),
            number,
        });
        Ok(Some(Step { statements, limit, end }))
    }
}

/// How many accounts are next after a batch of so many at most.
fn next(limit: i64, took: Span, alone: bool) -> i64 {
    let next = match took {
        _ if !alone => AT_ONCE,
        Span(took) if took <= LONGEST.0 / 2 => limit * 2,
        Span(took) if took <= LONGEST.0 => limit,
        _ => limit / 2,
    };
    next.clamp(AT_ONCE, MANY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_they_are_short_and_nobody_waits() {
        let (short, fair, long) = (Span(90_000), Span(190_000), Span(210_000));
        assert_eq!([short, fair, long].map(|took| next(1_024, took, true)), [2_048, 1_024, 512]);
        assert_eq!(next(2_048, short, true), 2_048);
        assert_eq!([short, long].map(|took| next(2_048, took, false)), [AT_ONCE; 2]);
        // After a batch that others undid, and on a slow disk.
        assert_eq!([(16, short), (AT_ONCE, long)].map(|(limit, took)| next(limit, took, true)), [AT_ONCE; 2]);
    }
}
