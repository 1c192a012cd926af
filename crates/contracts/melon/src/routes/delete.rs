//! Deleting accounts.

use accounts::Mount;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use web::{Client, RawBody};

use super::{account_id, administrator, client, token};
use crate::errors::Refused;
use crate::wire::{Params, Reply};

/// `POST /api/users/delete`
pub(super) async fn delete(
    State(mount): State<Mount>,
    from: Client,
    RawQuery(query): RawQuery,
    RawBody(headers, body): RawBody,
) -> Response {
    let reply = Reply::to(&headers, &from);
    let params = Params::of_request(query.as_deref(), &headers, &body);
    reply.answer(deleted(&mount, from, &headers, params).await)
}

async fn deleted(
    mount: &Mount,
    from: Client,
    headers: &HeaderMap,
    params: Result<Params, Refused>,
) -> Result<String, Refused> {
    let caller = administrator(mount, token(headers)?).await?;
    let params = params?;
    let [id] = params.required(["id"])?;
    mount.delete_member(&caller, &account_id(id)?, &client(from)).await?;
    Ok("User Deleted".to_owned())
}
