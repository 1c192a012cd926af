//! Calling others friends, who then find one in their searches.

use accounts::{Failure, Mount, Refusal};
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use web::{Client, RawBody};

use super::{account_id, client, token};
use crate::errors::Refused;
use crate::profile::{Profile, add_friend, remove_friend};
use crate::wire::{Params, Reply};

/// `POST /api/users/add-friend`
pub(super) async fn add(
    State(mount): State<Mount>,
    from: Client,
    RawQuery(query): RawQuery,
    RawBody(headers, body): RawBody,
) -> Response {
    let reply = Reply::to(&headers, &from);
    let params = Params::of_request(query.as_deref(), &headers, &body);
    reply.answer(added(&mount, from, &headers, params).await)
}

async fn added(
    mount: &Mount,
    from: Client,
    headers: &HeaderMap,
    params: Result<Params, Refused>,
) -> Result<String, Refused> {
    let caller = mount.check(token(headers)?).await?;
    let params = params?;
    let [id] = params.required(["id"])?;
    let friend = mount.member(&account_id(id)?).await?.id;
    let own = &caller.account.id;
    let profile = Profile::of(&mount.document(own).await?);
    if !profile.has_friend(&friend) {
        if profile.is_full_of_friends() {
            return Err(Failure::from(Refusal::ProfileTooLarge).into());
        }
        mount.change_document(&caller, own, &client(from), |kept| add_friend(kept, &friend)).await?;
    }
    Ok("Friend Added".to_owned())
}

/// `POST /api/users/remove-friend`; who is no friend or does not exist any more will do.
pub(super) async fn remove(
    State(mount): State<Mount>,
    from: Client,
    RawQuery(query): RawQuery,
    RawBody(headers, body): RawBody,
) -> Response {
    let reply = Reply::to(&headers, &from);
    let params = Params::of_request(query.as_deref(), &headers, &body);
    reply.answer(removed(&mount, from, &headers, params).await)
}

async fn removed(
    mount: &Mount,
    from: Client,
    headers: &HeaderMap,
    params: Result<Params, Refused>,
) -> Result<String, Refused> {
    let caller = mount.check(token(headers)?).await?;
    let params = params?;
    let [id] = params.required(["id"])?;
    let (own, friend) = (&caller.account.id, model::AccountId::from_text(id));
    if Profile::of(&mount.document(own).await?).has_friend(&friend) {
        mount.change_document(&caller, own, &client(from), |kept| remove_friend(kept, &friend)).await?;
    }
    Ok("Friend Removed".to_owned())
}
