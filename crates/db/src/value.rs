//! The five kinds of value that a parameter or a column can have.

use std::borrow::Cow;
use std::fmt;

/// One parameter or one column.
///
/// `Debug` shows the kind, and the length of text and bytes, never their content: it may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// A `boolean`. An engine without booleans gives it back as [`Value::Int`] 0 or 1;
    /// [`Row::boolean`](crate::Row::boolean) reads both.
    Bool(bool),
    /// A `bigint`. Times are microseconds since the epoch, UTC.
    Int(i64),
    /// A `text`. The NUL character, which not every engine can hold, is stored and looked for as U+FFFD.
    Text(String),
    /// A `bytea`.
    Bytes(Vec<u8>),
}

impl Value {
    /// The name of the kind, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }
}

/// A text as every engine can hold it: PostgreSQL refuses a NUL, and what one engine finds the others must too.
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{FFFD}")) } else { Cow::Borrowed(text) }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Bool(value) => write!(f, "Bool({value})"),
            Self::Int(value) => write!(f, "Int({value})"),
            Self::Text(value) => write!(f, "Text({} bytes)", value.len()),
            Self::Bytes(value) => write!(f, "Bytes({} bytes)", value.len()),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The parameters of one statement, in the order of their numbers: the first is `$1`.
///
/// Each goes through [`Value::from`]; the result is a `Vec<Value>`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        ::std::vec::Vec::<$crate::Value>::from([$($crate::Value::from($value)),*])
    };
}
