//! Who one is, and changing it.

use accounts::{ChangeProfile, Mount, PasswordChange, ProfileChanged};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use web::{Headers, RawBody, json};

use super::{bearer_of, caller, client};
use crate::errors::Refused;
use crate::wire::{self, Admitted, NewProfile, Profile};

/// `GET /api/auth/state`
pub(super) async fn state(
    State(mount): State<Mount>,
    Headers(headers): Headers,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let (username, permissions) = (&*caller.account.username, &caller.permissions());
    let state = wire::State { authenticated: true, username, permissions };
    Ok(json(StatusCode::OK, &state))
}

/// `PUT /api/auth/profile`. An API key changes no credentials of its owner.
pub(super) async fn change(
    State(mount): State<Mount>,
    from: web::Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = bearer_of(&mount, &headers).await?;
    let NewProfile { username, password } = NewProfile::read(&headers, &body)?;
    let command = ChangeProfile {
        username: username.as_deref(),
        password: password.map(|given| PasswordChange { current: given.current, new: given.new }),
        client: client(from),
    };
    match mount.change_profile(&caller, command).await.map_err(Refused::renaming)? {
        ProfileChanged::Unchanged => Ok(json(StatusCode::OK, &Profile::unchanged())),
        ProfileChanged::Changed(grant) => {
            Ok(json(StatusCode::OK, &Profile::updated(Admitted::of(&mount, &grant)?)))
        }
    }
}
