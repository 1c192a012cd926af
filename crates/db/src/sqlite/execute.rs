//! Runs one statement on one connection.

use std::borrow::Cow;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

use super::failure::Failure;
use super::order;
use crate::lexer::{Kind, Token, controls_transaction, tokens};
use crate::value::storable;
use crate::written::Outcome;
use crate::{Row, Statement, Value};

/// Runs a statement of a batch.
pub(super) fn run(connection: &Connection, statement: &Statement) -> Result<Outcome, Failure> {
    refuse_transaction_words(&statement.sql)?;
    let before = connection.total_changes();
    let mut prepared = prepare(connection, statement)?;
    let returns_rows = prepared.column_count() > 0;
    let rows = fetch(&mut prepared).map_err(|error| Failure::of(&error, &statement.sql))?;
    let touched = if returns_rows {
        u64::try_from(rows.len()).unwrap_or(u64::MAX)
    } else if connection.total_changes() != before {
        connection.changes()
    } else {
        // `changes` still tells of an earlier statement when this one was of another kind.
        0
    };
    Ok(Outcome { rows, touched })
}

/// Runs a statement that must not write.
pub(super) fn query(connection: &Connection, statement: &Statement) -> Result<Vec<Row>, Failure> {
    refuse_transaction_words(&statement.sql)?;
    let mut prepared = prepare(connection, statement)?;
    if !prepared.readonly() {
        return Err(Failure::broken(format!("a query that writes: {}", statement.sql)));
    }
    fetch(&mut prepared).map_err(|error| Failure::of(&error, &statement.sql))
}

/// Runs a statement of our own that has neither parameters nor an answer.
pub(super) fn control(connection: &Connection, sql: &str) -> Result<(), Failure> {
    let run = || {
        let mut prepared = connection.prepare_cached(sql)?;
        fetch(&mut prepared)
    };
    run().map(drop).map_err(|error| Failure::of(&error, sql))
}

fn refuse_transaction_words(sql: &str) -> Result<(), Failure> {
    if controls_transaction(sql) {
        return Err(Failure::broken(format!("a statement must not control transactions: {sql}")));
    }
    Ok(())
}

/// Prepares the statement and binds its parameters by their number.
fn prepare<'c>(connection: &'c Connection, statement: &Statement) -> Result<CachedStatement<'c>, Failure> {
    let sql = &*statement.sql;
    if sql.contains('\0') {
        return Err(Failure::broken("a statement holds a NUL, where its text would end"));
    }
    let own = in_our_words(sql);
    let mut prepared = connection.prepare_cached(&own).map_err(|error| Failure::of(&error, sql))?;
    let order = order::of(&prepared, &own).ok_or_else(|| {
        let expected = prepared.parameter_count();
        Failure::broken(format!("parameters are $1 to ${expected} without gaps: {sql}"))
    })?;
    let (expected, given) = (order.len(), statement.params.len());
    if expected != given {
        return Err(Failure::broken(format!("{given} parameters for a statement with {expected}: {sql}")));
    }
    for (position, index) in (1..).zip(&*order) {
        let value = &statement.params[*index];
        prepared.raw_bind_parameter(position, value).map_err(|error| Failure::of(&error, sql))?;
    }
    Ok(prepared)
}

/// A statement without the words by which PostgreSQL lets a row bring the number that would be generated for
/// it. SQLite lets every row do that.
fn in_our_words(sql: &str) -> Cow<'_, str> {
    const WORDS: [&str; 3] = ["overriding", "system", "value"];
    let begins = |at: &[u8]| matches!(at, [b'o' | b'O', ..]) && at.eq_ignore_ascii_case(WORDS[0].as_bytes());
    // Looked for roughly first: hardly any statement has them.
    if !sql.as_bytes().windows(WORDS[0].len()).any(begins) {
        return Cow::Borrowed(sql);
    }
    let words: Vec<Token<'_>> = tokens(sql).collect();
    let significant: Vec<usize> = (0..words.len()).filter(|at| words[*at].kind != Kind::Blank).collect();
    let found = significant
        .windows(3)
        .find(|three| three.iter().zip(WORDS).all(|(at, word)| words[*at].is_word(word)));
    let Some(found) = found else { return Cow::Borrowed(sql) };
    let kept = words.iter().enumerate().filter(|(at, _)| !(found[0]..=found[2]).contains(at));
    Cow::Owned(kept.map(|(_, token)| token.text).collect())
}

/// Runs a bound statement to its end.
fn fetch(prepared: &mut CachedStatement<'_>) -> rusqlite::Result<Vec<Row>> {
    let mut found = Vec::new();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        // Asked per row: the first step may have prepared the statement anew for a changed schema.
        let count = row.as_ref().column_count();
        found.push(Row::new((0..count).map(|column| cell(row, column)).collect::<rusqlite::Result<_>>()?));
    }
    Ok(found)
}

fn cell(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Value> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(text) => Value::Text(
            std::str::from_utf8(text).map_err(|error| rusqlite::Error::Utf8Error(column, error))?.to_owned(),
        ),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        // No column has this type; only arithmetic could make one.
        ValueRef::Real(_) => {
            let name = row.as_ref().column_name(column).unwrap_or_default().to_owned();
            return Err(rusqlite::Error::InvalidColumnType(column, name, rusqlite::types::Type::Real));
        }
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(text) => {
                return Ok(match storable(text) {
                    Cow::Borrowed(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
                    Cow::Owned(text) => ToSqlOutput::Owned(rusqlite::types::Value::Text(text)),
                });
            }
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
