//! The answer to a batch.

use crate::{Fault, Row};

/// What an applied batch did, statement by statement.
///
/// An index is a statement's position in the batch, from 0. Beyond the batch there are no rows and
/// nothing was touched.
#[derive(Clone, Debug, Default)]
pub struct Written {
    pub(crate) outcomes: Vec<Outcome>,
}

/// What one statement did.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) rows: Vec<Row>,
    pub(crate) touched: u64,
}

impl Written {
    /// The rows that a statement returned.
    pub fn rows(&self, index: usize) -> &[Row] {
        self.outcomes.get(index).map_or(&[], |outcome| &outcome.rows)
    }

    /// How many rows a statement changed, or returned if it returns rows. Rows that fell to a cascade
    /// are not counted.
    pub fn touched(&self, index: usize) -> u64 {
        self.outcomes.get(index).map_or(0, |outcome| outcome.touched)
    }
}

/// Why a batch was not applied, or is not known to be.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// A guard did not hold: nothing of the batch was applied.
    #[error(transparent)]
    Guard(#[from] GuardFailed),
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The guard that undid a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("guard {name} of statement {index} failed: it touched {touched} rows")]
pub struct GuardFailed {
    /// The statement's position in the batch, from 0.
    pub index: usize,
    /// The name given to [`Statement::touching`](crate::Statement::touching).
    pub name: &'static str,
    /// How many rows the statement touched before it was undone.
    pub touched: u64,
}
