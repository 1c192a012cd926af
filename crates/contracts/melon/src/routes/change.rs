//! Changing accounts: everybody their own, administrators all.

use accounts::{Caller, Mount, UpdateMember};
use axum::extract::State;
use axum::response::Response;
use model::Account;

use super::asked::{Asked, Received};
use super::is_admin;
use crate::errors::Refused;
use crate::profile::Update;
use crate::role::Role;

/// `PATCH /api/users/update`
pub(super) async fn update(State(mount): State<Mount>, Asked(reply, request): Asked) -> Response {
    reply.answer(updated(&mount, request).await)
}

/// The role goes first: it may be refused, and then nothing is saved.
async fn updated(mount: &Mount, request: Received) -> Result<String, Refused> {
    let (caller, params, id, client) = request.about_account(mount, ["id"]).await?;
    let role = params.optional("role");
    if role.is_some() && !is_admin(&caller) {
        return Err(Refused::NotAllowed);
    }
    let role = role.map(|name| Role::parse(name).ok_or(Refused::RoleUnknown)).transpose()?;
    let update = Update::read(&params)?;
    let account = mount.member(&id).await?;
    if let Some(role) = role {
        give(mount, &caller, &account, role, &client).await?;
    }
    if !update.is_empty() {
        mount.change_document(&caller, &id, &client, |kept| update.apply(kept)).await?;
    }
    Ok("User Updated".to_owned())
}

async fn give(
    mount: &Mount,
    caller: &Caller,
    account: &Account,
    role: Role,
    client: &accounts::Client,
) -> Result<(), Refused> {
    let permissions = role.instead_in(&account.permissions);
    if permissions != account.permissions {
        let change = UpdateMember { permissions: Some(permissions), ..UpdateMember::default() };
        mount.update_member(caller, &account.id, change, client).await?;
    }
    Ok(())
}

/// `PATCH /api/users/change-username`
pub(super) async fn change_username(State(mount): State<Mount>, Asked(reply, request): Asked) -> Response {
    reply.answer(renamed(&mount, request).await)
}

async fn renamed(mount: &Mount, request: Received) -> Result<String, Refused> {
    let (caller, params, id, client) = request.about_account(mount, ["id", "username"]).await?;
    let [username] = params.required(["username"])?;
    if mount.member(&id).await?.username != username {
        let change = UpdateMember { username: Some(username), ..UpdateMember::default() };
        mount.update_member(&caller, &id, change, &client).await?;
    }
    Ok("Username Changed".to_owned())
}

/// `PATCH /api/users/change-password`. There is no field for the old one; the owner is told by mail, and
/// every session of the account ends (melon.md 6.8).
pub(super) async fn change_password(State(mount): State<Mount>, Asked(reply, request): Asked) -> Response {
    reply.answer(repassworded(&mount, request).await)
}

async fn repassworded(mount: &Mount, request: Received) -> Result<String, Refused> {
    let (caller, params, id, client) = request.about_account(mount, ["id", "password"]).await?;
    let [password] = params.required(["password"])?;
    // Nothing is hashed for an account that does not exist.
    mount.member(&id).await?;
    let change = UpdateMember { password: Some(password.into()), ..UpdateMember::default() };
    mount.update_member(&caller, &id, change, &client).await?;
    Ok("Password Changed".to_owned())
}
