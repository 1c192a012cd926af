//! Deleting accounts.

use accounts::Mount;
use axum::extract::State;
use axum::response::Response;

use super::asked::{Asked, Received};
use super::{account_id, administrator};
use crate::errors::Refused;

/// `POST /api/users/delete`
pub(super) async fn delete(State(mount): State<Mount>, Asked(reply, request): Asked) -> Response {
    reply.answer(deleted(&mount, request).await)
}

async fn deleted(mount: &Mount, request: Received) -> Result<String, Refused> {
    let caller = administrator(mount, request.token()?).await?;
    let (params, client) = request.params()?;
    let [id] = params.required(["id"])?;
    mount.delete_member(&caller, &account_id(id)?, &client).await?;
    Ok("User Deleted".to_owned())
}
