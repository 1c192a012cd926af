//! Accounts, as administrators manage them.

use accounts::{Admission, Mount, Register, UpdateMember};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use web::{RawBody, json};

use super::{account_id, administrator, client};
use crate::errors::Refused;
use crate::wire::{Deleted, NewUser, User, UserChange};

/// `GET /api/users`
pub(super) async fn list(State(mount): State<Mount>, headers: HeaderMap) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    let members = mount.members(&caller).await?;
    let users: Vec<User<'_>> = members.iter().map(User::from).collect();
    Ok(json(StatusCode::OK, &users))
}

/// `POST /api/users`
pub(super) async fn create(
    State(mount): State<Mount>,
    from: web::Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    let NewUser { username, password, permissions } = NewUser::read(&headers, &body)?;
    let command = Register {
        username: &username,
        email: None,
        password,
        permissions,
        admission: Admission::Administrator(&caller),
        sign_in: false,
        client: client(from),
    };
    let account = mount.register(command).await?.account;
    Ok(json(StatusCode::CREATED, &User::from(&*account)))
}

/// `GET /api/users/{id}`
pub(super) async fn show(
    State(mount): State<Mount>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    administrator(&mount, &headers).await?;
    let account = mount.member(&account_id(id)?).await?;
    Ok(json(StatusCode::OK, &User::from(&account)))
}

/// `PATCH /api/users/{id}`
pub(super) async fn change(
    State(mount): State<Mount>,
    from: web::Client,
    Path(id): Path<String>,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    let UserChange { username, password, permissions } = UserChange::read(&headers, &body)?;
    let change = UpdateMember { username: username.as_deref(), password, permissions };
    let changed = mount.update_member(&caller, &account_id(id)?, change, &client(from)).await;
    Ok(json(StatusCode::OK, &User::from(&changed.map_err(Refused::renaming)?)))
}

/// `DELETE /api/users/{id}`
pub(super) async fn delete(
    State(mount): State<Mount>,
    from: web::Client,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    mount.delete_member(&caller, &account_id(id)?, &client(from)).await?;
    Ok(json(StatusCode::OK, &Deleted { success: true }))
}
