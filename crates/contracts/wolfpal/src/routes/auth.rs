//! `/auth`: registering, signing in and out, refreshing.

use accounts::{Admission, Grant, Login, Mount, Refusal, SignIn};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use web::{Client, Endpoint, RawBody};

use super::{both, place, token};
use crate::claims::{Tokens, tokens};
use crate::errors::Refused;
use crate::wire::{self, AwaitsSecondStep, Code, Refreshed, Said, SignedIn};

pub(super) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    let [register, shared_register] = both!(mount, POST "/auth/register" => register);
    let [login, shared_login] = both!(mount, POST "/auth/login" => login);
    let shared = [shared_register, shared_login].map(|endpoint| endpoint.claiming(wire::is_ours));
    let mut endpoints = vec![register, login];
    endpoints.extend(shared);
    endpoints.extend(both!(mount, POST "/auth/two-factor" => two_factor));
    endpoints.extend(both!(mount, POST "/auth/refresh" => refresh));
    endpoints.extend(both!(mount, POST "/auth/logout" => logout));
    endpoints
}

/// The registration switch is looked at before the fields (wolfpal.md 2.2).
async fn register(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    if !mount.registration_open().await? {
        return Err(Refusal::RegistrationClosed.into());
    }
    let fields = wire::fields(&headers, &body)?;
    let asked = wire::Register::read(&fields)?;
    let command = accounts::Register {
        username: asked.username,
        email: Some(&asked.email),
        password: asked.password,
        permissions: None,
        admission: Admission::Own,
        sign_in: false,
        client: place(client),
    };
    mount.register(command).await?;
    let code = Code::Name("PENDING_CONFIRMATION");
    let error = "Please confirm your email address to complete the registration.";
    Ok(web::json(StatusCode::CREATED, &Said { code, error }))
}

async fn login(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let fields = wire::fields(&headers, &body)?;
    let asked = wire::Login::read(&fields)?;
    let command =
        SignIn { login: Login::Email(asked.email), password: asked.password, client: place(client) };
    match mount.sign_in(command).await? {
        accounts::SignedIn::Complete(grant) => signed_in(&mount, &grant, false),
        accounts::SignedIn::SecondStep { ticket } => {
            Ok(web::json(StatusCode::OK, &AwaitsSecondStep::new(ticket)))
        }
    }
}

async fn two_factor(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let fields = wire::fields(&headers, &body)?;
    let asked = wire::SecondStep::read(&fields)?;
    let command = accounts::SecondStep { ticket: asked.token, code: asked.code, client: place(client) };
    let grant = mount.second_step(command).await?;
    signed_in(&mount, &grant, true)
}

async fn refresh(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let fields = wire::fields(&headers, &body)?;
    let token = mount.open_refresh_jwt(wire::refresh_token(&fields)?)?;
    let grant = mount.refresh(token, &place(client)).await?;
    let Tokens { access, refresh } = tokens(&mount, &grant)?;
    Ok(web::json(StatusCode::OK, &Refreshed { access_token: access, refresh_token: refresh }))
}

/// An access token whose time is over will do, and a body is not looked at (wolfpal.md 2.6).
async fn logout(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, _): RawBody,
) -> Result<Response, Refused> {
    let caller = mount.check_for_sign_out(token(&headers)?).await?;
    mount.sign_out(&caller, &place(client)).await?;
    let said = Said { code: Code::Name("LOGGED_OUT"), error: "You are now logged out." };
    Ok(web::json(StatusCode::OK, &said))
}

fn signed_in(mount: &Mount, grant: &Grant, two_factor: bool) -> Result<Response, Refused> {
    let Tokens { access, refresh } = tokens(mount, grant)?;
    Ok(web::json(StatusCode::OK, &SignedIn { access_token: access, refresh_token: refresh, two_factor }))
}
