//! Every refusal with its status and text.

use std::collections::BTreeMap;
use std::time::Duration;

use accounts::{CheckRefused, Failure, Fault, Refusal};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Missed, empty, json, retry_after};

use crate::wire::Reply;

/// Why a request does not get what it asks for.
#[derive(Debug)]
pub(crate) enum Refused {
    /// These parameters are missing or empty.
    Missing(Vec<&'static str>),
    /// Query or body are not in the syntax they should be in.
    Unreadable,
    /// No bearer token.
    NoToken,
    /// There is no such role.
    RoleUnknown,
    /// This parameter is none that can be kept.
    Unusable(&'static str),
    /// It is somebody else's, or an administrator's to say.
    NotAllowed,
    /// Asked for by a browser in advance, not by its user.
    Prefetched,
    /// The request missed before it was understood.
    Missed(Missed),
    /// The rules refuse it, or something broke.
    Failed(Failure),
}

/// The body of a 400 as the original's framework writes it (melon.md 2.3; RFC 9457).
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What is wrong, by the names of parameters; missing where none is to blame.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = HashMap<String, Vec<String>>, required = false)]
    errors: BTreeMap<&'static str, [String; 1]>,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    /// As W3C Trace Context writes one, of the request's id.
    #[serde(rename = "traceId", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    trace_id: Option<String>,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<CheckRefused> for Refused {
    fn from(refused: CheckRefused) -> Self {
        Self::Failed(refused.into())
    }
}

impl Refused {
    /// The same where the invite is what a Server token carries: a spent one is a token that is over.
    pub(crate) fn by_server_token(failure: Failure) -> Self {
        match failure {
            Failure::Refused(Refusal::InviteUnknown) => CheckRefused::SessionEnded.into(),
            other => Self::Failed(other),
        }
    }
}

/// The answer to a refused request.
pub(crate) fn response(reply: &Reply, refused: Refused) -> Response {
    match refused {
        Refused::Missing(names) => {
            let text = |name| (name, [format!("The {name} field is required.")]);
            invalid(reply, names.into_iter().map(text).collect())
        }
        Refused::Unreadable => {
            invalid(reply, BTreeMap::from([("", ["The request could not be read.".to_owned()])]))
        }
        Refused::NoToken => challenge("Bearer"),
        Refused::RoleUnknown => reply.text(StatusCode::BAD_REQUEST, "Role must be Admin, User or Pass"),
        Refused::Unusable(name) => reply.text(StatusCode::BAD_REQUEST, &format!("Invalid {name}")),
        Refused::NotAllowed => reply.text(StatusCode::UNAUTHORIZED, "Invalid Auth"),
        Refused::Prefetched => retry_after(empty(StatusCode::SERVICE_UNAVAILABLE), Duration::from_secs(1)),
        Refused::Missed(missed) => miss(&missed),
        Refused::Failed(failure) => failed(reply, failure),
    }
}

fn failed(reply: &Reply, failure: Failure) -> Response {
    match failure {
        Failure::Refused(refusal) => by_rule(reply, refusal),
        Failure::Unauthenticated(refused) => unauthenticated(refused),
        Failure::Overloaded { retry_after } => busy(reply, retry_after.duration()),
        Failure::Fault(Fault::Unavailable) => busy(reply, Duration::from_secs(1)),
        Failure::Fault(Fault::Internal) => {
            reply.text(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
        }
    }
}

fn by_rule(reply: &Reply, refusal: Refusal) -> Response {
    let bad = |text: &str| reply.text(StatusCode::BAD_REQUEST, text);
    let unauthorized = |text: &str| reply.text(StatusCode::UNAUTHORIZED, text);
    match refusal {
        Refusal::WrongCredentials | Refusal::TicketUnknown | Refusal::CodeWrong => {
            unauthorized("Invalid username or password")
        }
        Refusal::EmailUnconfirmed => unauthorized("Email address not confirmed"),
        Refusal::Throttled { retry_after: wait } => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            retry_after(reply.text(status, "Too many attempts, try again later"), wait.duration())
        }
        Refusal::RegistrationClosed => reply.text(StatusCode::FORBIDDEN, "Registration is closed"),
        Refusal::UsernameUnusable => bad("Invalid username"),
        Refusal::EmailUnusable => bad("Invalid email address"),
        Refusal::PasswordTooShort { min } => bad(&format!("Password must be at least {min} characters")),
        Refusal::PasswordTooLong => bad("Password is too long"),
        Refusal::PasswordTooCommon => bad("Password is too easy to guess"),
        Refusal::NameTaken => bad("Username already exists"),
        Refusal::RefreshRefused => unauthenticated(CheckRefused::Invalid),
        Refusal::TokenUnknown => bad("Invalid token"),
        Refusal::InviteUnknown => unauthorized("Invalid invite code"),
        Refusal::TooManyInvites => {
            reply.text(StatusCode::REQUEST_TIMEOUT, "Timeout, too many invite codes active")
        }
        Refusal::NotPermitted => challenge("Bearer"),
        Refusal::NameAmbiguous | Refusal::AccountUnknown => {
            reply.text(StatusCode::NOT_FOUND, "User Not Found")
        }
        Refusal::CurrentPasswordWrong => unauthorized("Invalid Auth"),
        Refusal::SessionUnknown => reply.text(StatusCode::NOT_FOUND, "Session Not Found"),
        Refusal::EmailUnchanged | Refusal::EmailChangeUnknown => bad("Invalid email address"),
        Refusal::ApiKeyUnknown => reply.text(StatusCode::NOT_FOUND, "API Key Not Found"),
        Refusal::ProfileTooLarge => bad("Profile is too large"),
        Refusal::LastAdministrator => bad("The last Admin cannot be removed"),
        Refusal::TwoFactorNotInitialised => bad("Two-factor authentication is not set up"),
    }
}

/// An empty 401 that says what is wrong with the token (RFC 6750, section 3).
fn unauthenticated(refused: CheckRefused) -> Response {
    challenge(match refused {
        CheckRefused::Invalid | CheckRefused::ApiKeyInvalid | CheckRefused::ApiKeyExpired => {
            r#"Bearer error="invalid_token", error_description="The token is invalid""#
        }
        CheckRefused::Expired => r#"Bearer error="invalid_token", error_description="The token expired""#,
        CheckRefused::SessionEnded | CheckRefused::AccountGone => {
            r#"Bearer error="invalid_token", error_description="The token is no longer valid""#
        }
    })
}

fn challenge(with: &'static str) -> Response {
    let mut response = empty(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(with));
    response
}

/// Requests under Melon's paths that no handler answers: an empty body, as the original's framework has it,
/// but for the 400.
pub(crate) fn miss(missed: &Missed) -> Response {
    match missed {
        Missed::NotFound => empty(StatusCode::NOT_FOUND),
        Missed::MethodNotAllowed { .. } => empty(StatusCode::METHOD_NOT_ALLOWED),
        Missed::TooLarge => empty(StatusCode::PAYLOAD_TOO_LARGE),
        Missed::Unreadable => problem("Bad Request", BTreeMap::new(), None),
        Missed::TimedOut => retry_after(empty(StatusCode::SERVICE_UNAVAILABLE), Duration::from_secs(1)),
        Missed::Panicked => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn busy(reply: &Reply, wait: Duration) -> Response {
    retry_after(reply.text(StatusCode::SERVICE_UNAVAILABLE, "Server is busy, try again later"), wait)
}

fn invalid(reply: &Reply, errors: BTreeMap<&'static str, [String; 1]>) -> Response {
    // As W3C Trace Context writes one: version, trace, span, flags.
    let trace_id = reply.request_id.map(|id| format!("00-{id}-{}-00", &id.as_str()[..16]));
    problem("One or more validation errors occurred.", errors, trace_id)
}

fn problem(
    title: &'static str,
    errors: BTreeMap<&'static str, [String; 1]>,
    trace_id: Option<String>,
) -> Response {
    let status = StatusCode::BAD_REQUEST;
    let kind = "https://tools.ietf.org/html/rfc9110#section-15.5.1";
    let mut response = json(status, &Problem { errors, kind, title, status: status.as_u16(), trace_id });
    let problem_json = HeaderValue::from_static("application/problem+json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, problem_json);
    response
}

#[cfg(test)]
mod tests;
