//! The endpoints, one file per group.

mod create;
mod invite;
mod login;

use accounts::{Caller, Failure, Mount, Refusal};
use axum::http::{HeaderMap, Method};
use web::{BearerStyle, Endpoint, bearer};

use crate::errors::Refused;
use crate::role::Role;

/// Every endpoint of the contract. None answers HEAD: some have an effect (coexistence.md 5).
pub(crate) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    let mount = || mount.clone();
    vec![
        Endpoint::new(Method::GET, "/auth/login", login::login, mount()),
        Endpoint::new(Method::GET, "/auth/check", login::check, mount()),
        Endpoint::new(Method::GET, "/check", login::check, mount()),
        Endpoint::new(Method::GET, "/auth/invite", invite::invite, mount()),
        Endpoint::new(Method::GET, "/auth/code-authenticate", invite::code_authenticate, mount()),
        Endpoint::new(Method::POST, "/auth/code-authenticate", invite::code_authenticate_body, mount()),
        Endpoint::new(Method::POST, "/api/users/create", create::create, mount()),
    ]
}

/// The bearer token, by the header alone: one in the query opens nothing here.
fn token(headers: &HeaderMap) -> Result<&str, Refused> {
    bearer(headers, BearerStyle::AnyCase).ok_or(Refused::NoToken)
}

/// Who calls, if it is an administrator.
///
/// The rules ask for the permission too. This asks for the role that the token names, which a wildcard such
/// as `admin.*` is not, and asks before anything is said about parameters.
async fn administrator(mount: &Mount, token: &str) -> Result<Caller, Refused> {
    let caller = mount.check(token).await?;
    let admin = Role::of(&caller.account.permissions) == Role::Admin;
    if admin { Ok(caller) } else { Err(Failure::from(Refusal::NotPermitted).into()) }
}

fn client(from: web::Client) -> accounts::Client {
    accounts::Client { address: from.address, user_agent: from.user_agent }
}
