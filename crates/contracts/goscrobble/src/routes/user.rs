//! The caller's own account.

use accounts::Mount;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use crypto::Alphabet;
use web::{Client, RawBody};

use super::{caller, done, from};
use crate::errors::NotDone;
use crate::kept::{self, Kept};
use crate::wire::{Message, UpdateUser, User, Valid};

/// Letters of an API token.
const TOKEN_LETTERS: usize = 32;

/// `GET /api/v1/user`
pub(super) async fn show(State(mount): State<Mount>, headers: HeaderMap) -> Result<Response, NotDone> {
    let caller = caller(&mount, &headers).await?;
    let account = &caller.account;
    let Kept { timezone, token } = Kept::of(&mount.document(&account.id).await?);
    Ok(done(&User {
        uuid: &account.id,
        created_at: account.created_at.rfc3339(),
        created_ip: "",
        modified_at: account.updated_at.rfc3339(),
        modified_ip: "",
        username: &account.username,
        email: account.email.as_deref().unwrap_or_default(),
        verified: account.email_confirmed,
        spotify_username: "",
        timezone,
        token,
        navidrome_server: "",
        valid: true,
    }))
}

/// `GET /api/v1/user/`: the page behind a mailed link asks here whether it may go on, without sending
/// the token it was opened with (goscrobble.md 4). Saying yes gives nothing away: the token is judged
/// when the new password is sent. A caller who does send an access token is shown their account.
pub(super) async fn show_or_let_reset(state: State<Mount>, headers: HeaderMap) -> Result<Response, NotDone> {
    if headers.contains_key(header::AUTHORIZATION) {
        return show(state, headers).await;
    }
    Ok(done(&Valid { valid: true }))
}

/// `PATCH /api/v1/user`. Disabling goes first: it may be refused, and then nothing is changed.
pub(super) async fn update(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, NotDone> {
    let caller = caller(&mount, &headers).await?;
    let asked = UpdateUser::read(&body);
    let client = from(client);
    if asked.disable {
        mount.disable_own(&caller, &client).await?;
    }
    let token = asked.new_token.then(|| mount.random_text(Alphabet::Letters, TOKEN_LETTERS));
    if asked.timezone.is_some() || token.is_some() {
        let put = |document: &mut _| kept::put(document, asked.timezone, token.as_deref());
        mount.change_document(&caller, &caller.account.id, &client, put).await?;
    }
    Ok(done(&Message { message: "User updated successfully" }))
}
