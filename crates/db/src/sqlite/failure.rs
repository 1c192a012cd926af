//! What SQLite's errors mean to the rest of the crate.

use rusqlite::ErrorCode;

use crate::Fault;

/// A fault, and what it says about the connection it came from.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    pub(super) trust: Trust,
}

/// How far a connection can be trusted after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// It works: the statement was at fault, or the disk is full, or another process was in the way.
    Kept,
    /// Reading or writing failed: what the connection holds in memory may differ from the disk.
    Lost,
}

impl Failure {
    /// A mistake in the statement found before SQLite saw it.
    pub(super) fn broken(detail: impl Into<String>) -> Self {
        Self { fault: Fault::broken(detail.into()), trust: Trust::Kept }
    }

    /// A database that cannot be had just now.
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        Self { fault: Fault::unavailable(detail.into()), trust: Trust::Kept }
    }

    /// SQLite's error, told with the text of the statement. SQLite's messages name tables and columns and
    /// quote the text, which holds no values: those are bound.
    pub(super) fn of(error: &rusqlite::Error, sql: &str) -> Self {
        let message = match error {
            // Its own rendering would repeat the text.
            rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
            other => other.to_string(),
        };
        let detail = format!("{message}, in: {sql}");
        match error.sqlite_error_code() {
            Some(code) => match judge(code) {
                Some(trust) => Self { fault: Fault::unavailable(detail), trust },
                None => Self::broken(detail),
            },
            None => Self::broken(detail),
        }
    }
}

/// Whether the error is one of circumstances, and if so how far to trust the connection.
fn judge(code: ErrorCode) -> Option<Trust> {
    match code {
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::DiskFull
        | ErrorCode::OutOfMemory
        | ErrorCode::OperationInterrupted
        | ErrorCode::OperationAborted => Some(Trust::Kept),
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::NoLargeFileSupport
        | ErrorCode::InternalMalfunction => Some(Trust::Lost),
        _ => None,
    }
}

/// Whether another process or connection was in the way.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
