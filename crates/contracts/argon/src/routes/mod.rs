//! The endpoints, one file per group.

mod api_keys;
mod credentials;
mod profile;
mod system;
mod users;

use accounts::{Caller, CheckRefused, Mount, Refusal};
use axum::http::{HeaderMap, Method};
use model::AccountId;
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
        Endpoint::new(Method::PUT, "/api/system/settings", system::change, mount()),
        Endpoint::new(Method::GET, "/api/users", users::list, mount()).with_head(),
        Endpoint::new(Method::POST, "/api/users", users::create, mount()),
        Endpoint::new(Method::GET, "/api/users/{id}", users::show, mount()).with_head(),
        Endpoint::new(Method::PATCH, "/api/users/{id}", users::change, mount()),
        Endpoint::new(Method::DELETE, "/api/users/{id}", users::delete, mount()),
        Endpoint::new(Method::GET, "/api/api-keys", api_keys::list, mount()).with_head(),
        Endpoint::new(Method::POST, "/api/api-keys", api_keys::create, mount()),
        Endpoint::new(Method::GET, "/api/api-keys/{id}", api_keys::show, mount()).with_head(),
        Endpoint::new(Method::PATCH, "/api/api-keys/{id}", api_keys::change, mount()),
        Endpoint::new(Method::DELETE, "/api/api-keys/{id}", api_keys::delete, mount()),
        Endpoint::new(Method::POST, "/api/api-keys/{id}/regenerate", api_keys::regenerate, mount()),
    ]
}

/// Who calls, by the token in the header alone: one in a query opens nothing here.
async fn bearer_of(mount: &Mount, headers: &HeaderMap) -> Result<Caller, Refused> {
    let token = bearer(headers, BearerStyle::Exact).ok_or(Refused::NoToken)?;
    Ok(mount.check(token).await?)
}

/// Who calls, by a token, or without one by an API key. A key does not make up for a token that is not
/// believed (argon.md 2.5).
async fn caller(mount: &Mount, headers: &HeaderMap) -> Result<Caller, Refused> {
    match bearer_of(mount, headers).await {
        Err(Refused::NoToken) => Ok(mount.check_api_key(api_key(headers)?).await?),
        known => known,
    }
}

/// As [`caller`], but only an administrator.
async fn administrator(mount: &Mount, headers: &HeaderMap) -> Result<Caller, Refused> {
    let caller = caller(mount, headers).await?;
    if caller.administers() { Ok(caller) } else { Err(Refused::Failed(Refusal::NotPermitted.into())) }
}

/// The API key of a request. An empty one counts as none, several are refused.
fn api_key(headers: &HeaderMap) -> Result<&str, Refused> {
    let mut values = headers.get_all("x-api-key").iter();
    let value = values.next().ok_or(Refused::NoToken)?;
    if values.next().is_some() {
        return Err(Refused::SeveralApiKeys);
    }
    match value.to_str() {
        Ok("") => Err(Refused::NoToken),
        Ok(text) => Ok(text),
        Err(_) => Err(CheckRefused::ApiKeyInvalid.into()),
    }
}

/// The account that a path names. Text that no database takes names nobody.
fn account_id(text: String) -> Result<AccountId, Refused> {
    if web::clean(&text) {
        Ok(AccountId::from_text(text))
    } else {
        Err(Refused::Failed(Refusal::AccountUnknown.into()))
    }
}

fn client(from: web::Client) -> accounts::Client {
    accounts::Client { address: from.address, user_agent: from.user_agent }
}
