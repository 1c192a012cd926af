//! Choosing a new password by way of a mailed link.

use accounts::Mount;
use axum::extract::State;
use axum::response::Response;
use web::{Client, RawBody};

use super::{done, from, long_enough};
use crate::errors::NotDone;
use crate::wire;

/// `POST /api/v1/sendreset`; the answer never tells whether there is such an account.
pub(super) async fn send_reset(
    State(mount): State<Mount>,
    client: Client,
    RawBody(_, body): RawBody,
) -> Result<Response, NotDone> {
    let asked = wire::SendReset::read(&body)?;
    mount.send_reset(&asked.email, &from(client)).await?;
    Ok(done(&wire::Message { message: "Password reset email sent" }))
}

/// `POST /api/v1/resetpassword`; without a password it asks whether the token is good.
pub(super) async fn reset_password(
    State(mount): State<Mount>,
    client: Client,
    RawBody(_, body): RawBody,
) -> Result<Response, NotDone> {
    let asked = wire::ResetPassword::read(&body)?;
    let Some(password) = asked.password else {
        return Ok(done(&wire::Valid { valid: mount.reset_is_live(&asked.token).await? }));
    };
    long_enough(&password)?;
    let command = accounts::ResetPassword { token: &asked.token, password, client: from(client) };
    mount.reset_password(command).await?;
    Ok(done(&wire::Message { message: "Password updated successfully!" }))
}
