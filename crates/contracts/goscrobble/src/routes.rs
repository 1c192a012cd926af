//! Every call, one file per group.

mod config;
mod info;
mod register;
mod reset;
mod session;
mod user;

use accounts::{Caller, CheckRefused, Failure, Mount};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use web::{BearerStyle, Endpoint, bearer};

use crate::errors::NotDone;

/// The shortest new password that the document takes, in bytes of UTF-8. The realm's own minimum, in
/// characters, comes on top.
const PASSWORD_BYTES: usize = 8;

/// The calls over the accounts of a mount.
pub(crate) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    let state = || mount.clone();
    vec![
        Endpoint::new(Method::POST, "/api/v1/register", register::register, state()),
        Endpoint::new(Method::POST, "/api/v1/login", session::login, state()),
        Endpoint::new(Method::POST, "/api/v1/refresh", session::refresh, state()),
        Endpoint::new(Method::POST, "/api/v1/sendreset", reset::send_reset, state()),
        Endpoint::new(Method::POST, "/api/v1/resetpassword", reset::reset_password, state()),
        Endpoint::new(Method::GET, "/api/v1/serverinfo", info::server_info, state()),
        Endpoint::new(Method::GET, "/api/v1/user/", user::show_or_let_reset, state()),
        Endpoint::new(Method::GET, "/api/v1/user", user::show, state()),
        Endpoint::new(Method::PATCH, "/api/v1/user", user::update, state()),
        Endpoint::new(Method::GET, "/api/v1/config", config::show, state()),
        Endpoint::new(Method::POST, "/api/v1/config", config::update, state()),
        Endpoint::new(Method::GET, "/api/v1/profile/{username}", info::profile, state()),
    ]
}

fn done(body: &impl Serialize) -> Response {
    web::json(StatusCode::OK, body)
}

/// Whose access token it is.
async fn caller(mount: &Mount, headers: &HeaderMap) -> Result<Caller, NotDone> {
    let token = bearer(headers, BearerStyle::OptionalScheme).ok_or(CheckRefused::Invalid);
    Ok(mount.check(token.map_err(Failure::from)?).await?)
}

/// Who calls, as the rules want to know it.
fn from(client: web::Client) -> accounts::Client {
    accounts::Client { address: client.address, user_agent: client.user_agent }
}

/// Refuses a new password that the document calls too short.
fn long_enough(password: &SecretString) -> Result<(), NotDone> {
    if password.expose_secret().len() < PASSWORD_BYTES {
        return Err(NotDone::Said("Password must be at least 8 characters"));
    }
    Ok(())
}
