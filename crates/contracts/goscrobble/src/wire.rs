//! Request and response bodies.
//!
//! Requests are JSON objects whatever their content type says. A name counts in any letter case, exactly
//! spelled first; `null` is as good as missing; other names do not matter (goscrobble.md 2.1).

use model::AccountId;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{Field, Fields};

use crate::errors::NotDone;
use crate::kept;

/// `POST /api/v1/login`
#[derive(ToSchema)]
pub(crate) struct Login {
    /// A username or an e-mail address; empty if missing.
    pub(crate) username: String,
    /// Empty if missing.
    #[schema(value_type = String, format = Password)]
    pub(crate) password: SecretString,
}

/// `POST /api/v1/register`
#[derive(ToSchema)]
pub(crate) struct Register {
    /// Empty if missing.
    pub(crate) username: String,
    /// Empty if missing.
    pub(crate) email: String,
    /// Empty if missing.
    #[schema(value_type = String, format = Password)]
    pub(crate) password: SecretString,
}

/// `POST /api/v1/sendreset`
#[derive(ToSchema)]
pub(crate) struct SendReset {
    /// Empty if missing.
    pub(crate) email: String,
}

/// `POST /api/v1/resetpassword`
#[derive(ToSchema)]
pub(crate) struct ResetPassword {
    /// Empty if missing.
    pub(crate) token: String,
    /// None asks whether the token is good.
    #[schema(value_type = Option<String>, format = Password)]
    pub(crate) password: Option<SecretString>,
}

/// `POST /api/v1/refresh`
#[derive(ToSchema)]
pub(crate) struct Refresh {
    /// Empty if missing.
    pub(crate) token: String,
}

/// `PATCH /api/v1/user`
#[derive(Default)]
pub(crate) struct UpdateUser {
    /// As the IANA database spells it.
    pub(crate) timezone: Option<&'static str>,
    /// Whether a new API token is asked for.
    pub(crate) new_token: bool,
    /// Whether the account is to be disabled.
    pub(crate) disable: bool,
}

/// `POST /api/v1/config`
pub(crate) struct UpdateConfig {
    /// Whether people may register.
    pub(crate) registration: Option<bool>,
}

impl Login {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NotDone> {
        let body = Body::read(bytes)?;
        Ok(Self { username: body.text("username")?, password: body.secret("password")? })
    }
}

impl Register {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NotDone> {
        let body = Body::read(bytes)?;
        Ok(Self {
            username: body.text("username")?,
            email: body.text("email")?,
            password: body.secret("password")?,
        })
    }
}

impl SendReset {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NotDone> {
        Ok(Self { email: Body::read(bytes)?.text("email")? })
    }
}

impl ResetPassword {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NotDone> {
        let body = Body::read(bytes)?;
        let password = body.optional("password")?.map(SecretString::from);
        Ok(Self { token: body.text("token")?, password })
    }
}

impl Refresh {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NotDone> {
        Ok(Self { token: Body::read(bytes)?.text("token")? })
    }
}

impl UpdateUser {
    /// Reads what can be read; what cannot asks for nothing (goscrobble.md 3). Names count as spelled here.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let Ok(fields) = web::json_fields(bytes) else { return Self::default() };
        let timezone = fields.value("timezone").and_then(Value::as_str).and_then(kept::timezone);
        let new_token = fields.value("token").is_some_and(|token| !token.is_null());
        // Any other value than these disabled an account by mistake (goscrobble.md 6.7).
        let disabling = [Value::from(0), Value::from("0"), Value::from(false)];
        let disable = fields.value("active").is_some_and(|active| disabling.contains(active));
        Self { timezone, new_token, disable }
    }
}

impl UpdateConfig {
    /// Names count as spelled here; those that nothing depends on are not looked at.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NotDone> {
        let Body(fields) = Body::read(bytes)?;
        let registration = match fields.field("REGISTRATION_ENABLED") {
            Field::Missing | Field::Null => None,
            Field::Text("0") => Some(false),
            Field::Text("1") => Some(true),
            Field::Text(_) => return Err(NotDone::Said("REGISTRATION_ENABLED must be 0 or 1")),
            Field::NotText => return Err(NotDone::Malformed),
        };
        Ok(Self { registration })
    }
}

struct Body(Fields);

impl Body {
    fn read(bytes: &[u8]) -> Result<Self, NotDone> {
        web::json_fields(bytes).map(Self).map_err(|_| NotDone::Malformed)
    }

    fn optional(&self, name: &str) -> Result<Option<&str>, NotDone> {
        let field = match self.0.field(name) {
            Field::Missing => self.0.field_ignoring_case(name),
            exact => exact,
        };
        match field {
            Field::Missing | Field::Null => Ok(None),
            Field::Text(text) => Ok(Some(text)),
            Field::NotText => Err(NotDone::Malformed),
        }
    }

    fn text(&self, name: &str) -> Result<String, NotDone> {
        Ok(self.optional(name)?.unwrap_or_default().to_owned())
    }

    fn secret(&self, name: &str) -> Result<SecretString, NotDone> {
        Ok(self.optional(name)?.unwrap_or_default().into())
    }
}

/// What was done, in words for the user.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    pub(crate) message: &'static str,
}

/// An access token.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    pub(crate) token: String,
}

/// Whether a reset token is good; what is false is left out (goscrobble.md 2.6).
#[derive(Serialize, ToSchema)]
pub(crate) struct Valid {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) valid: bool,
}

/// What the client asks before it shows its register form.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServerInfo {
    pub(crate) version: &'static str,
    /// `"1"` or `"0"`: the client compares text.
    pub(crate) registration_enabled: &'static str,
}

/// The caller's own account. Addresses and other services are not kept: these are empty.
#[derive(Serialize, ToSchema)]
pub(crate) struct User<'a> {
    #[schema(value_type = String)]
    pub(crate) uuid: &'a AccountId,
    /// RFC 3339, UTC; as `modified_at`.
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    pub(crate) created_ip: &'static str,
    #[schema(format = DateTime)]
    pub(crate) modified_at: String,
    /// Spelled so by the original.
    #[serde(rename = "ModifiedIP")]
    pub(crate) modified_ip: &'static str,
    pub(crate) username: &'a str,
    /// Empty for an account that was made without one elsewhere.
    pub(crate) email: &'a str,
    pub(crate) verified: bool,
    pub(crate) spotify_username: &'static str,
    pub(crate) timezone: String,
    pub(crate) token: String,
    pub(crate) navidrome_server: &'static str,
    /// Always true: see `routes::user::show_or_let_reset`.
    pub(crate) valid: bool,
}

/// `GET /api/v1/config`
#[derive(Serialize, ToSchema)]
pub(crate) struct Config {
    pub(crate) configs: Configs,
}

/// The settings that the admin page knows. Those of other services are empty: they are not talked to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) struct Configs {
    pub(crate) lastfm_api_key: &'static str,
    /// `"1"` or `"0"`: the client compares text.
    pub(crate) registration_enabled: &'static str,
    pub(crate) spotify_api_id: &'static str,
    pub(crate) spotify_api_secret: &'static str,
}

/// What everybody may see of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Profile<'a> {
    #[schema(value_type = String)]
    pub(crate) uuid: &'a AccountId,
    pub(crate) username: &'a str,
    /// Always empty.
    #[schema(value_type = Vec<Object>, max_items = 0)]
    pub(crate) scrobbles: [(); 0],
}

/// How the client reads whether people may register.
pub(crate) fn enabled(open: bool) -> &'static str {
    if open { "1" } else { "0" }
}
