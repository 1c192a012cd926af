//! Request and response bodies.
//!
//! Requests are JSON objects whatever their content type says. A name counts in any letter case, exactly
//! spelled first; `null` is as good as missing; other names do not matter (goscrobble.md 2.1).

use secrecy::SecretString;
use serde::Serialize;
use web::{Field, Fields};

use crate::errors::NotDone;

/// `POST /api/v1/login`
pub(crate) struct Login {
    /// A username or an e-mail address; empty if missing.
    pub(crate) username: String,
    /// Empty if missing.
    pub(crate) password: SecretString,
}

/// `POST /api/v1/register`
pub(crate) struct Register {
    /// Empty if missing.
    pub(crate) username: String,
    /// Empty if missing.
    pub(crate) email: String,
    /// Empty if missing.
    pub(crate) password: SecretString,
}

/// `POST /api/v1/sendreset`
pub(crate) struct SendReset {
    /// Empty if missing.
    pub(crate) email: String,
}

/// `POST /api/v1/resetpassword`
pub(crate) struct ResetPassword {
    /// Empty if missing.
    pub(crate) token: String,
    /// None asks whether the token is good.
    pub(crate) password: Option<SecretString>,
}

/// `POST /api/v1/refresh`
pub(crate) struct Refresh {
    /// Empty if missing.
    pub(crate) token: String,
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
#[derive(Serialize)]
pub(crate) struct Message {
    pub(crate) message: &'static str,
}

/// An access token.
#[derive(Serialize)]
pub(crate) struct Token {
    pub(crate) token: String,
}

/// Whether a reset token is good; what is false is left out (goscrobble.md 2.6).
#[derive(Serialize)]
pub(crate) struct Valid {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) valid: bool,
}

/// What the client asks before it shows its register form.
#[derive(Serialize)]
pub(crate) struct ServerInfo {
    pub(crate) version: &'static str,
    /// `"1"` or `"0"`: the client compares text.
    pub(crate) registration_enabled: &'static str,
}
