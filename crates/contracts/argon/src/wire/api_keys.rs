//! Bodies of `/api/api-keys`.

use accounts::{ApiKeyDraft, NewApiKey};
use axum::http::HeaderMap;
use model::{ApiKey, Permissions, Timestamp, usable_name};
use serde::Serialize;
use serde_json::Value;

use super::issues::{Issue, Step};
use super::users::MAX_PERMISSIONS;
use super::{datetime, fields};
use crate::errors::Refused;

/// The longest name of a key, in characters (argon.md 3.2).
const MAX_NAME: usize = 100;

/// The body of `POST /api/api-keys`.
pub(crate) struct NewKey(pub(crate) ApiKeyDraft);

/// The body of `PATCH /api/api-keys/{id}`; none = as it is.
pub(crate) struct KeyChange {
    name: Option<String>,
    permissions: Option<Permissions>,
    expires_at: Option<Option<Timestamp>>,
}

/// A key as its owner sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Key<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    user_id: &'a str,
    permissions: &'a Permissions,
    last_used: Option<String>,
    expires_at: Option<String>,
    created_at: String,
    updated_at: String,
    #[serde(flatten)]
    text: Text<'a>,
}

/// The last field of a key. Its whole text is shown once.
#[derive(Serialize)]
enum Text<'a> {
    #[serde(rename = "keyPreview")]
    Preview(&'a str),
    #[serde(rename = "keyFull")]
    Full(&'a str),
}

impl NewKey {
    /// Reads name, permissions and end, and says all that is wrong with them at once.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refused> {
        let fields = fields(headers, body)?;
        let mut issues = Vec::new();
        let name = name(fields.value("name"), &mut issues);
        let permissions = permissions(fields.value("permissions"), &mut issues);
        let end = fields.value("expiresAt");
        let expires_at = end.and_then(|end| expiry(end, &mut issues));
        match (name, permissions) {
            (Some(name), Some(permissions)) if issues.is_empty() => {
                Ok(Self(ApiKeyDraft { name, permissions, expires_at }))
            }
            _ => Err(Refused::ApiKeyUnusable(issues)),
        }
    }
}

impl KeyChange {
    /// Reads what shall change. An end of null is none.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refused> {
        let fields = fields(headers, body)?;
        let mut issues = Vec::new();
        let text = fields.value("name");
        let name = text.and_then(|text| name(Some(text), &mut issues));
        let list = fields.value("permissions");
        let permissions = list.and_then(|list| permissions(Some(list), &mut issues));
        let expires_at = match fields.value("expiresAt") {
            None => None,
            Some(Value::Null) => Some(None),
            Some(end) => Some(expiry(end, &mut issues)),
        };
        if issues.is_empty() {
            Ok(Self { name, permissions, expires_at })
        } else {
            Err(Refused::ApiKeyUnusable(issues))
        }
    }

    /// What a key is like with the change.
    pub(crate) fn of(self, key: ApiKey) -> ApiKeyDraft {
        ApiKeyDraft {
            name: self.name.unwrap_or(key.name),
            permissions: self.permissions.unwrap_or(key.permissions),
            expires_at: self.expires_at.unwrap_or(key.expires_at),
        }
    }
}

impl<'a> Key<'a> {
    /// A key without its text.
    pub(crate) fn listed(key: &'a ApiKey) -> Self {
        Self::of(key, None)
    }

    /// A key with its text, which nobody can read again.
    pub(crate) fn made(made: &'a NewApiKey) -> Self {
        Self::of(&made.key, Some(&made.text))
    }

    fn of(key: &'a ApiKey, text: Option<&'a str>) -> Self {
        Self {
            id: &key.id,
            name: &key.name,
            key: text,
            user_id: key.account.as_str(),
            permissions: &key.permissions,
            last_used: key.last_used_at.map(Timestamp::rfc3339),
            expires_at: key.expires_at.map(Timestamp::rfc3339),
            created_at: key.created_at.rfc3339(),
            updated_at: key.updated_at.rfc3339(),
            text: text.map_or(Text::Preview(&key.preview), Text::Full),
        }
    }
}

fn name(value: Option<&Value>, issues: &mut Vec<Issue>) -> Option<String> {
    let path = || vec![Step::Field("name")];
    let Some(Value::String(text)) = value else {
        issues.push(Issue::not("string", value, path()));
        return None;
    };
    if text.is_empty() {
        issues.push(Issue::empty("String must contain at least 1 character(s)", path()));
    } else if text.chars().count() > MAX_NAME {
        issues.push(Issue::long_text(MAX_NAME, path()));
    } else if !web::clean(text) {
        issues.push(Issue::Custom { message: "Invalid name", path: path() });
    }
    Some(text.clone())
}

fn permissions(value: Option<&Value>, issues: &mut Vec<Issue>) -> Option<Permissions> {
    let field = Step::Field("permissions");
    let Some(Value::Array(list)) = value else {
        issues.push(Issue::not("array", value, vec![field]));
        return None;
    };
    if list.len() > MAX_PERMISSIONS {
        issues.push(Issue::long_list(MAX_PERMISSIONS, vec![field]));
        return None;
    }
    let mut texts = Vec::new();
    for (place, entry) in list.iter().enumerate() {
        let path = vec![field, Step::Entry(place)];
        match entry.as_str() {
            None => issues.push(Issue::not("string", Some(entry), path)),
            Some(text) if usable_name(text).is_err() => {
                issues.push(Issue::Custom { message: "Invalid permission", path });
            }
            Some(text) => texts.push(text.to_owned()),
        }
    }
    Some(Permissions::new(texts))
}

fn expiry(value: &Value, issues: &mut Vec<Issue>) -> Option<Timestamp> {
    let path = vec![Step::Field("expiresAt")];
    let Some(text) = value.as_str() else {
        issues.push(Issue::not("string", Some(value), path));
        return None;
    };
    let end = datetime::read(text);
    if end.is_none() {
        issues.push(Issue::InvalidString { validation: "datetime", message: "Invalid datetime", path });
    }
    end
}
