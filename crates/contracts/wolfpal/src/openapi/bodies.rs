//! Bodies that no one type of `wire` stands for, and the refusals that many endpoints share.

use std::collections::BTreeMap;

use utoipa::{IntoResponses, ToResponse, ToSchema};

use crate::errors::Uncoded;
use crate::wire::{AwaitsSecondStep, Said, SamePassword, SignedIn};

/// The names as the document's example has them, or as its table does.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum SecondStepEitherWay {
    Example(crate::wire::SecondStep<'static>),
    Table(SecondStepOfTable),
}

#[derive(ToSchema)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SecondStepOfTable {
    token: String,
    code: String,
}

#[derive(ToSchema)]
pub(super) struct RefreshToken {
    refresh_token: String,
}

#[derive(ToSchema)]
pub(super) struct Address {
    #[schema(format = Email)]
    email: String,
}

#[derive(ToSchema)]
pub(super) struct MaybeAddress {
    #[schema(format = Email)]
    email: Option<String>,
}

/// A code of the second factor, or a backup code.
#[derive(ToSchema)]
pub(super) struct ProvingCode {
    code: String,
}

#[derive(ToSchema)]
pub(super) struct NewUsername {
    /// Letters and digits of ASCII.
    #[schema(min_length = 3, max_length = 28)]
    username: String,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangePassword {
    #[schema(format = Password)]
    old_password: String,
    #[schema(format = Password, min_length = 8, max_length = 56)]
    new_password: String,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResetPassword {
    #[schema(format = Password, min_length = 8, max_length = 56)]
    password: String,
    /// The same again. Spelled so.
    #[schema(format = Password)]
    comfirm_password: String,
}

/// Booleans; `1`, `0` and their words as text will do.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeNotifications {
    weekly_goals: Switch,
    yearly_goals: Option<Switch>,
}

#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum Switch {
    Boolean(bool),
    Number(u8),
    Text(String),
}

/// What is wrong with the fields, by their names. `code` is 400 on the routes that sign somebody in.
#[derive(ToSchema)]
pub(super) struct Problems {
    #[schema(nullable = false)]
    code: Option<u16>,
    /// What to switch on.
    codes: BTreeMap<String, String>,
    /// The same in words.
    errors: BTreeMap<String, String>,
}

/// Fields are wrong, an outcome with its code, or a body that cannot be read.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum Invalid {
    Fields(Problems),
    Outcome(Said<'static>),
    Unreadable(Uncoded),
}

/// The same as another that is there, or as before.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum PasswordConflict {
    Outcome(Said<'static>),
    Same(SamePassword),
}

/// Signed in, or a code is awaited.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum SignIn {
    Done(SignedIn),
    Awaits(AwaitsSecondStep),
}

/// What is asked cannot be, and the code says why.
#[derive(ToResponse)]
pub(super) struct BadRequest(Invalid);

/// No token, or one that is wrong, over or ended.
#[derive(ToResponse)]
#[response(content_type = "text/plain")]
pub(super) struct Unauthorized(String);

/// No good token (a text), or the old password is wrong.
#[derive(ToResponse)]
pub(super) enum UnauthorizedOrWrong {
    Token(#[content("text/plain")] String),
    Password(#[content("application/json")] Said<'static>),
}

/// Somebody has it, perhaps the caller.
#[derive(ToResponse)]
pub(super) struct Conflict(Said<'static>);

/// Too many attempts.
#[derive(ToResponse)]
#[response(headers(("Retry-After" = u64, description = "Seconds")))]
pub(super) struct Throttled(Said<'static>);

/// The body has more than 102,400 bytes.
#[derive(ToResponse)]
pub(super) struct TooLarge(Uncoded);

/// Our fault; the log has it under the answer's `X-Request-Id`.
#[derive(ToResponse)]
pub(super) struct Broken(Said<'static>);

/// Busy, or the database does not answer.
#[derive(ToResponse)]
#[response(headers(("Retry-After" = u64, description = "Seconds")))]
pub(super) struct Busy(Said<'static>);

/// What anything may answer.
#[derive(IntoResponses)]
pub(super) enum Always {
    #[response(status = 413)]
    TooLarge(#[ref_response] TooLarge),
    #[response(status = 500)]
    Broken(#[ref_response] Broken),
    #[response(status = 503)]
    Busy(#[ref_response] Busy),
}
