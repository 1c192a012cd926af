//! What is wrong with a body, in the words and shapes of the validator that the panel's texts come from
//! (argon.md 3.2; zod 3).

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One thing that is wrong. The panel shows `message`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub(crate) enum Issue {
    /// A value of another type, or none.
    InvalidType { expected: &'static str, received: &'static str, path: Vec<Step>, message: String },
    /// Text that is too short.
    TooSmall {
        minimum: usize,
        #[serde(rename = "type")]
        kind: &'static str,
        inclusive: bool,
        exact: bool,
        message: &'static str,
        path: Vec<Step>,
    },
    /// Text or a list that is too long.
    TooBig {
        maximum: usize,
        #[serde(rename = "type")]
        kind: &'static str,
        inclusive: bool,
        exact: bool,
        message: String,
        path: Vec<Step>,
    },
    /// Text that is not in the form it has to have.
    InvalidString { validation: &'static str, message: &'static str, path: Vec<Step> },
    /// Anything else.
    Custom { message: &'static str, path: Vec<Step> },
}

/// A step on the way to the value.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Step {
    /// The field of this name.
    Field(&'static str),
    /// The entry of a list, counted from 0.
    Entry(usize),
}

impl Issue {
    /// The value is none of the expected type.
    pub(crate) fn not(expected: &'static str, value: Option<&Value>, path: Vec<Step>) -> Self {
        let received = match value {
            None => "undefined",
            Some(Value::Null) => "null",
            Some(Value::Bool(_)) => "boolean",
            Some(Value::Number(_)) => "number",
            Some(Value::String(_)) => "string",
            Some(Value::Array(_)) => "array",
            Some(Value::Object(_)) => "object",
        };
        let message = match value {
            None => "Required".to_owned(),
            Some(_) => format!("Expected {expected}, received {received}"),
        };
        Self::InvalidType { expected, received, path, message }
    }

    /// The text is empty; `message` says so.
    pub(crate) fn empty(message: &'static str, path: Vec<Step>) -> Self {
        Self::TooSmall { minimum: 1, kind: "string", inclusive: true, exact: false, message, path }
    }

    /// The text has more characters than it may have.
    pub(crate) fn long_text(maximum: usize, path: Vec<Step>) -> Self {
        let message = format!("String must contain at most {maximum} character(s)");
        Self::TooBig { maximum, kind: "string", inclusive: true, exact: false, message, path }
    }

    /// The list has more entries than it may have.
    pub(crate) fn long_list(maximum: usize, path: Vec<Step>) -> Self {
        let message = format!("Array must contain at most {maximum} element(s)");
        Self::TooBig { maximum, kind: "array", inclusive: true, exact: false, message, path }
    }
}
