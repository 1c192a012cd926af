//! Throwing away what is over, a little at a time.

use std::time::Duration;

use db::{Batch, WriteError};
use defects::{Defect, seeded};
use model::Span;

use crate::accounts::Accounts;
use crate::refusal::Failure;
use crate::search_index;

/// Rows per statement: few enough that nobody waits for them.
pub(crate) const AT_ONCE: i64 = 500;
/// Between two batches everybody else has their turn.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);
/// What one process at a time has: two that delete the same rows would wait for each other.
const LEASE: &str = "sweep";
/// A process that died loses it after this time; one that lives takes it again each minute.
const LEASED: Span = Span::minutes(3);
/// Ended and expired sessions stay readable so long: 'why was I signed out'.
const SESSIONS: Span = Span::days(30);
/// Sent mails stay in the list so long.
const MAILS: Span = Span::days(30);
/// Counters are kept a while after they are empty, so that a clock set back does not reset one.
const COUNTERS: Span = Span::days(1);
/// Events are kept so long at least: other processes learn from them.
const EVENTS: Span = Span::hours(1);

impl Accounts {
    /// Notes which sessions are over, and throws away sessions, tokens, counters and mails that are over, and events
    /// older than `keep_events`, in batches until nothing is left to throw away. Of several processes one does it; the
    /// others only forget what they need not remember any more.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn sweep(&self, keep_events: Span) -> Result<(), Failure> {
        if seeded(Defect::NothingSwept) {
            return Ok(());
        }
        let now = self.core.clock.now();
        self.core.memory.sweep(now);
        self.note_expired().await?;
        let statements = [
            store::sessions::sweep(now - SESSIONS, AT_ONCE),
            store::one_time_tokens::sweep(now, AT_ONCE),
            store::throttles::sweep(now - COUNTERS, AT_ONCE),
            store::outbox::sweep(now - MAILS, AT_ONCE),
            store::events::sweep(now - keep_events.max(EVENTS), AT_ONCE),
        ];
        for statement in statements {
            loop {
                match self.core.db.write(Batch::new().with(self.sweeping()).with(statement.clone())).await {
                    Ok(swept) if swept.touched(1) < AT_ONCE.unsigned_abs() => break,
                    Ok(_) => tokio::time::sleep(PAUSE).await,
                    // Another process sweeps.
                    Err(WriteError::Guard(_)) => return Ok(()),
                    Err(WriteError::Fault(fault)) => return Err(fault.into()),
                }
            }
        }
        Ok(())
    }

    /// The statement by which this process is the one that sweeps. Its guard: no other one is.
    pub(crate) fn sweeping(&self) -> db::Statement {
        let now = self.core.clock.now();
        store::leases::take(LEASE, &self.core.process, now, now + LEASED)
    }

    /// Gives back what this process holds so that others leave it alone. For the end of a server: `tessera migrate`
    /// takes a lease that is held for a server that runs.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn release_leases(&self) -> Result<(), Failure> {
        let release = |lease| store::leases::release(lease, &self.core.process);
        self.core.write([LEASE, search_index::LEASE].map(release).into_iter().collect()).await.map(drop)
    }
}
