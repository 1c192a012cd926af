//! What administrators set on their page.

use accounts::{Caller, Mount, Refusal, Registration};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use web::{Client, RawBody};

use super::{caller, done, from};
use crate::errors::NotDone;
use crate::wire::{Config, Configs, Message, UpdateConfig, enabled};

/// `GET /api/v1/config`
pub(super) async fn show(State(mount): State<Mount>, headers: HeaderMap) -> Result<Response, NotDone> {
    administrator(&mount, &headers).await?;
    let configs = Configs {
        lastfm_api_key: "",
        registration_enabled: enabled(mount.registration_open().await?),
        spotify_api_id: "",
        spotify_api_secret: "",
    };
    Ok(done(&Config { configs }))
}

/// `POST /api/v1/config`
pub(super) async fn update(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, NotDone> {
    let caller = administrator(&mount, &headers).await?;
    let asked = UpdateConfig::read(&body)?;
    if let Some(open) = asked.registration {
        if open && mount.policy().registration != Registration::Open {
            return Err(NotDone::Said("Registration is closed in the settings of the server"));
        }
        mount.set_registration(&caller, open, &from(client)).await?;
    }
    Ok(done(&Message { message: "Config updated successfully" }))
}

async fn administrator(mount: &Mount, headers: &HeaderMap) -> Result<Caller, NotDone> {
    let caller = caller(mount, headers).await?;
    if caller.administers() { Ok(caller) } else { Err(Refusal::NotPermitted.into()) }
}
