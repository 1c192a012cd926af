//! What the client's pages ask before they show a form.

use accounts::{CheckRefused, Mount};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use web::{BearerStyle, bearer};

use super::done;
use crate::errors::NotDone;
use crate::wire::{ServerInfo, Valid};

/// The version of GoScrobble whose interface this is. Our own is nobody's business.
const VERSION: &str = "0.2.0";

/// `GET /api/v1/serverinfo`
pub(super) async fn server_info(State(mount): State<Mount>) -> Response {
    let registration_enabled = if mount.registration_open() { "1" } else { "0" };
    done(&ServerInfo { version: VERSION, registration_enabled })
}

/// `GET /api/v1/user/`: the page behind a mailed link asks here whether it may go on, without sending
/// the token it was opened with (goscrobble.md 4). Saying yes gives nothing away: the token is judged
/// when the new password is sent. A caller who does send an access token is told whether it is good.
pub(super) async fn may_reset(State(mount): State<Mount>, headers: HeaderMap) -> Result<Response, NotDone> {
    if headers.contains_key(header::AUTHORIZATION) {
        let token = bearer(&headers, BearerStyle::OptionalScheme);
        mount.check(token.ok_or(CheckRefused::Invalid).map_err(accounts::Failure::from)?).await?;
    }
    Ok(done(&Valid { valid: true }))
}
