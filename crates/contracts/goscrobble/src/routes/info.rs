//! What everybody may ask: about the server, and about somebody by name.

use accounts::{Failure, Mount, Refusal};
use axum::extract::{Path, State};
use axum::response::Response;

use super::done;
use crate::errors::NotDone;
use crate::wire::{Profile, ServerInfo, enabled};

/// The version of GoScrobble whose interface this is. Our own is nobody's business.
const VERSION: &str = "0.2.0";

/// `GET /api/v1/serverinfo`
pub(super) async fn server_info(State(mount): State<Mount>) -> Result<Response, NotDone> {
    let registration_enabled = enabled(mount.registration_open().await?);
    Ok(done(&ServerInfo { version: VERSION, registration_enabled }))
}

/// `GET /api/v1/profile/{username}`
pub(super) async fn profile(
    State(mount): State<Mount>,
    Path(username): Path<String>,
) -> Result<Response, NotDone> {
    let unknown = || NotDone::Said("Invalid Username");
    // No name has such characters, and not every database can be asked for them.
    if !web::clean(&username) {
        return Err(unknown());
    }
    let account = match mount.member_named(&username).await {
        Err(Failure::Refused(Refusal::AccountUnknown)) => return Err(unknown()),
        found => found?,
    };
    if account.disabled {
        return Err(unknown());
    }
    Ok(done(&Profile { uuid: &account.id, username: &account.username, scrobbles: [] }))
}
