//! What PostgreSQL's errors mean to the rest of the crate.

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::Fault;

/// A fault, and what can be done about it.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    pub(super) remedy: Remedy,
}

/// What to do after a failure. In every case the transaction it happened in was, or will be, undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing: the same would happen again.
    None,
    /// Run the whole batch again: another one was in the way, and what it did can be seen now.
    Again,
    /// Forget what is prepared on this connection and run again: the schema has changed.
    Prepare,
    /// Look at the batch more closely: a guarded statement touched too many rows.
    Recount,
    /// Never use the connection again: it is gone, or nobody knows what it is doing.
    Disconnect,
    /// The same for a batch: its server has become a copy of another. A query is at fault itself.
    ReadOnly,
}

impl Failure {
    /// A mistake in the statement found before PostgreSQL saw it.
    pub(super) fn broken(detail: impl Into<String>) -> Self {
        Self { fault: Fault::broken(detail.into()), remedy: Remedy::None }
    }

    /// A connection that cannot be had, or cannot be kept.
    pub(super) fn lost(detail: impl Into<String>) -> Self {
        Self { fault: Fault::unavailable(detail.into()), remedy: Remedy::Disconnect }
    }

    /// An error while running a statement, told with its text. What is repeated of the server's words holds no
    /// values: the detail, which may, is left out.
    pub(super) fn of(error: &Error, sql: &str) -> Self {
        let Some(cause) = error.as_db_error() else { return Self::without_answer(error) };
        let detail = format!("{}, in: {sql}", told(cause));
        let remedy = remedy(cause);
        let elsewhere = matches!(remedy, Remedy::Disconnect | Remedy::ReadOnly);
        let fault = if elsewhere || is_circumstance(cause.code()) {
            Fault::unavailable(detail)
        } else {
            Fault::broken(detail)
        };
        Self { fault, remedy }
    }

    /// An error while connecting: whatever it is, there is no database just now.
    pub(super) fn connecting(error: &Error) -> Self {
        match error.as_db_error() {
            Some(cause) => Self::lost(told(cause)),
            None => Self::without_answer(error),
        }
    }

    /// The server said nothing that could be understood.
    fn without_answer(error: &Error) -> Self {
        match error.source() {
            Some(cause) => Self::lost(format!("{error}: {cause}")),
            None => Self::lost(error.to_string()),
        }
    }
}

/// Whether a server that refused a connection may take it soon: it is starting, stopping, or full.
pub(super) fn passes_soon(error: &Error) -> bool {
    match error.as_db_error() {
        Some(cause) => ["57P", "53"].iter().any(|class| cause.code().code().starts_with(class)),
        // As from a socket nobody listens on yet. A certificate that is not believed will not be so later.
        None => match error.source().and_then(|cause| cause.downcast_ref::<io::Error>()) {
            Some(cause) => !matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput),
            None => error.is_closed(),
        },
    }
}

fn told(cause: &DbError) -> String {
    let constraint = cause.constraint().map(|name| format!(" ({name})")).unwrap_or_default();
    format!("{}{constraint} [{}]", cause.message(), cause.code().code())
}

fn remedy(cause: &DbError) -> Remedy {
    let code = cause.code();
    let text = code.code();
    if cause.severity() == "FATAL" || cause.severity() == "PANIC" {
        return Remedy::Disconnect;
    }
    if *code == SqlState::T_R_SERIALIZATION_FAILURE
        || *code == SqlState::T_R_DEADLOCK_DETECTED
        || *code == SqlState::UNIQUE_VIOLATION
        || *code == SqlState::FOREIGN_KEY_VIOLATION
        || *code == SqlState::EXCLUSION_VIOLATION
        || *code == SqlState::LOCK_NOT_AVAILABLE
    {
        return Remedy::Again;
    }
    let plan_changed = *code == SqlState::FEATURE_NOT_SUPPORTED && cause.message().contains("cached plan");
    if plan_changed || *code == SqlState::INVALID_SQL_STATEMENT_NAME {
        return Remedy::Prepare;
    }
    if *code == SqlState::DIVISION_BY_ZERO {
        return Remedy::Recount;
    }
    if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        return Remedy::ReadOnly;
    }
    // Connection trouble, shutdowns, failures of the system.
    let gone = ["08", "57P", "58", "XX"].iter().any(|class| text.starts_with(class));
    if gone { Remedy::Disconnect } else { Remedy::None }
}

/// Whether an error that leaves the connection intact is one of circumstances.
fn is_circumstance(code: &SqlState) -> bool {
    let contended = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::QUERY_CANCELED,
    ];
    // Class 53: no memory, no disk, no connections left.
    contended.contains(code) || code.code().starts_with("53")
}
