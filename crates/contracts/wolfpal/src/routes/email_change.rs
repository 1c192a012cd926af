//! `/account/change-email`: another address in the place of the caller's. The client also asks under
//! `/account/email-change`, which its own server forgot (wolfpal.md 4).

use accounts::Mount;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use web::{Client, Endpoint, RawBody};

use super::{both, caller, place};
use crate::errors::{Doing, Refused};
use crate::wire::{self, Told};

pub(super) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    [
        both!(mount, POST "/account/change-email" => ask),
        both!(mount, POST "/account/change-email/resend" => resend),
        both!(mount, POST "/account/email-change/resend" => resend),
        both!(mount, PUT "/account/change-email/{token}" => confirm),
        both!(mount, PUT "/account/email-change/{token}" => confirm),
    ]
    .concat()
}

async fn ask(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let email = wire::new_email(&wire::fields(&headers, &body)?)?;
    let asked = mount.change_email(&caller, &email, &place(client)).await;
    asked.map_err(Doing::ChangingEmail.failed())?;
    Ok(sent())
}

async fn resend(State(mount): State<Mount>, client: Client, headers: HeaderMap) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    mount.resend_email_change(&caller, &place(client)).await?;
    Ok(sent())
}

/// Only who asked for the change can confirm it (wolfpal.md 6).
async fn confirm(
    State(mount): State<Mount>,
    client: Client,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let confirmed = mount.confirm_own_email_change(&caller, &token, &place(client)).await;
    confirmed.map_err(Doing::ConfirmingEmail.failed())?;
    let told = Told { code: "EMAIL_CHANGED", message: "Your email has been changed successfully." };
    Ok(web::json(StatusCode::OK, &told))
}

fn sent() -> Response {
    let message = "Please check your new email address to complate the email change.";
    web::json(StatusCode::OK, &Told { code: "PENDING_CONFIRMATION", message })
}
