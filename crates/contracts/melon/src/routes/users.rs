//! Seeing accounts: oneself, another, and whoever has a part of a name.

use accounts::Mount;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use web::Client;

use super::{account_id, is_admin, token};
use crate::errors::Refused;
use crate::profile::Profile;
use crate::wire::{Params, Reply, User};

/// `GET /api/users/current`
pub(super) async fn current(State(mount): State<Mount>, from: Client, headers: HeaderMap) -> Response {
    Reply::to(&headers, &from).answer_json(oneself(&mount, &headers).await)
}

async fn oneself(mount: &Mount, headers: &HeaderMap) -> Result<User, Refused> {
    let caller = mount.check(token(headers)?).await?;
    let account = mount.member(&caller.account.id).await?;
    let document = mount.document(&account.id).await?;
    Ok(User::of(&account, Profile::of(&document)))
}

/// `GET /api/users/get`
pub(super) async fn get(
    State(mount): State<Mount>,
    from: Client,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    Reply::to(&headers, &from).answer_json(seen(&mount, &headers, query.as_deref()).await)
}

/// Others see an account only if its owner shows it; administrators see all.
async fn seen(mount: &Mount, headers: &HeaderMap, query: Option<&str>) -> Result<User, Refused> {
    let caller = mount.check(token(headers)?).await?;
    let params = Params::of_query(query)?;
    let [id] = params.required(["id"])?;
    let account = mount.member(&account_id(id)?).await?;
    let profile = Profile::of(&mount.document(&account.id).await?);
    if caller.account.id != account.id && !is_admin(&caller) && !profile.public_stats {
        return Err(Refused::NotAllowed);
    }
    Ok(User::of(&account, profile))
}

/// `GET /api/users/search`
pub(super) async fn search(
    State(mount): State<Mount>,
    from: Client,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    Reply::to(&headers, &from).answer_json(found(&mount, &headers, query.as_deref()).await)
}

/// Everybody finds themselves and whoever calls them a friend; administrators find all.
async fn found(mount: &Mount, headers: &HeaderMap, query: Option<&str>) -> Result<Vec<User>, Refused> {
    let caller = mount.check(token(headers)?).await?;
    let params = Params::of_query(query)?;
    let part = params.optional("username").unwrap_or_default();
    let (own, all) = (&caller.account.id, is_admin(&caller));
    let found = mount.search(part, (!all).then_some(own)).await?;
    let shown = found.into_iter().filter_map(|(account, document)| {
        let profile = Profile::of(&document);
        let may = all || account.id == *own || profile.has_friend(own);
        may.then(|| User::of(&account, profile))
    });
    Ok(shown.collect())
}
