//! How requests that no handler answers are worded, by the part of the path space they fall in.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::{
    answer,
    paths::{Case, is_under},
};

/// Words the answer to a request that no handler answered.
pub type Miss = fn(&Missed) -> Response;

/// Why no handler answered.
///
/// An extractor or handler may return it as its answer too: a composed service then puts it into
/// the words of the contract that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// No contract has the path.
    NotFound,
    /// The path is known, but not with this method. The answer gets an `Allow` header by itself.
    MethodNotAllowed {
        /// The methods that are known there, as in the `Allow` header: `GET, POST`.
        allow: String,
    },
    /// The body has more bytes than [`crate::Limits`] allows.
    TooLarge,
    /// The path is not text once decoded, or the body broke off.
    Unreadable,
    /// No answer within the time of [`crate::Limits`].
    TimedOut,
    /// The handler panicked. Its words are in the log, never in an answer.
    Panicked,
}

/// A prefix under which a contract words misses.
#[derive(Clone, Copy, Debug)]
pub struct Territory {
    /// `/auth` is `/auth` itself and all below `/auth/`, in any case.
    pub prefix: &'static str,
    /// The words.
    pub miss: Miss,
}

impl IntoResponse for Missed {
    fn into_response(self) -> Response {
        let mut response = plain(&self);
        response.extensions_mut().insert(self);
        response
    }
}

/// The words outside every territory.
pub(crate) fn plain(missed: &Missed) -> Response {
    let (status, error) = match missed {
        Missed::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        Missed::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
        Missed::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request body too large"),
        Missed::Unreadable => (StatusCode::BAD_REQUEST, "Bad request"),
        Missed::TimedOut => (StatusCode::SERVICE_UNAVAILABLE, "Request timed out"),
        Missed::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "Server error"),
    };
    answer::json(status, &json!({ "error": error }))
}

/// The answer in these words, with the `Allow` header that a 405 must carry (RFC 9110 section
/// 15.5.6) whether or not the words have it.
pub(crate) fn worded(miss: Miss, missed: &Missed) -> Response {
    let mut response = miss(missed);
    if let Missed::MethodNotAllowed { allow } = missed
        && let Ok(value) = HeaderValue::from_str(allow)
    {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

/// The words of the longest prefix that the path lies under, of equal ones the first.
pub(crate) fn longest(territories: &[Territory], path: &str) -> Option<Miss> {
    let mut best: Option<&Territory> = None;
    for territory in territories.iter().filter(|territory| is_under(path, territory.prefix, Case::Folded)) {
        if best.is_none_or(|best| territory.prefix.len() > best.prefix.len()) {
            best = Some(territory);
        }
    }
    best.map(|territory| territory.miss)
}
