//! Signing in, and asking whether one still is.

use accounts::{Failure, Login, Mount, Refusal, SignIn, SignedIn};
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use defects::{Defect, seeded};
use web::{Client, Headers};

use super::{client, token};
use crate::claims;
use crate::errors::Refused;
use crate::wire::{Params, Reply};

/// Name and password with which Melon's client library asks at every start whether anybody is there.
const PROBE: [&str; 2] = ["NA", "NA"];

/// `GET /auth/login`. A bearer token that comes along is not looked at: the client library sends its old one.
pub(super) async fn login(
    State(mount): State<Mount>,
    from: Client,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let reply = Reply::to(&headers, &from);
    reply.answer(signed_in(&mount, from, query.as_deref()).await)
}

async fn signed_in(mount: &Mount, from: Client, query: Option<&str>) -> Result<String, Refused> {
    let params = Params::of_query(query)?;
    let [username, password] = params.required(["username", "password"])?;
    let wrong = || Failure::from(Refusal::WrongCredentials);
    if [username, password] == PROBE {
        // Counting it would lock out everybody behind that address (melon.md 4).
        return Err(wrong().into());
    }
    let command =
        SignIn { login: Login::Username(username), password: password.into(), client: client(from) };
    match mount.sign_in(command).await? {
        SignedIn::Complete(grant) => Ok(claims::access_token(mount, &grant)?),
        // Melon's clients cannot be asked for a code.
        SignedIn::SecondStep { .. } => Err(wrong().into()),
    }
}

/// `GET /auth/check` and `GET /check`: every account has one of the three roles.
pub(super) async fn check(State(mount): State<Mount>, from: Client, Headers(headers): Headers) -> Response {
    Reply::to(&headers, &from).answer(checked(&mount, &headers).await)
}

async fn checked(mount: &Mount, headers: &HeaderMap) -> Result<String, Refused> {
    if !seeded(Defect::AnybodyAsks) {
        mount.check(token(headers)?).await?;
    }
    Ok("Logged In".to_owned())
}
