//! Throwing away what is over, a little at a time.

use db::Batch;
use model::Span;

use crate::accounts::Accounts;
use crate::refusal::Failure;

/// Rows per statement: few enough that nobody waits for them.
const AT_ONCE: i64 = 500;
/// Ended and expired sessions stay readable so long: 'why was I signed out'.
const SESSIONS: Span = Span::days(30);
/// Sent mails stay in the list so long.
const MAILS: Span = Span::days(30);
/// Counters are kept a while after they are empty, so that a clock set back does not reset one.
const COUNTERS: Span = Span::days(1);

impl Accounts {
    /// Throws away sessions, tokens, counters and mails that are over, and events older than `keep_events`,
    /// in batches until nothing is left to throw away.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn sweep(&self, keep_events: Span) -> Result<(), Failure> {
        let now = self.core.clock.now();
        self.core.memory.sweep(now);
        let statements = [
            store::sessions::sweep(now - SESSIONS, AT_ONCE),
            store::one_time_tokens::sweep(now, AT_ONCE),
            store::throttles::sweep(now - COUNTERS, AT_ONCE),
            store::outbox::sweep(now - MAILS, AT_ONCE),
            store::events::sweep(now - keep_events, AT_ONCE),
        ];
        for statement in statements {
            let sweep = Batch::from(statement);
            while self.core.write(sweep.clone()).await?.touched(0) >= AT_ONCE.unsigned_abs() {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }
}
