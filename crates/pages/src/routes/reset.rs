//! The page for a new password.

use accounts::{Client, Failure, Mailed, Refusal, ResetPassword};
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::SecretString;
use web::{Field, Fields, form_fields};

use super::Visit;
use crate::errors::Refused;
use crate::text::WORDS;
use crate::view::{self, Wrong};

/// The form, with what was wrong before.
pub(super) fn form(visit: &Visit<'_>, mailed: &Mailed, wrong: Option<&Wrong>) -> Response {
    view::reset(&visit.frame(), &mailed.username, visit.mount.min_password(), wrong)
}

/// Sets the password, or says next to the field why not. A link that does not work is told first: nobody
/// should think up a password in vain.
pub(super) async fn set(visit: &Visit<'_>, body: &[u8], client: Client) -> Result<Response, Refused> {
    let mailed = visit.mailed().await?;
    let fields = form_fields(body).map_err(|_| Refused::BadForm)?;
    let password = match typed(&fields) {
        Ok(password) => password,
        Err(wrong) => return Ok(form(visit, &mailed, Some(&wrong))),
    };
    let words = &WORDS.password;
    let wrong = match visit.mount.reset_password(ResetPassword { token: visit.token, password, client }).await
    {
        Ok(()) => return Ok(view::note(StatusCode::OK, &visit.frame(), &WORDS.reset.done)),
        Err(Failure::Refused(Refusal::PasswordTooShort { min })) => Wrong::Password((words.too_short)(min)),
        Err(Failure::Refused(Refusal::PasswordTooLong)) => Wrong::Password(words.too_long.to_owned()),
        Err(Failure::Refused(Refusal::PasswordTooCommon)) => Wrong::Password(words.too_common.to_owned()),
        Err(failure) => return Err(failure.into()),
    };
    Ok(form(visit, &mailed, Some(&wrong)))
}

/// The password, typed twice alike.
fn typed(fields: &Fields) -> Result<SecretString, Wrong> {
    let text = |name| match fields.field(name) {
        Field::Text(text) => text,
        Field::Missing | Field::NotText | Field::Null => "",
    };
    let (password, repeat) = (text("password"), text("repeat"));
    if password.is_empty() {
        return Err(Wrong::Password(WORDS.password.missing.to_owned()));
    }
    if password != repeat {
        return Err(Wrong::Repeat(WORDS.password.differ.to_owned()));
    }
    Ok(password.into())
}
