//! The pages that need no more than a button.

use accounts::{Client, Mailed};
use axum::http::StatusCode;
use axum::response::Response;

use super::Visit;
use crate::errors::Refused;
use crate::page::Page;
use crate::text::{Note, WORDS};
use crate::view::{self, Fact};

/// What the link is for, with a button.
pub(super) fn form(visit: &Visit<'_>, mailed: Mailed) -> Response {
    view::button(&visit.frame(), visit.page, &facts(mailed))
}

/// What is known, as far as it is known.
fn facts(mailed: Mailed) -> Vec<Fact> {
    let labels = &WORDS.labels;
    let (address, program) = mailed.session.unzip();
    let all = [
        (labels.account, Some(mailed.username)),
        (labels.new_email, mailed.new_email),
        (labels.address, address),
        (labels.program, program),
    ];
    let known = all.into_iter().filter_map(|(label, value)| Some(Fact { label, value: value? }));
    known.filter(|fact| !fact.value.is_empty()).collect()
}

/// Does it.
pub(super) async fn press(visit: &Visit<'_>, client: &Client) -> Result<Response, Refused> {
    let (mount, token) = (visit.mount, visit.token);
    let done = match visit.page {
        Page::Confirm => mount.confirm_email(token, client).await.map(|()| &WORDS.confirm.done)?,
        Page::Email => mount.confirm_email_change(token, client).await.map(|()| &WORDS.email.done)?,
        Page::NotMe => not_me(visit, client).await?,
        // Has fields, so it is not here; without them there is nothing to set.
        Page::Reset => return Err(Refused::BadForm),
    };
    Ok(view::note(StatusCode::OK, &visit.frame(), done))
}

async fn not_me(visit: &Visit<'_>, client: &Client) -> Result<&'static Note, Refused> {
    match visit.mount.not_me(visit.token, client).await {
        Ok(true) => Ok(&WORDS.not_me.done),
        Ok(false) => Ok(&WORDS.not_me_without_mail),
        Err(failure) => Err(failure.into()),
    }
}
