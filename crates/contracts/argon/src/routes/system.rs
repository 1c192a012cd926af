//! What the login page shows before anybody has signed in, and changing it.

use accounts::{Failure, Mount, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use web::{RawBody, json};

use super::{administrator, client};
use crate::errors::Refused;
use crate::wire::{NewSettings, SettingsChanged, System};

/// The version of the contract; Argon's panel shows it.
const VERSION: &str = "1.0.0";

/// `GET /api/system`. It never fails (argon.md 3.3): while the database does not answer, the panel has the
/// name that the settings file says.
pub(super) async fn system(State(mount): State<Mount>) -> Response {
    let title = mount.title().await;
    let name = title.unwrap_or_else(|_| mount.policy().site.clone());
    json(StatusCode::OK, &System { name: &name, version: VERSION })
}

/// `PUT /api/system/settings`
pub(super) async fn change(
    State(mount): State<Mount>,
    from: web::Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = administrator(&mount, &headers).await?;
    let NewSettings { panel_name } = NewSettings::read(&headers, &body)?;
    mount.set_title(&caller, &panel_name, &client(from)).await.map_err(|failure| match failure {
        Failure::Refused(Refusal::UsernameUnusable) => NewSettings::unusable(),
        other => other.into(),
    })?;
    Ok(json(StatusCode::OK, &SettingsChanged { message: "Panel name updated successfully" }))
}
