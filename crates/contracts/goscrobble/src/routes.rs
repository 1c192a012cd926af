//! Every call, one file per group.

mod info;
mod register;
mod reset;
mod session;

use accounts::Mount;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use web::Endpoint;

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
        Endpoint::new(Method::GET, "/api/v1/user/", info::may_reset, state()),
    ]
}

fn done(body: &impl Serialize) -> Response {
    web::json(StatusCode::OK, body)
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
