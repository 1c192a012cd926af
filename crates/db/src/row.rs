//! One row of an answer.

use crate::{Fault, Value};

/// One row of an answer, read by column position from 0.
///
/// Every getter answers a [`FaultKind::Broken`](crate::FaultKind::Broken) fault when there is no such
/// column or it holds another kind; the `opt_` ones answer `None` for null, the others refuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    cells: Box<[Value]>,
}

impl Row {
    pub(crate) fn new(cells: Vec<Value>) -> Self {
        Self { cells: cells.into() }
    }

    /// The columns before `at`, and those from there on as a row of their own: for a row of two tables.
    pub fn split(self, at: usize) -> Result<(Self, Self), Fault> {
        let mut first = self.cells.into_vec();
        if at > first.len() {
            return Err(Fault::broken(format!("no column {at} in a row of {}", first.len())));
        }
        let second = first.split_off(at);
        Ok((Self::new(first), Self::new(second)))
    }

    /// A `text` column.
    pub fn text(&self, column: usize) -> Result<String, Fault> {
        present(column, self.opt_text(column)?)
    }

    /// A `bigint` column.
    pub fn int(&self, column: usize) -> Result<i64, Fault> {
        present(column, self.opt_int(column)?)
    }

    /// A `boolean` column.
    pub fn boolean(&self, column: usize) -> Result<bool, Fault> {
        present(column, self.opt_boolean(column)?)
    }

    /// A `bytea` column.
    pub fn bytes(&self, column: usize) -> Result<Vec<u8>, Fault> {
        present(column, self.opt_bytes(column)?)
    }

    /// A `text` column that may be null.
    pub fn opt_text(&self, column: usize) -> Result<Option<String>, Fault> {
        match self.cell(column)? {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value.clone())),
            other => Err(mismatch(column, "text", other)),
        }
    }

    /// A `bigint` column that may be null.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, Fault> {
        match self.cell(column)? {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(*value)),
            other => Err(mismatch(column, "an integer", other)),
        }
    }

    /// A `boolean` column that may be null.
    pub fn opt_boolean(&self, column: usize) -> Result<Option<bool>, Fault> {
        match self.cell(column)? {
            Value::Null => Ok(None),
            Value::Bool(value) => Ok(Some(*value)),
            // An engine without booleans stores them as 0 and 1; anything else there is a mistake.
            Value::Int(value @ (0 | 1)) => Ok(Some(*value == 1)),
            other => Err(mismatch(column, "a boolean", other)),
        }
    }

    /// A `bytea` column that may be null.
    pub fn opt_bytes(&self, column: usize) -> Result<Option<Vec<u8>>, Fault> {
        match self.cell(column)? {
            Value::Null => Ok(None),
            Value::Bytes(value) => Ok(Some(value.clone())),
            other => Err(mismatch(column, "bytes", other)),
        }
    }

    fn cell(&self, column: usize) -> Result<&Value, Fault> {
        let count = self.cells.len();
        self.cells.get(column).ok_or_else(|| Fault::broken(format!("no column {column} in a row of {count}")))
    }
}

fn present<T>(column: usize, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::broken(format!("column {column} is null")))
}

fn mismatch(column: usize, wanted: &str, found: &Value) -> Fault {
    Fault::broken(format!("column {column} should be {wanted} but is {}", found.kind()))
}
