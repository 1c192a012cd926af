//! What went wrong below the caller's rules.

use std::fmt;
use std::sync::Arc;

/// What kind of trouble a [`Fault`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The database cannot serve just now: busy, full, closed, or failing to read or write. Trying later
    /// may help. After a failed commit the batch is applied as a whole or not at all, and the caller
    /// cannot know which.
    Unavailable,
    /// This program is wrong: bad SQL, a type that does not fit, a constraint that no guard foresaw.
    /// Nothing was applied and trying again does not help.
    Broken,
}

/// An opaque failure of the database: for the log, never for the wire.
///
/// Its text names statements and columns, never the values of parameters or rows.
#[derive(Clone, thiserror::Error)]
#[error("{}: {detail}", match .kind {
    FaultKind::Unavailable => "the database is unavailable",
    FaultKind::Broken => "the database refused a faulty request",
})]
pub struct Fault {
    kind: FaultKind,
    /// Shared, because one failed commit answers a whole group of batches.
    detail: Arc<str>,
}

impl Fault {
    /// A failure of the program: also for a caller that reads a row which makes no sense.
    /// `detail` goes to the log and must not hold a secret.
    pub fn broken(detail: impl Into<Arc<str>>) -> Self {
        Self { kind: FaultKind::Broken, detail: detail.into() }
    }

    /// A failure of the circumstances.
    pub(crate) fn unavailable(detail: impl Into<Arc<str>>) -> Self {
        Self { kind: FaultKind::Unavailable, detail: detail.into() }
    }

    /// The answer to everything that comes after [`Database::close`](crate::Database::close).
    pub(crate) fn closed() -> Self {
        Self::unavailable("it is closed")
    }

    /// Whether trying later may help.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({self})")
    }
}
