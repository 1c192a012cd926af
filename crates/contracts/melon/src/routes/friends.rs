//! Calling others friends, who then find one in their searches.

use accounts::{Failure, Mount, Refusal};
use axum::extract::State;
use axum::response::Response;

use super::account_id;
use super::asked::{Asked, Received};
use crate::errors::Refused;
use crate::profile::{Profile, add_friend, remove_friend};

/// `POST /api/users/add-friend`
pub(super) async fn add(State(mount): State<Mount>, Asked(reply, request): Asked) -> Response {
    reply.answer(added(&mount, request).await)
}

async fn added(mount: &Mount, request: Received) -> Result<String, Refused> {
    let caller = mount.check(request.token()?).await?;
    let (params, client) = request.params()?;
    let [id] = params.required(["id"])?;
    let friend = mount.member(&account_id(id)?).await?.id;
    let own = &caller.account.id;
    let profile = Profile::of(&mount.document(own).await?);
    if !profile.has_friend(&friend) {
        if profile.is_full_of_friends() {
            return Err(Failure::from(Refusal::ProfileTooLarge).into());
        }
        mount.change_document(&caller, own, &client, |kept| add_friend(kept, &friend)).await?;
    }
    Ok("Friend Added".to_owned())
}

/// `POST /api/users/remove-friend`; who is no friend or does not exist any more will do.
pub(super) async fn remove(State(mount): State<Mount>, Asked(reply, request): Asked) -> Response {
    reply.answer(removed(&mount, request).await)
}

async fn removed(mount: &Mount, request: Received) -> Result<String, Refused> {
    let caller = mount.check(request.token()?).await?;
    let (params, client) = request.params()?;
    let [id] = params.required(["id"])?;
    let (own, friend) = (&caller.account.id, model::AccountId::from_text(id));
    if Profile::of(&mount.document(own).await?).has_friend(&friend) {
        mount.change_document(&caller, own, &client, |kept| remove_friend(kept, &friend)).await?;
    }
    Ok("Friend Removed".to_owned())
}
