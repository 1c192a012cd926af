//! Request and response bodies.

mod api_keys;
mod datetime;
mod issues;
mod settings;
mod users;

use accounts::{Failure, Grant, Mount};
use axum::http::HeaderMap;
use model::Permissions;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{BodyRefused, Fields, MediaType, Missed, json_fields, media_type};

use crate::claims;
use crate::errors::Refused;

pub(crate) use api_keys::{Key, KeyChange, NewKey};
pub(crate) use issues::Issue;
pub(crate) use settings::{NewSettings, SettingsChanged, System};
pub(crate) use users::{Deleted, NewUser, User, UserChange};

/// The documented minimum of a new password, in characters.
pub(crate) const MIN_PASSWORD: usize = 8;

/// The body of a sign-in or registration.
#[derive(ToSchema)]
pub(crate) struct Credentials {
    /// 1 to 255 bytes.
    pub(crate) username: String,
    #[schema(value_type = String, format = Password)]
    pub(crate) password: SecretString,
}

/// The body of a profile change.
pub(crate) struct NewProfile {
    pub(crate) username: Option<String>,
    pub(crate) password: Option<NewPassword>,
}

/// The two passwords of a profile change.
pub(crate) struct NewPassword {
    pub(crate) current: SecretString,
    pub(crate) new: SecretString,
}

/// The answer to a sign-in or registration.
#[derive(Serialize, ToSchema)]
pub(crate) struct Admitted<'a> {
    /// A JSON Web Token, good for 24 hours unless set otherwise.
    token: String,
    /// As stored; they compare without case.
    #[schema(value_type = Vec<String>)]
    permissions: &'a Permissions,
}

/// The answer to `GET /api/auth/state`.
#[derive(Serialize, ToSchema)]
pub(crate) struct State<'a> {
    /// Always true; who is not signed in gets a 401.
    pub(crate) authenticated: bool,
    pub(crate) username: &'a str,
    /// As stored; they compare without case.
    #[schema(value_type = Vec<String>)]
    pub(crate) permissions: &'a Permissions,
}

/// The answer to a profile change. Without a change it is the message alone.
#[derive(Serialize)]
pub(crate) struct Profile<'a> {
    message: &'static str,
    #[serde(flatten)]
    admitted: Option<Admitted<'a>>,
}

impl Credentials {
    /// Reads `username` and `password`, which must both be there (argon.md 2.2 and 2.3).
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refused> {
        let fields = fields(headers, body)?;
        match (given(&fields, "username"), given(&fields, "password")) {
            (Given::No, _) | (_, Given::No) => Err(Refused::CredentialsRequired),
            (Given::Text(username), Given::Text(password)) => {
                Ok(Self { username: username.to_owned(), password: password.into() })
            }
            _ => Err(Refused::CredentialsNotText),
        }
    }
}

impl NewProfile {
    /// Reads what shall change. A new password counts only beside the current one (argon.md 2.6).
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refused> {
        let fields = fields(headers, body)?;
        let text = |name| match given(&fields, name) {
            Given::No => Ok(None),
            Given::Text(text) => Ok(Some(text)),
            Given::NotText => Err(Refused::ProfileNotText),
        };
        let (username, current, new) = (text("newUsername")?, text("currentPassword")?, text("newPassword")?);
        let password = match (current, new) {
            (Some(current), Some(new)) => {
                let password = NewPassword { current: current.into(), new: new.into() };
                long_enough(&password.new)?;
                Some(password)
            }
            _ => None,
        };
        if username.is_none() && password.is_none() {
            return Err(Refused::NothingToChange);
        }
        Ok(Self { username: username.map(str::to_owned), password })
    }
}

impl<'a> Admitted<'a> {
    /// A fresh token with what it opens.
    pub(crate) fn of(mount: &Mount, grant: &'a Grant) -> Result<Self, Failure> {
        Ok(Self { token: claims::access_token(mount, grant)?, permissions: &grant.account.permissions })
    }
}

impl<'a> Profile<'a> {
    pub(crate) fn unchanged() -> Self {
        Self { message: "No changes made to profile", admitted: None }
    }

    pub(crate) fn updated(admitted: Admitted<'a>) -> Self {
        Self { message: "Profile updated successfully", admitted: Some(admitted) }
    }
}

/// Refuses a new password below the documented minimum. Existing ones may be shorter.
pub(crate) fn long_enough(password: &SecretString) -> Result<(), Refused> {
    let enough = password.expose_secret().chars().count() >= MIN_PASSWORD;
    if enough { Ok(()) } else { Err(Refused::PasswordTooShort) }
}

/// What a field says, read as the original reads it: what JavaScript takes for false was not given.
enum Given<'a> {
    No,
    Text(&'a str),
    NotText,
}

fn given<'a>(fields: &'a Fields, name: &str) -> Given<'a> {
    match fields.value(name) {
        None | Some(Value::Null | Value::Bool(false)) => Given::No,
        Some(Value::Number(number)) if number.as_f64() == Some(0.0) => Given::No,
        Some(Value::String(text)) if text.is_empty() => Given::No,
        Some(Value::String(text)) => Given::Text(text),
        Some(_) => Given::NotText,
    }
}

/// The fields of a body. One that is empty or of another type than JSON has none, and neither has a list
/// (argon.md 2.1).
fn fields(headers: &HeaderMap, body: &[u8]) -> Result<Fields, Refused> {
    match media_type(headers) {
        MediaType::Json if !body.is_empty() => json_fields(body).or_else(|refused| match refused {
            BodyRefused::NotAnObject if body.trim_ascii_start().starts_with(b"[") => Ok(Fields::default()),
            BodyRefused::NotAnObject | BodyRefused::Malformed => Err(Refused::InvalidJson),
            BodyRefused::TooLarge => Err(Refused::Missed(Missed::TooLarge)),
            BodyRefused::UnsupportedType => Err(Refused::UnsupportedType),
        }),
        MediaType::Other if !body.is_empty() && says_json(headers) => Err(Refused::UnsupportedType),
        MediaType::Json | MediaType::Form | MediaType::None | MediaType::Other => Ok(Fields::default()),
    }
}

/// Whether a body that cannot be read calls itself JSON: then its charset or coding is to blame.
fn says_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(axum::http::header::CONTENT_TYPE).iter();
    types.any(|value| {
        let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("application/json")
    })
}
