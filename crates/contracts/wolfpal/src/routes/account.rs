//! `/account`: what the caller's account is, its password and its name.

use accounts::{ChangeProfile, Failure, Mount, PasswordChange, Refusal, UpdateMember};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use web::{Client, Endpoint, RawBody};

use super::{both, caller, place};
use crate::errors::{Doing, Refused};
use crate::preferences::Preferences;
use crate::wire::{self, Account, ChangePassword, Told};

pub(super) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    let show = both!(mount, GET "/account" => show);
    let password = both!(mount, PUT "/account/change-password" => change_password);
    let username = both!(mount, PUT "/account/change-username" => change_username);
    [show.map(Endpoint::with_head), password, username].concat()
}

/// The client asks for it right after every sign-in (wolfpal.md 4).
async fn show(State(mount): State<Mount>, headers: HeaderMap) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let account = &caller.account;
    let preferences = Preferences::of(&mount.document(&account.id).await?);
    let waiting = mount.waiting_email(&caller).await?;
    Ok(web::json(StatusCode::OK, &Account::of(account, preferences, waiting.as_deref())))
}

/// Whether the new password is the old one is said only to who knows the old one (wolfpal.md 6). Afterwards
/// nobody is signed in: the client signs out by itself.
async fn change_password(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let asked = ChangePassword::read(&wire::fields(&headers, &body)?)?;
    let place = place(client);
    if asked.changes_nothing() {
        mount.prove_password(&caller, &asked.old, &place).await?;
        return Err(Refused::SamePassword);
    }
    let password = PasswordChange { current: asked.old, new: asked.new };
    let command = ChangeProfile { username: None, password: Some(password), client: place.clone() };
    mount.change_profile(&caller, command).await.map_err(Doing::ChangingPassword.failed())?;
    mount.end_own_sessions(&caller, &place).await?;
    let told = Told { code: "PASSWORD_CHANGED", message: "Your password has been changed." };
    Ok(web::json(StatusCode::OK, &told))
}

/// The caller stays signed in: no token of this contract carries the name.
async fn change_username(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let fields = wire::fields(&headers, &body)?;
    let name = wire::new_username(&fields)?;
    if caller.account.username == name {
        return Err(Refused::UsernameTaken(name.to_owned()));
    }
    let change = UpdateMember { username: Some(name), ..UpdateMember::default() };
    let changed = mount.update_member(&caller, &caller.account.id, change, &place(client)).await;
    changed.map_err(|failure| match failure {
        Failure::Refused(Refusal::NameTaken) => Refused::UsernameTaken(name.to_owned()),
        other => other.into(),
    })?;
    let message = format!("Your username has been changed to {name}");
    Ok(web::json(StatusCode::OK, &Told { code: "USERNAME_CHANGED", message: &message }))
}
