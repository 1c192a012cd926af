//! Registering and signing in.

use accounts::{Admission, Failure, Fault, Grant, Login, Mount, Refusal, Register, SignIn, SignedIn};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use web::{RawBody, json};

use super::client;
use crate::errors::Refused;
use crate::wire::{Admitted, Credentials, long_enough};

/// `POST /api/auth/register`
pub(super) async fn register(
    State(mount): State<Mount>,
    from: web::Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let Credentials { username, password } = Credentials::read(&headers, &body)?;
    long_enough(&password)?;
    let command = Register {
        username: &username,
        email: None,
        password,
        permissions: None,
        admission: Admission::Own,
        sign_in: true,
        client: client(from),
    };
    let registered = mount.register(command).await?;
    // A session was asked for, so there is one.
    admitted(&mount, &registered.grant.ok_or(Failure::Fault(Fault::Internal))?)
}

/// `POST /api/auth/login`
pub(super) async fn login(
    State(mount): State<Mount>,
    from: web::Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let Credentials { username, password } = Credentials::read(&headers, &body)?;
    let command = SignIn { login: Login::Username(&username), password, client: client(from) };
    match mount.sign_in(command).await? {
        SignedIn::Complete(grant) => admitted(&mount, &grant),
        // Argon's clients cannot be asked for a code.
        SignedIn::SecondStep { .. } => Err(Failure::from(Refusal::WrongCredentials).into()),
    }
}

fn admitted(mount: &Mount, grant: &Grant) -> Result<Response, Refused> {
    Ok(json(StatusCode::OK, &Admitted::of(mount, grant)?))
}
