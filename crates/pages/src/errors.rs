//! Every refusal with its status and page.

use std::time::Duration;

use accounts::{Failure, Fault, Refusal};
use axum::http::StatusCode;
use axum::response::Response;
use web::{Missed, retry_after};

use crate::page::Page;
use crate::text::{Note, WORDS};
use crate::view::{self, Frame};

/// Why a page does not do what it is for.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The token is unknown, used or over: one answer for all three.
    Gone,
    /// A foreign page sent the form.
    Foreign,
    /// The body is no form.
    BadForm,
    /// The rules refuse it, or something broke.
    Failed(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(Refusal::TokenUnknown) => Self::Gone,
            other => Self::Failed(other),
        }
    }
}

/// The answer to a refused request for a mount's page.
pub(crate) fn refused(why: Refused, site: &str, page: Page) -> Response {
    let frame = Frame::of(site);
    let notes = &WORDS.notes;
    match why {
        Refused::Gone => view::note(StatusCode::NOT_FOUND, &frame, &view::words(page).gone),
        Refused::Foreign => view::note(StatusCode::FORBIDDEN, &frame, &notes.foreign),
        Refused::BadForm => view::note(StatusCode::BAD_REQUEST, &frame, &notes.bad_form),
        Refused::Failed(failure) => failed(failure, &frame, page),
    }
}

fn failed(failure: Failure, frame: &Frame<'_>, page: Page) -> Response {
    let notes = &WORDS.notes;
    match failure {
        Failure::Refused(refusal) => by_rule(refusal, frame, page),
        Failure::Unauthenticated(_) => view::note(StatusCode::BAD_REQUEST, frame, &notes.refused),
        Failure::Overloaded { retry_after } => busy(frame, retry_after.duration()),
        Failure::Fault(Fault::Unavailable) => busy(frame, Duration::from_secs(1)),
        Failure::Fault(Fault::Internal) => {
            view::note(StatusCode::INTERNAL_SERVER_ERROR, frame, &notes.broken)
        }
    }
}

fn by_rule(refusal: Refusal, frame: &Frame<'_>, page: Page) -> Response {
    match refusal {
        Refusal::TokenUnknown => view::note(StatusCode::NOT_FOUND, frame, &view::words(page).gone),
        Refusal::Throttled { retry_after: wait } => {
            let note = view::note(StatusCode::TOO_MANY_REQUESTS, frame, &WORDS.notes.throttled);
            retry_after(note, wait.duration())
        }
        // Said next to the field; here only if a verb without fields says it.
        Refusal::PasswordTooShort { .. } | Refusal::PasswordTooLong | Refusal::PasswordTooCommon => {
            by_any_other(frame)
        }
        // What no mailed link can meet.
        Refusal::WrongCredentials
        | Refusal::EmailUnconfirmed
        | Refusal::RegistrationClosed
        | Refusal::UsernameUnusable
        | Refusal::EmailUnusable
        | Refusal::NameTaken
        | Refusal::TicketUnknown
        | Refusal::CodeWrong
        | Refusal::RefreshRefused
        | Refusal::InviteUnknown
        | Refusal::TooManyInvites
        | Refusal::NotPermitted
        | Refusal::NameAmbiguous
        | Refusal::AccountUnknown
        | Refusal::CurrentPasswordWrong
        | Refusal::SessionUnknown
        | Refusal::EmailUnchanged
        | Refusal::EmailChangeUnknown
        | Refusal::ApiKeyUnknown
        | Refusal::ProfileTooLarge
        | Refusal::LastAdministrator
        | Refusal::TwoFactorNotInitialised => by_any_other(frame),
    }
}

fn by_any_other(frame: &Frame<'_>) -> Response {
    view::note(StatusCode::BAD_REQUEST, frame, &WORDS.notes.refused)
}

fn busy(frame: &Frame<'_>, wait: Duration) -> Response {
    retry_after(view::note(StatusCode::SERVICE_UNAVAILABLE, frame, &WORDS.notes.busy), wait)
}

/// Requests under `/pages` that no page answers. Which mount they are for is not known here.
pub(crate) fn miss(missed: &Missed) -> Response {
    let frame = Frame::lost();
    let notes = &WORDS.notes;
    let note = |status, note: &Note| view::note(status, &frame, note);
    match missed {
        Missed::NotFound => note(StatusCode::NOT_FOUND, &notes.not_found),
        Missed::MethodNotAllowed { .. } => note(StatusCode::METHOD_NOT_ALLOWED, &notes.method),
        Missed::TooLarge => note(StatusCode::PAYLOAD_TOO_LARGE, &notes.too_large),
        Missed::Unreadable => note(StatusCode::BAD_REQUEST, &notes.bad_form),
        Missed::TimedOut => busy(&frame, Duration::from_secs(1)),
        Missed::Panicked => note(StatusCode::INTERNAL_SERVER_ERROR, &notes.broken),
    }
}
