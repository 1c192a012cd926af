//! The words of every refusal. What was being done changes a few of them; everything else has the general
//! ones.

use accounts::Refusal;
use axum::http::StatusCode;
use axum::response::Response;
use model::Span;

use super::{Doing, said, unauthorized};
use crate::problems::{Problem, Problems};
use crate::wire::{self, Code, MIN_PASSWORD};

/// The words of a refusal. Some cannot happen here; they get what is nearest.
pub(super) fn refused(doing: Doing, refusal: Refusal) -> Response {
    let (status, code, error) = match refusal {
        Refusal::WrongCredentials => {
            (StatusCode::BAD_REQUEST, "INVALID_CREDENTIALS", "Either email or password is invalid. ")
        }
        Refusal::EmailUnconfirmed => (
            StatusCode::BAD_REQUEST,
            "PENDING_CONFIRMATION",
            "Please confirm your email address to complete the registration.",
        ),
        Refusal::Throttled { retry_after } => return throttled(doing, retry_after),
        Refusal::RegistrationClosed | Refusal::InviteUnknown | Refusal::TooManyInvites => {
            (StatusCode::CONFLICT, "REGISTRATION_DISABLED", "Currently registration are disabled.")
        }
        Refusal::UsernameUnusable => {
            return Problems::one("username", wire::username_characters()).response();
        }
        Refusal::EmailUnusable => return Problems::one("email", wire::email_invalid()).response(),
        Refusal::PasswordTooShort { min } => return password_length(doing, min),
        Refusal::PasswordTooLong => return password_length(doing, MIN_PASSWORD),
        Refusal::PasswordTooCommon => return password_common(doing),
        Refusal::NameTaken => return taken(doing),
        Refusal::TicketUnknown => {
            (StatusCode::BAD_REQUEST, "INVALID_TWO_FACTOR_TOKEN", "Invalid two factor token.")
        }
        Refusal::CodeWrong => return wrong_code(doing),
        Refusal::RefreshRefused
        | Refusal::NotPermitted
        | Refusal::NameAmbiguous
        | Refusal::AccountUnknown => return unauthorized(),
        Refusal::TokenUnknown => return spent_link(doing),
        Refusal::CurrentPasswordWrong => {
            (StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS", "Wrong old password.")
        }
        Refusal::SessionUnknown => (StatusCode::NOT_FOUND, "SESSION_NOT_FOUND", "Session not found."),
        Refusal::EmailUnchanged => (
            StatusCode::CONFLICT,
            "EMAIL_CONFLICT",
            "The email you are attempting to change to is the same as your current one.",
        ),
        Refusal::EmailChangeUnknown => {
            (StatusCode::BAD_REQUEST, "EMAIL_CHANGE_NOT_REQUESTED", "You have not requsted a email change.")
        }
        Refusal::ApiKeyUnknown => (StatusCode::NOT_FOUND, "API_KEY_NOT_FOUND", "API key not found."),
        Refusal::ProfileTooLarge => {
            (StatusCode::BAD_REQUEST, "PROFILE_TOO_LARGE", "There is no room to keep that.")
        }
        Refusal::LastAdministrator => {
            (StatusCode::CONFLICT, "LAST_ADMINISTRATOR", "The last administrator can not be removed.")
        }
        Refusal::TwoFactorNotInitialised => return not_initialised(doing),
    };
    said(status, Code::Name(code), error)
}

/// The page of a forgotten password has a text of its own for 429 (wolfpal.md 3.2).
fn throttled(doing: Doing, wait: Span) -> Response {
    let error = match doing {
        Doing::ForgettingPassword => {
            "You either requested or changed your password recently.  Please try again later."
        }
        _ => "Too many attempts. Please try again later.",
    };
    let status = StatusCode::TOO_MANY_REQUESTS;
    web::retry_after(said(status, Code::Number(status.as_u16()), error), wait.duration())
}

/// Each form has its field, and its words for it.
fn password_length(doing: Doing, min: usize) -> Response {
    let (field, problem): (_, fn(usize) -> Problem) = match doing {
        Doing::ChangingPassword => ("newPassword", wire::changed_password_length),
        Doing::ResettingPassword => ("password", wire::reset_password_length),
        _ => ("password", wire::password_length),
    };
    Problems::one(field, problem(min)).response()
}

fn password_common(doing: Doing) -> Response {
    let field = if matches!(doing, Doing::ChangingPassword) { "newPassword" } else { "password" };
    Problems::one(field, wire::password_common()).response()
}

fn taken(doing: Doing) -> Response {
    let error = match doing {
        Doing::ChangingEmail => "The email you are attempting to change to is already in use.",
        _ => "This username or email already exists.",
    };
    said(StatusCode::CONFLICT, Code::Name("ALREADY_EXISTS"), error)
}

/// A mailed link that opens nothing (any more).
fn spent_link(doing: Doing) -> Response {
    let (code, error) = match doing {
        Doing::ConfirmingEmail => (
            "EXPIRED_CONFIRMATION",
            "Either your new email confirmation link has expired or already has been used.",
        ),
        Doing::ResettingPassword => {
            ("EXPIRED_OR_ALREADY_USED", "Either your reset link has expired or already has been used.")
        }
        _ => (
            "EXPIRED_OR_ALREADY_USED",
            "Either your account activate link has expired or already has been used.",
        ),
    };
    said(StatusCode::BAD_REQUEST, Code::Name(code), error)
}

/// A wrong code ends a sign-in with 401, and a change of the second factor with 400 under the name that
/// belongs to the token (wolfpal.md 2.4 and 3.4).
fn wrong_code(doing: Doing) -> Response {
    let (status, code) = match doing {
        Doing::EnablingTwoFactor | Doing::RemovingTwoFactor | Doing::ReadingBackupCodes => {
            (StatusCode::BAD_REQUEST, "INVALID_TWO_FACTOR_TOKEN")
        }
        _ => (StatusCode::UNAUTHORIZED, "INVALID_TWO_FACTOR_CODE"),
    };
    said(status, Code::Name(code), "Invalid two factor code.")
}

fn not_initialised(doing: Doing) -> Response {
    let error = match doing {
        Doing::RemovingTwoFactor => {
            "You must first initialize Two Factor and have it enabled before it can be removed."
        }
        Doing::ReadingBackupCodes => {
            "You must first initialize Two Factor before you can download backup codes."
        }
        _ => "You must first initialize Two Factor before you can enable it.",
    };
    said(StatusCode::BAD_REQUEST, Code::Name("TWO_FACTOR_NOT_INITIALIZE"), error)
}
