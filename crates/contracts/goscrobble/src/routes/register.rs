//! Making an account.

use accounts::{Admission, Mount, Refusal};
use axum::extract::State;
use axum::response::Response;
use web::{Client, RawBody};

use super::{done, from, long_enough};
use crate::errors::NotDone;
use crate::wire;

const USERNAME_BYTES: usize = 64;

/// `POST /api/v1/register`; what is wrong is looked for in the order of goscrobble.md 2.3.
pub(super) async fn register(
    State(mount): State<Mount>,
    client: Client,
    RawBody(_, body): RawBody,
) -> Result<Response, NotDone> {
    if !mount.registration_open().await? {
        return Err(Refusal::RegistrationClosed.into());
    }
    let asked = wire::Register::read(&body)?;
    acceptable(&asked)?;
    mount
        .register(accounts::Register {
            username: &asked.username,
            email: Some(&asked.email),
            password: asked.password,
            permissions: None,
            admission: Admission::Own,
            sign_in: false,
            client: from(client),
        })
        .await?;
    Ok(done(&wire::Message { message: "User created succesfully. You may now login" }))
}

fn acceptable(asked: &wire::Register) -> Result<(), NotDone> {
    long_enough(&asked.password)?;
    if asked.username.is_empty() {
        return Err(NotDone::Said("A username is required"));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    if asked.username.len() > USERNAME_BYTES || !asked.username.bytes().all(fits) {
        return Err(Refusal::UsernameUnusable.into());
    }
    if !mail::valid_address(&asked.email) {
        return Err(Refusal::EmailUnusable.into());
    }
    Ok(())
}
