//! Every answer that is not what was asked for.

mod refusals;

use accounts::{CheckRefused, Failure, Fault, Refusal};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::Span;
use serde::Serialize;
use utoipa::ToSchema;
use web::{BodyRefused, Missed};

use crate::problems::Problems;
use crate::wire::{Code, Said, SamePassword, Unreadable};
use refusals::refused;

/// When to come back after a fault that may pass.
const SOON: Span = Span::seconds(1);

const TOO_LARGE: &str = "Request body too large";

/// What a handler answers instead of what was asked for.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Fields are missing or wrong.
    Fields(Problems),
    /// There are no fields to read.
    Unreadable(Unreadable),
    /// The rules said no.
    Failed(Doing, Failure),
    /// Somebody has the new username, perhaps the caller.
    UsernameTaken(String),
    /// The new password is the old one.
    SamePassword,
    /// The settings make a text that fits no QR code.
    QrCode,
}

/// What was being done, where the same refusal has other words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Everything else.
    Anything,
    /// `PUT /account/two-factor`
    EnablingTwoFactor,
    /// `DELETE /account/two-factor`
    RemovingTwoFactor,
    /// `GET /account/two-factor/backup-codes`
    ReadingBackupCodes,
    /// `POST /user/forgot-password`
    ForgettingPassword,
    /// `POST /user/reset-password/{token}`
    ResettingPassword,
    /// `PUT /account/change-password`
    ChangingPassword,
    /// `POST /account/change-email`
    ChangingEmail,
    /// `PUT /account/change-email/{token}`
    ConfirmingEmail,
}

impl Doing {
    /// For `map_err`: the failure, as one of doing this.
    pub(crate) fn failed(self) -> impl FnOnce(Failure) -> Refused {
        move |failure| Refused::Failed(self, failure)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(Doing::Anything, failure)
    }
}

impl From<CheckRefused> for Refused {
    fn from(refused: CheckRefused) -> Self {
        Failure::from(refused).into()
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Failure::from(refusal).into()
    }
}

impl From<Problems> for Refused {
    fn from(problems: Problems) -> Self {
        Self::Fields(problems)
    }
}

impl From<Unreadable> for Refused {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Fields(problems) => problems.response(),
            Self::Unreadable(Unreadable { why, error }) => unreadable(why, error),
            Self::UsernameTaken(name) => {
                let error = format!("{name} is currently not available.");
                said(StatusCode::CONFLICT, Code::Name("USERNAME_CONFLICT"), &error)
            }
            Self::SamePassword => web::json(StatusCode::CONFLICT, &SamePassword::ANSWER),
            Self::Failed(_, Failure::Overloaded { retry_after }) => unavailable(retry_after),
            Self::Failed(_, Failure::Fault(Fault::Unavailable)) => unavailable(SOON),
            Self::Failed(_, Failure::Fault(Fault::Internal)) | Self::QrCode => internal(),
            Self::Failed(_, Failure::Unauthenticated(why)) => match why {
                CheckRefused::Invalid
                | CheckRefused::Expired
                | CheckRefused::SessionEnded
                | CheckRefused::ApiKeyInvalid
                | CheckRefused::ApiKeyExpired
                | CheckRefused::AccountGone => unauthorized(),
            },
            Self::Failed(doing, Failure::Refused(refusal)) => refused(doing, refusal),
        }
    }
}

/// A body that cannot be read: no `code` and no `codes`, so that the client of either contract on a shared
/// path shows its general message (coexistence.md 2 and 8).
fn unreadable(why: BodyRefused, syntax: &'static str) -> Response {
    match why {
        BodyRefused::Malformed | BodyRefused::NotAnObject => uncoded(StatusCode::BAD_REQUEST, syntax),
        BodyRefused::TooLarge => uncoded(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE),
        BodyRefused::UnsupportedType => {
            uncoded(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported content type")
        }
    }
}

/// Requests that no handler answered.
pub(crate) fn miss(missed: &Missed) -> Response {
    let numbered = |status: StatusCode, error| said(status, Code::Number(status.as_u16()), error);
    match missed {
        Missed::NotFound => {
            numbered(StatusCode::NOT_FOUND, "Whoops, this resource or route could not be found")
        }
        Missed::MethodNotAllowed { .. } => {
            numbered(StatusCode::METHOD_NOT_ALLOWED, "This method is not allowed here")
        }
        Missed::TooLarge => uncoded(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE),
        Missed::Unreadable => uncoded(StatusCode::BAD_REQUEST, "Bad request"),
        Missed::TimedOut => unavailable(SOON),
        Missed::Panicked => internal(),
    }
}

fn unavailable(wait: Span) -> Response {
    let error = "Service unavailable. Please try again later.";
    let response = said(StatusCode::SERVICE_UNAVAILABLE, Code::Name("SERVICE_UNAVAILABLE"), error);
    web::retry_after(response, wait.duration())
}

fn internal() -> Response {
    let code = Code::Name("INTERNAL_SERVER_ERROR");
    said(StatusCode::INTERNAL_SERVER_ERROR, code, "Internal Server Error.")
}

fn unauthorized() -> Response {
    web::text(StatusCode::UNAUTHORIZED, "Unauthorized")
}

fn said(status: StatusCode, code: Code, error: &str) -> Response {
    web::json(status, &Said { code, error })
}

/// What is wrong with a body that cannot be read, in words.
#[derive(Serialize, ToSchema)]
pub(crate) struct Uncoded {
    error: &'static str,
}

fn uncoded(status: StatusCode, error: &'static str) -> Response {
    web::json(status, &Uncoded { error })
}

#[cfg(test)]
mod tests;
