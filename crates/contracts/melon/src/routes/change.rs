//! Changing accounts: everybody their own, administrators all.

use accounts::{Caller, Mount, UpdateMember};
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use model::{Account, AccountId};
use web::{Client, RawBody};

use super::{account_id, client, is_admin, token};
use crate::errors::Refused;
use crate::profile::Update;
use crate::role::Role;
use crate::wire::{Params, Reply};

/// A request of these endpoints, as far as it was read.
struct Asked {
    from: Client,
    headers: HeaderMap,
    params: Result<Params, Refused>,
}

impl Asked {
    /// Who asks, what, and which account it is about, if these parameters are there and the caller may.
    /// Whoever may not is told nothing of that account, not even whether it exists.
    async fn by<const N: usize>(
        self,
        mount: &Mount,
        names: [&'static str; N],
    ) -> Result<(Caller, Params, AccountId, Client), Refused> {
        let caller = mount.check(token(&self.headers)?).await?;
        let params = self.params?;
        params.required(names)?;
        let [id] = params.required(["id"])?;
        if caller.account.id.as_str() != id && !is_admin(&caller) {
            return Err(Refused::NotAllowed);
        }
        let id = account_id(id)?;
        Ok((caller, params, id, self.from))
    }
}

/// `PATCH /api/users/update`
pub(super) async fn update(
    State(mount): State<Mount>,
    from: Client,
    RawQuery(query): RawQuery,
    RawBody(headers, body): RawBody,
) -> Response {
    let reply = Reply::to(&headers, &from);
    let params = Params::of_request(query.as_deref(), &headers, &body);
    reply.answer(updated(&mount, Asked { from, headers, params }).await)
}

/// The role goes first: it may be refused, and then nothing is saved.
async fn updated(mount: &Mount, asked: Asked) -> Result<String, Refused> {
    let (caller, params, id, from) = asked.by(mount, ["id"]).await?;
    let role = params.optional("role");
    if role.is_some() && !is_admin(&caller) {
        return Err(Refused::NotAllowed);
    }
    let role = role.map(|name| Role::parse(name).ok_or(Refused::RoleUnknown)).transpose()?;
    let update = Update::read(&params)?;
    let account = mount.member(&id).await?;
    let client = client(from);
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
pub(super) async fn change_username(
    State(mount): State<Mount>,
    from: Client,
    RawQuery(query): RawQuery,
    RawBody(headers, body): RawBody,
) -> Response {
    let reply = Reply::to(&headers, &from);
    let params = Params::of_request(query.as_deref(), &headers, &body);
    reply.answer(renamed(&mount, Asked { from, headers, params }).await)
}

async fn renamed(mount: &Mount, asked: Asked) -> Result<String, Refused> {
    let (caller, params, id, from) = asked.by(mount, ["id", "username"]).await?;
    let [username] = params.required(["username"])?;
    if mount.member(&id).await?.username != username {
        let change = UpdateMember { username: Some(username), ..UpdateMember::default() };
        mount.update_member(&caller, &id, change, &client(from)).await?;
    }
    Ok("Username Changed".to_owned())
}

/// `PATCH /api/users/change-password`. There is no field for the old one; the owner is told by mail, and
/// every session of the account ends (melon.md 6.8).
pub(super) async fn change_password(
    State(mount): State<Mount>,
    from: Client,
    RawQuery(query): RawQuery,
    RawBody(headers, body): RawBody,
) -> Response {
    let reply = Reply::to(&headers, &from);
    let params = Params::of_request(query.as_deref(), &headers, &body);
    reply.answer(repassworded(&mount, Asked { from, headers, params }).await)
}

async fn repassworded(mount: &Mount, asked: Asked) -> Result<String, Refused> {
    let (caller, params, id, from) = asked.by(mount, ["id", "password"]).await?;
    let [password] = params.required(["password"])?;
    // Nothing is hashed for an account that does not exist.
    mount.member(&id).await?;
    let change = UpdateMember { password: Some(password.into()), ..UpdateMember::default() };
    mount.update_member(&caller, &id, change, &client(from)).await?;
    Ok("Password Changed".to_owned())
}
