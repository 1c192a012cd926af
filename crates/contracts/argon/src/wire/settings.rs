//! Bodies of `/api/system`.

use axum::http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::fields;
use super::issues::{Issue, Step};
use crate::errors::Refused;

/// The body of `PUT /api/system/settings`.
#[derive(ToSchema)]
pub(crate) struct NewSettings {
    /// What the login page calls the panel.
    #[schema(min_length = 1)]
    pub(crate) panel_name: String,
}

/// The answer to `GET /api/system`.
#[derive(Serialize, ToSchema)]
pub(crate) struct System<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'static str,
}

/// The answer to `PUT /api/system/settings`.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsChanged {
    pub(crate) message: &'static str,
}

impl NewSettings {
    /// Reads the panel's name, which must be there.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refused> {
        let fields = fields(headers, body)?;
        let path = || vec![Step::Field("panel_name")];
        let issue = match fields.value("panel_name") {
            Some(Value::String(name)) if !name.is_empty() => return Ok(Self { panel_name: name.clone() }),
            Some(Value::String(_)) => Issue::empty("Panel name cannot be empty", path()),
            other => Issue::not("string", other, path()),
        };
        Err(Refused::SettingsUnusable(vec![issue]))
    }

    /// What is said about a name that no panel can have: too long, or nothing to be seen.
    pub(crate) fn unusable() -> Refused {
        let path = vec![Step::Field("panel_name")];
        Refused::SettingsUnusable(vec![Issue::Custom { message: "Invalid panel name", path }])
    }
}
