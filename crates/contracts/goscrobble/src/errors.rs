//! Every way not to do what was asked for, as this contract words it.
//!
//! An application error is an HTTP 200 with `{"error":..}` (goscrobble.md 2.1); other statuses are for
//! what its client need not tell apart.

use std::time::Duration;

use accounts::{CheckRefused, Failure, Fault, Refusal};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use web::Missed;

/// How long to wait when nobody can say.
const SHORTLY: Duration = Duration::from_secs(1);

/// Why a call was not done.
pub(crate) enum NotDone {
    /// The body is not what the call takes.
    Malformed,
    /// A rule of this contract's own was broken, in its words.
    Said(&'static str),
    /// The rules below refused, or could not be asked.
    Failed(Failure),
}

impl NotDone {
    /// The same in a sign-in. There the client shows any other status as a lost connection, so being
    /// locked out is an application error too (goscrobble.md 6.5).
    pub(crate) fn in_sign_in(failure: Failure) -> Self {
        match failure {
            Failure::Refused(Refusal::Throttled { .. }) => Self::Said("Too many attempts, try again later"),
            other => Self::Failed(other),
        }
    }
}

impl From<Failure> for NotDone {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Refusal> for NotDone {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal.into())
    }
}

impl IntoResponse for NotDone {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed => lined(StatusCode::BAD_REQUEST, "Invalid JSON"),
            Self::Said(error) => said(error),
            Self::Failed(Failure::Refused(refusal)) => refused(refusal),
            Self::Failed(Failure::Unauthenticated(refused)) => unauthenticated(refused),
            Self::Failed(Failure::Overloaded { retry_after }) => unavailable(retry_after.duration()),
            Self::Failed(Failure::Fault(Fault::Unavailable)) => unavailable(SHORTLY),
            Self::Failed(Failure::Fault(Fault::Internal)) => broken(),
        }
    }
}

fn refused(refusal: Refusal) -> Response {
    match refusal {
        Refusal::Throttled { retry_after } => {
            let body = json!({ "message": "Too many requests" });
            web::retry_after(web::json(StatusCode::TOO_MANY_REQUESTS, &body), retry_after.duration())
        }
        Refusal::PasswordTooShort { min } => said(&format!("Password must be at least {min} characters")),
        Refusal::PasswordTooLong => said("Password is too long"),
        Refusal::PasswordTooCommon => said("Password is too easy to guess"),
        Refusal::UsernameUnusable => said("Username contains invalid characters"),
        Refusal::EmailUnusable => said("Invalid email address"),
        Refusal::NameTaken => said("Username or email already exists"),
        Refusal::RegistrationClosed | Refusal::InviteUnknown | Refusal::TooManyInvites => {
            said("Registration is currently disabled")
        }
        Refusal::EmailUnconfirmed => said("Email address is not confirmed"),
        Refusal::WrongCredentials
        | Refusal::CurrentPasswordWrong
        | Refusal::TicketUnknown
        | Refusal::CodeWrong
        | Refusal::TwoFactorNotInitialised => said("Invalid Username or Password"),
        Refusal::RefreshRefused => said("Invalid refresh token"),
        Refusal::TokenUnknown => said("Invalid Token"),
        Refusal::NameAmbiguous | Refusal::AccountUnknown => said("Failed to fetch user information"),
        Refusal::ProfileTooLarge => said("Profile is too large"),
        Refusal::EmailUnchanged | Refusal::EmailChangeUnknown => said("Invalid email address"),
        Refusal::SessionUnknown | Refusal::ApiKeyUnknown => said("Invalid Token"),
        Refusal::LastAdministrator => said("The last admin cannot be removed"),
        Refusal::NotPermitted => lined(StatusCode::UNAUTHORIZED, "User is not admin"),
    }
}

fn unauthenticated(refused: CheckRefused) -> Response {
    match refused {
        CheckRefused::Invalid
        | CheckRefused::Expired
        | CheckRefused::SessionEnded
        | CheckRefused::ApiKeyInvalid
        | CheckRefused::ApiKeyExpired
        | CheckRefused::AccountGone => lined(StatusCode::UNAUTHORIZED, "Invalid JWT Token"),
    }
}

/// What no handler answered.
pub(crate) fn miss(missed: &Missed) -> Response {
    match missed {
        Missed::NotFound => web::text(StatusCode::NOT_FOUND, "404 page not found\n"),
        Missed::MethodNotAllowed { .. } => web::empty(StatusCode::METHOD_NOT_ALLOWED),
        Missed::TooLarge => error(StatusCode::PAYLOAD_TOO_LARGE, "Request body too large"),
        Missed::Unreadable => lined(StatusCode::BAD_REQUEST, "Bad request"),
        Missed::TimedOut => unavailable(SHORTLY),
        Missed::Panicked => broken(),
    }
}

fn unavailable(wait: Duration) -> Response {
    let response = error(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable, try again later");
    web::retry_after(response, wait)
}

fn broken() -> Response {
    error(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
}

/// An application error.
fn said(text: &str) -> Response {
    error(StatusCode::OK, text)
}

fn error(status: StatusCode, text: &str) -> Response {
    web::json(status, &body(text))
}

/// The same with a newline at its end, as the original sends its 400 and 401.
fn lined(status: StatusCode, text: &str) -> Response {
    let mut response = web::text(status, &format!("{}\n", body(text)));
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn body(text: &str) -> Value {
    json!({ "error": text })
}
