//! `/user`: choosing a new password without the old one.

use accounts::{Mount, ResetPassword};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use web::{Client, Endpoint, RawBody};

use super::{both, place};
use crate::errors::{Doing, Refused};
use crate::wire::{self, Code, Said};

pub(super) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    let ask = both!(mount, POST "/user/forgot-password" => ask);
    let reset = both!(mount, POST "/user/reset-password/{token}" => reset);
    [ask, reset].concat()
}

/// Says the same of every address, also of one that nobody has (wolfpal.md 6).
async fn ask(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let fields = wire::fields(&headers, &body)?;
    let email = wire::forgotten_email(&fields)?;
    let asked = mount.send_reset(email, &place(client)).await;
    asked.map_err(Doing::ForgettingPassword.failed())?;
    let error = format!(
        "An Email has been sent to {email} with further instructions on how to reset your password. Please \
         check your email account."
    );
    Ok(web::json(StatusCode::OK, &Said { code: Code::Name("PENDING_CONFIRMATION"), error: &error }))
}

/// The fields are looked at before the link (wolfpal.md 3.2).
async fn reset(
    State(mount): State<Mount>,
    client: Client,
    Path(token): Path<String>,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let password = wire::reset_password(&wire::fields(&headers, &body)?)?;
    let command = ResetPassword { token: &token, password, client: place(client) };
    mount.reset_password(command).await.map_err(Doing::ResettingPassword.failed())?;
    let error = "Your passsword has been updated.  Please try logging in with your new password.";
    Ok(web::json(StatusCode::OK, &Said { code: Code::Name("UPDATED"), error }))
}
