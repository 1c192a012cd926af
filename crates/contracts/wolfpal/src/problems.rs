//! What is wrong with the fields of a request, in the form that WolfPal's client switches on.

use std::borrow::Cow;

use axum::{http::StatusCode, response::Response};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What the client switches on.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) text: Cow<'static, str>,
}

/// A validation failure: `{"codes":{field:code},"errors":{field:text}}`, with `"code":400` before it on the
/// routes that sign somebody in (wolfpal.md 2.1).
#[derive(Debug, Default)]
pub(crate) struct Problems {
    numbered: bool,
    codes: Vec<(&'static str, &'static str)>,
    errors: Vec<(&'static str, Cow<'static, str>)>,
}

impl Problem {
    /// The field is missing, blank, or no text.
    pub(crate) fn required(text: &'static str) -> Self {
        Self { code: "REQUIRED", text: text.into() }
    }
}

impl Problems {
    /// No problem yet, on a route whose failures begin with `"code":400`.
    pub(crate) fn numbered() -> Self {
        Self { numbered: true, ..Self::default() }
    }

    /// This one problem.
    pub(crate) fn one(field: &'static str, problem: Problem) -> Self {
        let mut problems = Self::default();
        problems.add(field, field, problem);
        problems
    }

    /// The value of a field, or none with its problem noted.
    pub(crate) fn sift<T>(&mut self, field: &'static str, value: Result<T, Problem>) -> Option<T> {
        self.sift_under(field, field, value)
    }

    /// As [`Problems::sift`], but the words stand under another name in `errors`; words that were there
    /// before are replaced.
    pub(crate) fn sift_under<T>(
        &mut self,
        field: &'static str,
        shown: &'static str,
        value: Result<T, Problem>,
    ) -> Option<T> {
        value.map_err(|problem| self.add(field, shown, problem)).ok()
    }

    fn add(&mut self, field: &'static str, shown: &'static str, problem: Problem) {
        self.codes.push((field, problem.code));
        self.errors.retain(|(name, _)| *name != shown);
        self.errors.push((shown, problem.text));
    }

    /// As an answer.
    pub(crate) fn response(&self) -> Response {
        web::json(StatusCode::BAD_REQUEST, self)
    }
}

impl Serialize for Problems {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.numbered {
            map.serialize_entry("code", &StatusCode::BAD_REQUEST.as_u16())?;
        }
        map.serialize_entry("codes", &InOrder(&self.codes))?;
        map.serialize_entry("errors", &InOrder(&self.errors))?;
        map.end()
    }
}

/// Pairs as an object, in their order.
struct InOrder<'a, T>(&'a [(&'static str, T)]);

impl<T: Serialize> Serialize for InOrder<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
