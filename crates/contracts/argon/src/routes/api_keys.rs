//! API keys. A key reads those of its owner and manages none.

use accounts::{Caller, Mount, Refusal};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use model::{AccountId, ApiKey};
use web::{FirstWins, Missed, RawBody, empty, json, query_fields};

use super::{administrator, client};
use crate::errors::Refused;
use crate::wire::{Key, KeyChange, NewKey};

/// `GET /api/api-keys`, `GET /api/api-keys?userId=`
pub(super) async fn list(
    State(mount): State<Mount>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    let keys = mount.api_keys(&caller, &owner(&caller, query.as_deref())?).await?;
    let keys: Vec<Key<'_>> = keys.iter().map(Key::listed).collect();
    Ok(json(StatusCode::OK, &keys))
}

/// `POST /api/api-keys`
pub(super) async fn create(
    State(mount): State<Mount>,
    from: web::Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    let NewKey(draft) = NewKey::read(&headers, &body)?;
    by_token(&caller)?;
    let made = mount.create_api_key(&caller, draft, &client(from)).await?;
    Ok(json(StatusCode::CREATED, &Key::made(&made)))
}

/// `GET /api/api-keys/{id}`
pub(super) async fn show(
    State(mount): State<Mount>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    let key = find(&mount, &caller, &id).await?;
    if caller.is_api_key() && key.account != caller.account.id {
        return Err(Refused::AccessDenied);
    }
    Ok(json(StatusCode::OK, &Key::listed(&key)))
}

/// `PATCH /api/api-keys/{id}`
pub(super) async fn change(
    State(mount): State<Mount>,
    from: web::Client,
    Path(id): Path<String>,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    let change = KeyChange::read(&headers, &body)?;
    let key = find(&mount, &caller, &id).await?;
    by_token(&caller)?;
    let changed = mount.change_api_key(&caller, &id, change.of(key), &client(from)).await?;
    Ok(json(StatusCode::OK, &Key::listed(&changed)))
}

/// `POST /api/api-keys/{id}/regenerate`
pub(super) async fn regenerate(
    State(mount): State<Mount>,
    from: web::Client,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    find(&mount, &caller, &id).await?;
    by_token(&caller)?;
    let made = mount.regenerate_api_key(&caller, &id, &client(from)).await?;
    Ok(json(StatusCode::OK, &Key::made(&made)))
}

/// `DELETE /api/api-keys/{id}`
pub(super) async fn delete(
    State(mount): State<Mount>,
    from: web::Client,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    find(&mount, &caller, &id).await?;
    by_token(&caller)?;
    mount.delete_api_key(&caller, &id, &client(from)).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// Whose keys are asked for: the caller's own, or with a token those of any user.
fn owner(caller: &Caller, query: Option<&str>) -> Result<AccountId, Refused> {
    let fields = query_fields(query, FirstWins).map_err(|_| Refused::Missed(Missed::Unreadable))?;
    let asked = fields.value("userId").and_then(serde_json::Value::as_str).unwrap_or_default();
    if asked.is_empty() || caller.is_api_key() {
        return Ok(caller.account.id.clone());
    }
    // Text that no database takes is nobody's id; neither is the empty one.
    Ok(AccountId::from_text(if web::clean(asked) { asked } else { "" }))
}

/// The key of this id.
async fn find(mount: &Mount, caller: &Caller, id: &str) -> Result<ApiKey, Refused> {
    if web::clean(id) {
        Ok(mount.api_key(caller, id).await?)
    } else {
        Err(Refused::Failed(Refusal::ApiKeyUnknown.into()))
    }
}

/// Refuses a caller who showed an API key (argon.md 3.2).
fn by_token(caller: &Caller) -> Result<(), Refused> {
    if caller.is_api_key() { Err(Refused::AccessDenied) } else { Ok(()) }
}
