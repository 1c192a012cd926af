//! Every refusal with its status and text.

use std::time::Duration;

use accounts::{CheckRefused, Failure, Fault, Refusal};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use web::{Missed, retry_after};

/// Why somebody does not get what is asked for.
#[derive(Debug)]
pub(super) enum Refused {
    /// Neither a token nor an API key.
    NoToken,
    /// This field of the query says what nothing can be.
    Field(&'static str, String),
    /// The request missed before it was understood.
    Missed(Missed),
    /// The rules refuse it, or something broke.
    Failed(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Missed> for Refused {
    fn from(missed: Missed) -> Self {
        Self::Missed(missed)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::NoToken => unauthenticated("an access token or an API key is needed"),
            Self::Field(name, problem) => error(StatusCode::BAD_REQUEST, &format!("{name}: {problem}")),
            Self::Missed(missed) => miss(&missed),
            Self::Failed(Failure::Refused(refusal)) => refused(&refusal),
            Self::Failed(Failure::Unauthenticated(why)) => unauthenticated(match why {
                CheckRefused::Invalid => "invalid token",
                CheckRefused::Expired => "the token has expired",
                CheckRefused::SessionEnded => "the token's session has ended",
                CheckRefused::ApiKeyInvalid => "invalid API key",
                CheckRefused::ApiKeyExpired => "the API key has expired",
                CheckRefused::AccountGone => "the token's account is gone or disabled",
            }),
            Self::Failed(Failure::Overloaded { retry_after }) => busy(retry_after.duration()),
            Self::Failed(Failure::Fault(Fault::Unavailable)) => busy(Duration::from_secs(1)),
            Self::Failed(Failure::Fault(Fault::Internal)) => {
                error(StatusCode::INTERNAL_SERVER_ERROR, "server error")
            }
        }
    }
}

fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NotPermitted => error(StatusCode::FORBIDDEN, "only administrators may read this"),
        Refusal::AccountUnknown => error(
            StatusCode::NOT_FOUND,
            "account: nobody is called this; of an account that was deleted give id: and its id",
        ),
        // No other verb is called here.
        other => error(StatusCode::BAD_REQUEST, &other.to_string()),
    }
}

/// Requests under `/tessera` that nothing answers.
pub(super) fn miss(missed: &Missed) -> Response {
    match missed {
        Missed::NotFound => error(StatusCode::NOT_FOUND, "not found"),
        Missed::MethodNotAllowed { .. } => error(StatusCode::METHOD_NOT_ALLOWED, "method not allowed"),
        Missed::TooLarge => error(StatusCode::PAYLOAD_TOO_LARGE, "request body too large"),
        Missed::Unreadable => error(StatusCode::BAD_REQUEST, "the request cannot be read"),
        Missed::TimedOut => busy(Duration::from_secs(1)),
        Missed::Panicked => error(StatusCode::INTERNAL_SERVER_ERROR, "server error"),
    }
}

/// With the challenge that a 401 must have (RFC 9110, section 15.5.2).
fn unauthenticated(text: &str) -> Response {
    let mut response = error(StatusCode::UNAUTHORIZED, text);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

fn busy(wait: Duration) -> Response {
    retry_after(error(StatusCode::SERVICE_UNAVAILABLE, "the server is busy, try again later"), wait)
}

fn error(status: StatusCode, text: &str) -> Response {
    web::json(status, &json!({ "error": text }))
}
