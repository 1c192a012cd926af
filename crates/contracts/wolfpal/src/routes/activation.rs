//! `/user/activate-account`: showing that mail to an address is received.

use accounts::Mount;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use web::{Client, Endpoint, RawBody};

use super::{both, place};
use crate::errors::Refused;
use crate::wire::{self, Told};

pub(super) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    let activate = both!(mount, PUT "/user/activate-account/{token}" => activate);
    let resend = both!(mount, POST "/user/activate-account/resend" => resend);
    [activate, resend].concat()
}

async fn activate(
    State(mount): State<Mount>,
    client: Client,
    Path(token): Path<String>,
) -> Result<Response, Refused> {
    mount.confirm_email(&token, &place(client)).await?;
    let site = &mount.policy().site;
    let message = format!("Good job! Your account is now activated and you can start using {site}.");
    Ok(web::json(StatusCode::OK, &Told { code: "ACTIVATED", message: &message }))
}

/// Says the same whatever the address, also when there is none (wolfpal.md 6).
async fn resend(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let fields = wire::fields(&headers, &body)?;
    // An empty address counts against the caller's address like any other, and belongs to nobody.
    let email = wire::resend_email(&fields).unwrap_or_default();
    mount.resend_confirmation(email, &place(client)).await?;
    let message = "Please check your email address to complete the registration.";
    Ok(web::json(StatusCode::OK, &Told { code: "PENDING_CONFIRMATION", message }))
}
