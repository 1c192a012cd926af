//! Signing in and staying so.

use accounts::{Grant, Login, Mount, Refusal, SignIn, SignedIn};
use axum::extract::State;
use axum::response::Response;
use secrecy::ExposeSecret;
use web::{Client, RawBody};

use super::{done, from};
use crate::claims;
use crate::errors::NotDone;
use crate::wire;

/// `POST /api/v1/login`
pub(super) async fn login(
    State(mount): State<Mount>,
    client: Client,
    RawBody(_, body): RawBody,
) -> Result<Response, NotDone> {
    let asked = wire::Login::read(&body)?;
    if asked.username.is_empty() {
        return Err(NotDone::Said("A username is required"));
    }
    if asked.password.expose_secret().is_empty() {
        return Err(NotDone::Said("A password is required"));
    }
    let login = named(&asked.username);
    let command = SignIn { login, password: asked.password, client: from(client) };
    match mount.sign_in(command).await.map_err(NotDone::in_sign_in)? {
        SignedIn::Complete(grant) => token(&mount, &grant),
        // The client has no page to ask for a code on.
        SignedIn::SecondStep { .. } => Err(Refusal::WrongCredentials.into()),
    }
}

/// `POST /api/v1/refresh`; a body that cannot be read holds no token (goscrobble.md 2.1).
pub(super) async fn refresh(
    State(mount): State<Mount>,
    client: Client,
    RawBody(_, body): RawBody,
) -> Result<Response, NotDone> {
    let Ok(asked) = wire::Refresh::read(&body) else { return Err(Refusal::RefreshRefused.into()) };
    let presented = mount.open_refresh_letters(&asked.token)?;
    let grant = mount.refresh(presented, &from(client)).await?;
    token(&mount, &grant)
}

/// Usernames of this contract have no `@`, so whoever types one means an address.
fn named(text: &str) -> Login<'_> {
    if text.contains('@') { Login::Email(text) } else { Login::Username(text) }
}

fn token(mount: &Mount, grant: &Grant) -> Result<Response, NotDone> {
    Ok(done(&wire::Token { token: claims::access_token(mount, grant)? }))
}
