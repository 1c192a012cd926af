//! The endpoints, one file per group.

mod credentials;
mod profile;
mod system;

use accounts::{Caller, Mount};
use axum::http::{HeaderMap, Method};
use web::{BearerStyle, Endpoint, bearer};

use crate::errors::Refused;

/// Every endpoint of the contract.
pub(crate) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    let mount = || mount.clone();
    vec![
        Endpoint::new(Method::POST, "/api/auth/register", credentials::register, mount()),
        Endpoint::new(Method::POST, "/api/auth/login", credentials::login, mount()),
        Endpoint::new(Method::GET, "/api/auth/state", profile::state, mount()).with_head(),
        Endpoint::new(Method::PUT, "/api/auth/profile", profile::change, mount()),
        Endpoint::new(Method::GET, "/api/system", system::system, mount()).with_head(),
    ]
}

/// Who calls, by the header alone: a token in a query or an API key opens nothing here.
async fn caller(mount: &Mount, headers: &HeaderMap) -> Result<Caller, Refused> {
    let token = bearer(headers, BearerStyle::Exact).ok_or(Refused::NoToken)?;
    Ok(mount.check(token).await?)
}

fn client(from: web::Client) -> accounts::Client {
    accounts::Client { address: from.address, user_agent: from.user_agent }
}
