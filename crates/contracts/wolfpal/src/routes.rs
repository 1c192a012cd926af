//! The endpoints, one file per group. A handler reads: wire, command, accounts, answer.

mod account;
mod activation;
mod auth;
mod email_change;
mod forgotten;
mod notifications;
mod sessions;
mod two_factor;

use accounts::{Caller, CheckRefused, Mount};
use axum::http::HeaderMap;
use web::{BearerStyle, Endpoint};

use crate::errors::Refused;

/// One handler at its documented path and at the same path under `/api`.
macro_rules! both {
    ($mount:expr, $method:ident $path:literal => $handler:path) => {
        [$path, concat!("/api", $path)]
            .map(|path| web::Endpoint::new(axum::http::Method::$method, path, $handler, $mount.clone()))
    };
}
use both;

/// Every endpoint of the contract.
pub(crate) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    [
        auth::endpoints(mount),
        activation::endpoints(mount),
        forgotten::endpoints(mount),
        account::endpoints(mount),
        email_change::endpoints(mount),
        two_factor::endpoints(mount),
        sessions::endpoints(mount),
        notifications::endpoints(mount),
    ]
    .concat()
}

/// The token after `Bearer`, in any case; no other scheme, and none left out (wolfpal.md 2.8).
fn token(headers: &HeaderMap) -> Result<&str, CheckRefused> {
    web::bearer(headers, BearerStyle::AnyCase).ok_or(CheckRefused::Invalid)
}

/// Whoever shows a good access token.
async fn caller(mount: &Mount, headers: &HeaderMap) -> Result<Caller, Refused> {
    Ok(mount.check(token(headers)?).await?)
}

/// The caller's place, as the rules know it.
fn place(client: web::Client) -> accounts::Client {
    accounts::Client { address: client.address, user_agent: client.user_agent }
}
