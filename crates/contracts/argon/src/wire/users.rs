//! Bodies of `/api/users`.

use accounts::AccountState;
use axum::http::HeaderMap;
use model::{Account, Permissions, usable_name};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::Fields;

use super::{Given, fields, given, long_enough};
use crate::errors::Refused;

/// As many permissions as anybody has.
pub(super) const MAX_PERMISSIONS: usize = 256;

/// The body of `POST /api/users`.
#[derive(ToSchema)]
pub(crate) struct NewUser {
    /// 1 to 255 bytes.
    pub(crate) username: String,
    /// At least 8 characters, at most 1,024 bytes.
    #[schema(value_type = String, format = Password)]
    pub(crate) password: SecretString,
    /// Without them, those of whoever registers.
    #[schema(value_type = Option<Vec<String>>, max_items = 256)]
    pub(crate) permissions: Option<Permissions>,
}

/// The body of `PATCH /api/users/{id}`; none = as it is.
#[derive(ToSchema)]
pub(crate) struct UserChange {
    /// 1 to 255 bytes.
    pub(crate) username: Option<String>,
    /// At least 8 characters, at most 1,024 bytes.
    #[schema(value_type = Option<String>, format = Password)]
    pub(crate) password: Option<SecretString>,
    /// All that the user may do from now on.
    #[schema(value_type = Option<Vec<String>>, max_items = 256)]
    pub(crate) permissions: Option<Permissions>,
}

/// A user as administrators see one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User<'a> {
    id: &'a str,
    username: &'a str,
    #[schema(value_type = Vec<String>)]
    permissions: &'a Permissions,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// The answer to `DELETE /api/users/{id}`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deleted {
    pub(crate) success: bool,
}

impl NewUser {
    /// Reads the three fields. Name and password must be there (argon.md 3.1).
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refused> {
        let UserChange { username, password, permissions } = UserChange::of(&fields(headers, body)?, true)?;
        match (username, password) {
            (Some(username), Some(password)) => Ok(Self { username, password, permissions }),
            _ => Err(Refused::CredentialsRequired),
        }
    }
}

impl UserChange {
    /// Reads what shall change. What JavaScript takes for false changes nothing (argon.md 3.1).
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refused> {
        Self::of(&fields(headers, body)?, false)
    }

    /// The three fields. A missing name or password is refused before one of the wrong type.
    fn of(fields: &Fields, required: bool) -> Result<Self, Refused> {
        let (username, password) = (given(fields, "username"), given(fields, "password"));
        if required && (matches!(username, Given::No) || matches!(password, Given::No)) {
            return Err(Refused::CredentialsRequired);
        }
        let text = |given| match given {
            Given::No => Ok(None),
            Given::Text(text) => Ok(Some(text)),
            Given::NotText => Err(Refused::CredentialsNotText),
        };
        let username = text(username)?.map(str::to_owned);
        let password = text(password)?.map(SecretString::from);
        let permissions = permissions(fields)?;
        password.as_ref().map_or(Ok(()), long_enough)?;
        Ok(Self { username, password, permissions })
    }
}

/// The list under `permissions`, if one was given.
fn permissions(fields: &Fields) -> Result<Option<Permissions>, Refused> {
    match given(fields, "permissions") {
        Given::No => return Ok(None),
        Given::Text(_) => return Err(Refused::PermissionsNotText),
        Given::NotText => {}
    }
    let list = fields.value("permissions").and_then(Value::as_array).ok_or(Refused::PermissionsNotText)?;
    let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    let texts = texts.ok_or(Refused::PermissionsNotText)?;
    let usable = texts.len() <= MAX_PERMISSIONS && texts.iter().all(|text| usable_name(text).is_ok());
    if usable {
        Ok(Some(Permissions::new(texts.into_iter().map(str::to_owned))))
    } else {
        Err(Refused::PermissionsUnusable)
    }
}

impl<'a> From<&'a Account> for User<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            id: account.id.as_str(),
            username: &account.username,
            permissions: &account.permissions,
            created_at: account.created_at.rfc3339(),
            updated_at: account.updated_at.rfc3339(),
        }
    }
}

impl<'a> From<&'a AccountState> for User<'a> {
    fn from(account: &'a AccountState) -> Self {
        Self {
            id: account.id.as_str(),
            username: &account.username,
            permissions: &account.permissions,
            created_at: account.created_at.rfc3339(),
            updated_at: account.updated_at.rfc3339(),
        }
    }
}
