//! Small constructors of answers.

use std::time::Duration;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// A JSON body as `application/json; charset=utf-8`, fields in the order `body` serialises them.
///
/// A body that cannot be serialised (a map whose keys are not text) becomes an empty 500.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => with_type(status, JSON, Body::from(bytes)),
        Err(_) => {
            tracing::error!("an answer could not be serialised");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// A body of plain text as `text/plain; charset=utf-8`.
pub fn text(status: StatusCode, body: &str) -> Response {
    with_type(status, TEXT, Body::from(body.to_owned()))
}

/// An answer without a body and without a content type.
pub fn empty(status: StatusCode) -> Response {
    status.into_response()
}

/// Adds `Retry-After` in whole seconds, rounded up, at least one (RFC 9110 section 10.2.3).
pub fn retry_after(mut response: Response, wait: Duration) -> Response {
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

fn with_type(status: StatusCode, content_type: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn types_and_statuses() {
        let answer = json(StatusCode::CREATED, &serde_json::json!({"a": 1}));
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json; charset=utf-8");
        let answer = text(StatusCode::OK, "x");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
        assert!(empty(StatusCode::NO_CONTENT).headers().get(header::CONTENT_TYPE).is_none());
    }

    #[test]
    fn what_cannot_be_serialised_is_a_500() {
        let keys = BTreeMap::from([(vec![1_u8], 1)]);
        assert_eq!(json(StatusCode::OK, &keys).status(), 500);
    }

    #[test]
    fn retry_after_rounds_up_and_never_says_zero() {
        for (wait, said) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (90_000, "90")] {
            let answer = retry_after(empty(StatusCode::TOO_MANY_REQUESTS), Duration::from_millis(wait));
            assert_eq!(answer.headers()[header::RETRY_AFTER], said, "{wait} ms");
        }
        let answer = retry_after(empty(StatusCode::TOO_MANY_REQUESTS), Duration::MAX);
        assert!(answer.headers().contains_key(header::RETRY_AFTER));
    }
}
