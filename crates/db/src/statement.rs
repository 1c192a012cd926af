//! What is asked of the database: statements, and batches of them.

use std::borrow::Cow;

use defects::{Defect, seeded};

use crate::Value;

/// One SQL statement with its parameters.
///
/// The text says `$1`, `$2`, ... in any order and as often as it likes; every parameter must be used.
/// `Debug` shows the text and the kinds of the parameters, not their content.
#[derive(Clone, Debug)]
pub struct Statement {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) params: Vec<Value>,
    pub(crate) guard: Option<Guard>,
}

/// How many rows a statement must touch, under a name that the caller understands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    pub(crate) rows: u64,
    pub(crate) name: &'static str,
}

impl Statement {
    /// `params[0]` is `$1`; see [`params!`](crate::params).
    pub fn new(sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Self {
        Self { sql: sql.into(), params, guard: None }
    }

    /// The batch is undone unless this statement touches exactly `rows` rows: changes them, or returns
    /// them when it has rows to return. `guard` names the rule in [`GuardFailed`](crate::GuardFailed).
    ///
    /// Only a batch has guards: [`Database::query`](crate::Database::query) refuses a statement with one.
    #[must_use]
    pub fn touching(mut self, rows: u64, guard: &'static str) -> Self {
        if !seeded(Defect::NoGuards) {
            self.guard = Some(Guard { rows, name: guard });
        }
        self
    }

    /// Its text.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// What its parameters are bound to: `params()[0]` is `$1`.
    pub fn params(&self) -> &[Value] {
        &self.params
    }

    /// How many rows it must touch, if it has a guard.
    pub fn must_touch(&self) -> Option<u64> {
        self.guard.map(|guard| guard.rows)
    }
}

/// Statements that are applied in this order, all or none.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub(crate) statements: Vec<Statement>,
}

impl Batch {
    /// A batch of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statement; its index in [`Written`](crate::Written) is the length before.
    pub fn push(&mut self, statement: Statement) -> &mut Self {
        self.statements.push(statement);
        self
    }

    /// The same as [`push`](Self::push), for a chain.
    #[must_use]
    pub fn with(mut self, statement: Statement) -> Self {
        self.statements.push(statement);
        self
    }

    /// How many statements there are.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether there is no statement.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }
}

impl Extend<Statement> for Batch {
    /// Adds statements at the end: of another batch, of an option, of an array.
    fn extend<I: IntoIterator<Item = Statement>>(&mut self, statements: I) {
        self.statements.extend(statements);
    }
}

impl FromIterator<Statement> for Batch {
    fn from_iter<I: IntoIterator<Item = Statement>>(statements: I) -> Self {
        Self { statements: statements.into_iter().collect() }
    }
}

impl IntoIterator for Batch {
    type Item = Statement;
    type IntoIter = std::vec::IntoIter<Statement>;

    fn into_iter(self) -> Self::IntoIter {
        self.statements.into_iter()
    }
}

impl From<Statement> for Batch {
    fn from(statement: Statement) -> Self {
        Self { statements: vec![statement] }
    }
}
