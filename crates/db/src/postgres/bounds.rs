//! How long anything may take.

use std::time::Duration;

use tokio::time::Instant;

/// The longest that one statement, or an idle transaction, may take, whatever the patience: a transaction that
/// lives long keeps others waiting.
const LONGEST: Duration = Duration::from_secs(10);

/// Bounds that follow from one patience.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Until a connection must be free, or made.
    pub(super) patience: Duration,
    /// For one statement, and for a transaction that waits for its next.
    pub(super) statement: Duration,
}

impl Bounds {
    pub(super) fn new(patience: Duration) -> Self {
        let patience = patience.max(Duration::from_millis(1));
        Self { patience, statement: patience.min(LONGEST) }
    }

    /// When a call that begins now is given up.
    pub(super) fn end(&self) -> Instant {
        Instant::now() + self.patience + self.statement
    }

    /// When work is given up that gets its connection now and must have ended by `end`.
    pub(super) fn end_of_work(&self, end: Instant) -> Instant {
        end.min(Instant::now() + 2 * self.statement)
    }

    /// The settings of a session that keep the server to these bounds.
    pub(super) fn settings(&self) -> [(&'static str, u128); 5] {
        let milliseconds = |time: Duration| time.as_millis().max(1);
        let statement = milliseconds(self.statement);
        [
            ("statement_timeout", statement),
            // Less, so that the two are told apart.
            ("lock_timeout", milliseconds(self.statement * 4 / 5)),
            ("idle_in_transaction_session_timeout", statement),
            ("transaction_timeout", milliseconds(2 * self.statement)),
            // So that a statement ends soon whose client has gone.
            ("client_connection_check_interval", 2000),
        ]
    }

    /// The settings of a session without bounds, whatever the server's defaults.
    pub(super) fn none(&self) -> [(&'static str, u128); 5] {
        self.settings().map(|(name, _)| (name, 0))
    }
}
