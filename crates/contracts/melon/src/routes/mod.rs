//! The endpoints, one file per group.

mod asked;
mod change;
mod create;
mod delete;
mod friends;
mod invite;
mod login;
mod users;

use accounts::{Caller, Failure, Mount, Refusal};
use axum::http::{HeaderMap, Method};
use model::AccountId;
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
        Endpoint::new(Method::GET, "/api/users/current", users::current, mount()),
        Endpoint::new(Method::GET, "/api/users/get", users::get, mount()),
        Endpoint::new(Method::GET, "/api/users/search", users::search, mount()),
        Endpoint::new(Method::POST, "/api/users/add-friend", friends::add, mount()),
        Endpoint::new(Method::POST, "/api/users/remove-friend", friends::remove, mount()),
        Endpoint::new(Method::PATCH, "/api/users/update", change::update, mount()),
        Endpoint::new(Method::PATCH, "/api/users/change-username", change::change_username, mount()),
        Endpoint::new(Method::PATCH, "/api/users/change-password", change::change_password, mount()),
        Endpoint::new(Method::POST, "/api/users/delete", delete::delete, mount()),
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
    if is_admin(&caller) { Ok(caller) } else { Err(Failure::from(Refusal::NotPermitted).into()) }
}

fn is_admin(caller: &Caller) -> bool {
    Role::of(&caller.account.permissions) == Role::Admin
}

/// The id in a parameter. No account has one with control characters, and not every database can be asked.
fn account_id(text: &str) -> Result<AccountId, Refused> {
    if web::clean(text) {
        Ok(AccountId::from_text(text))
    } else {
        Err(Failure::from(Refusal::AccountUnknown).into())
    }
}

fn client(from: web::Client) -> accounts::Client {
    accounts::Client { address: from.address, user_agent: from.user_agent }
}
