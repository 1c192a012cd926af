//! Every refusal with its status and text.

use std::time::Duration;

use accounts::{CheckRefused, Failure, Fault, Refusal};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Missed, json, retry_after};

use crate::wire::{Issue, MIN_PASSWORD};

/// Why a request does not get what it asks for.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Name or password was not given.
    CredentialsRequired,
    /// Name or password is a number, a list, ...
    CredentialsNotText,
    /// A field of the new profile is a number, a list, ...
    ProfileNotText,
    /// The new profile has nothing new.
    NothingToChange,
    /// The new password is below the documented minimum.
    PasswordTooShort,
    /// The body is not JSON, or neither an object nor a list.
    InvalidJson,
    /// The body is in a charset or coding that is not read.
    UnsupportedType,
    /// The permissions of a user are no list of text.
    PermissionsNotText,
    /// A permission is empty, too long or not to be seen, or there are too many.
    PermissionsUnusable,
    /// What is said of an API key cannot be so.
    ApiKeyUnusable(Vec<Issue>),
    /// What is said of the panel cannot be so.
    SettingsUnusable(Vec<Issue>),
    /// Neither a bearer token nor, where one would do, an API key.
    NoToken,
    /// Several API keys.
    SeveralApiKeys,
    /// The call is not for API keys, or the key asked for is another user's.
    AccessDenied,
    /// The new name is somebody else's.
    NewNameTaken,
    /// The request missed before it was understood.
    Missed(Missed),
    /// The rules refuse it, or something broke.
    Failed(Failure),
}

/// The one shape of an error.
#[derive(Serialize, ToSchema)]
#[schema(as = Refusal)]
pub(crate) struct Body<'a> {
    /// 429, where it is that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code: Option<u16>,
    /// What is wrong, in words.
    error: &'a str,
    /// The permission that is missing, where it is that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    required: Option<&'static str>,
}

/// A refusal that says everything that is wrong with an API key.
#[derive(Serialize, ToSchema)]
pub(crate) struct Listed {
    error: Vec<Issue>,
}

/// A refusal that says everything that is wrong with a settings body.
#[derive(Serialize, ToSchema)]
pub(crate) struct Validation {
    error: &'static str,
    issues: Vec<Issue>,
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
    /// The same where a taken name is the new name of an account that has one: argon.md 2.6 words it
    /// differently from a registration.
    pub(crate) fn renaming(failure: Failure) -> Self {
        match failure {
            Failure::Refused(Refusal::NameTaken) => Self::NewNameTaken,
            other => Self::Failed(other),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let bad = |text: &str| error(StatusCode::BAD_REQUEST, text);
        match self {
            Self::CredentialsRequired => bad("Username and password required"),
            Self::CredentialsNotText => bad("Username and password must be strings"),
            Self::ProfileNotText => bad("newUsername, currentPassword and newPassword must be strings"),
            Self::NothingToChange => {
                bad("At least one of newUsername or newPassword (with currentPassword) must be provided")
            }
            Self::PasswordTooShort => too_short(MIN_PASSWORD),
            Self::InvalidJson => bad("Invalid JSON"),
            Self::UnsupportedType => error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"),
            Self::PermissionsNotText => bad("permissions must be an array of strings"),
            Self::PermissionsUnusable => bad("Invalid permissions"),
            Self::ApiKeyUnusable(issues) => json(StatusCode::BAD_REQUEST, &Listed { error: issues }),
            Self::SettingsUnusable(issues) => {
                json(StatusCode::BAD_REQUEST, &Validation { error: "Validation failed", issues })
            }
            Self::NoToken => error(StatusCode::UNAUTHORIZED, "Authentication required"),
            Self::SeveralApiKeys => bad("Invalid API key format"),
            Self::AccessDenied => error(StatusCode::FORBIDDEN, "Access denied"),
            Self::NewNameTaken => bad("Username already taken"),
            Self::Missed(missed) => miss(&missed),
            Self::Failed(failure) => failed(failure),
        }
    }
}

fn failed(failure: Failure) -> Response {
    match failure {
        Failure::Refused(refusal) => refused(refusal),
        Failure::Unauthenticated(refused) => unauthenticated(refused),
        Failure::Overloaded { retry_after } => busy(retry_after.duration()),
        Failure::Fault(Fault::Unavailable) => busy(Duration::from_secs(1)),
        Failure::Fault(Fault::Internal) => error(StatusCode::INTERNAL_SERVER_ERROR, "Server error"),
    }
}

fn refused(refusal: Refusal) -> Response {
    let bad = |text: &str| error(StatusCode::BAD_REQUEST, text);
    match refusal {
        Refusal::WrongCredentials => error(StatusCode::UNAUTHORIZED, "Invalid credentials"),
        Refusal::EmailUnconfirmed => {
            error(StatusCode::UNAUTHORIZED, "Please confirm your email address to complete the registration.")
        }
        Refusal::Throttled { retry_after } => throttled(retry_after.duration()),
        Refusal::RegistrationClosed => bad("Registration is currently disabled"),
        Refusal::UsernameUnusable => bad("Invalid username"),
        Refusal::EmailUnusable => bad("Invalid email address"),
        Refusal::PasswordTooShort { min } => too_short(min),
        Refusal::PasswordTooLong => bad("Password is too long"),
        Refusal::PasswordTooCommon => bad("Password is too easy to guess"),
        Refusal::NameTaken => bad("Username already exists"),
        Refusal::TicketUnknown => error(StatusCode::UNAUTHORIZED, "Invalid credentials"),
        Refusal::CodeWrong => error(StatusCode::UNAUTHORIZED, "Invalid code"),
        Refusal::RefreshRefused => error(StatusCode::UNAUTHORIZED, "Invalid token format"),
        Refusal::TokenUnknown => bad("Invalid token"),
        Refusal::InviteUnknown => bad("Invalid invite code"),
        Refusal::TooManyInvites => error(StatusCode::TOO_MANY_REQUESTS, "Too many invite codes active"),
        Refusal::NotPermitted => not_permitted(),
        Refusal::NameAmbiguous | Refusal::AccountUnknown => error(StatusCode::NOT_FOUND, "User not found"),
        Refusal::CurrentPasswordWrong => error(StatusCode::UNAUTHORIZED, "Current password is incorrect"),
        Refusal::SessionUnknown => error(StatusCode::NOT_FOUND, "Session not found"),
        Refusal::EmailUnchanged => bad("This is your email address already"),
        Refusal::EmailChangeUnknown => bad("No email change was requested"),
        Refusal::ApiKeyUnknown => error(StatusCode::NOT_FOUND, "API key not found"),
        Refusal::ProfileTooLarge => bad("Profile is too large"),
        Refusal::LastAdministrator => bad("The last administrator cannot be removed"),
        Refusal::TwoFactorNotInitialised => bad("Two-factor authentication is not set up"),
    }
}

/// The texts of argon.md 2.5. A renamed user's earlier token is one of an ended session here, and 2.5
/// words it as that of a user who is gone; so every ended session is worded.
fn unauthenticated(refused: CheckRefused) -> Response {
    let text = match refused {
        CheckRefused::Invalid => "Invalid token format",
        CheckRefused::Expired => "Token has expired",
        CheckRefused::SessionEnded | CheckRefused::AccountGone => "User no longer exists",
        CheckRefused::ApiKeyInvalid => "Invalid API key",
        CheckRefused::ApiKeyExpired => "API key has expired",
    };
    error(StatusCode::UNAUTHORIZED, text)
}

/// Requests under Argon's paths that no handler answers.
pub(crate) fn miss(missed: &Missed) -> Response {
    match missed {
        Missed::NotFound => error(StatusCode::NOT_FOUND, "Not found"),
        Missed::MethodNotAllowed { .. } => error(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
        Missed::TooLarge => error(StatusCode::PAYLOAD_TOO_LARGE, "Request body too large"),
        Missed::Unreadable => error(StatusCode::BAD_REQUEST, "Bad request"),
        Missed::TimedOut => busy(Duration::from_secs(1)),
        Missed::Panicked => error(StatusCode::INTERNAL_SERVER_ERROR, "Server error"),
    }
}

fn too_short(min: usize) -> Response {
    error(StatusCode::BAD_REQUEST, &format!("Password must be at least {min} characters"))
}

/// Says `code` too, as the other contract on the same paths does (coexistence.md 8).
fn throttled(wait: Duration) -> Response {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let body = Body {
        code: Some(status.as_u16()),
        error: "Too many attempts, please try again later",
        required: None,
    };
    retry_after(json(status, &body), wait)
}

fn busy(wait: Duration) -> Response {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    retry_after(error(status, "Server is busy, please try again later"), wait)
}

fn not_permitted() -> Response {
    let body = Body { code: None, error: "Insufficient permissions", required: Some("admin") };
    json(StatusCode::FORBIDDEN, &body)
}

fn error(status: StatusCode, text: &str) -> Response {
    json(status, &Body { code: None, error: text, required: None })
}

#[cfg(test)]
mod tests;
