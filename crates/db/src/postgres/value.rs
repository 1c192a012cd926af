//! The five kinds of value on their way to PostgreSQL and back.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Column, Statement as Prepared};

use super::failure::Failure;
use crate::value::storable;
use crate::{Row, Value};

type Wrong = Box<dyn Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Wrong> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Bool(value) => value.to_sql(ty, out),
            Self::Int(value) => value.to_sql(ty, out),
            Self::Text(text) => storable(text).as_ref().to_sql(ty, out),
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Which kind fits is asked per value: see `check`.
        true
    }

    to_sql_checked!();
}

/// Refuses parameters that do not fit the statement, and columns that are none of our kinds, before anything is
/// sent: afterwards it may be too late to undo it.
pub(super) fn check(prepared: &Prepared, values: &[Value], sql: &str) -> Result<(), Failure> {
    let types = prepared.params();
    let (expected, given) = (types.len(), values.len());
    if expected != given {
        return Err(Failure::broken(format!("{given} parameters for a statement with {expected}: {sql}")));
    }
    for (at, (ty, value)) in types.iter().zip(values).enumerate() {
        let fits = match value {
            Value::Null => is_ours(ty),
            Value::Bool(_) => *ty == Type::BOOL,
            Value::Int(_) => *ty == Type::INT8,
            Value::Text(_) => is_text(ty),
            Value::Bytes(_) => *ty == Type::BYTEA,
        };
        if !fits {
            let (number, kind) = (at + 1, value.kind());
            return Err(Failure::broken(format!("${number} is {kind} in the place of {ty}, in: {sql}")));
        }
    }
    match prepared.columns().iter().map(Column::type_).find(|ty| !Cell::accepts(ty)) {
        Some(ty) => Err(Failure::broken(format!("a column is {ty}, in: {sql}"))),
        None => Ok(()),
    }
}

fn is_text(ty: &Type) -> bool {
    *ty == Type::TEXT || *ty == Type::VARCHAR
}

fn is_ours(ty: &Type) -> bool {
    [Type::BOOL, Type::INT8, Type::BYTEA].contains(ty) || is_text(ty)
}

/// A value of one of our kinds. Small integers are what literals are made of.
struct Cell(Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Wrong> {
        Ok(Self(match *ty {
            Type::BOOL => Value::Bool(bool::from_sql(ty, raw)?),
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(ty, raw)?.into()),
            Type::BYTEA => Value::Bytes(raw.to_vec()),
            _ => Value::Text(String::from_sql(ty, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Wrong> {
        Ok(Self(Value::Null))
    }

    fn accepts(ty: &Type) -> bool {
        is_ours(ty) || [Type::INT4, Type::INT2].contains(ty)
    }
}

/// The rows in our values.
pub(super) fn rows(found: &[tokio_postgres::Row], sql: &str) -> Result<Vec<Row>, Failure> {
    found.iter().map(|row| self::row(row, sql)).collect()
}

fn row(row: &tokio_postgres::Row, sql: &str) -> Result<Row, Failure> {
    let cells = (0..row.len()).map(|column| match row.try_get::<_, Cell>(column) {
        Ok(cell) => Ok(cell.0),
        Err(error) => Err(Failure::broken(format!("{error}, in: {sql}"))),
    });
    Ok(Row::new(cells.collect::<Result<_, _>>()?))
}
