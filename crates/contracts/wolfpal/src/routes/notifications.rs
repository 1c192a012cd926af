//! `/notifications`: which mails the caller wants of their goals.

use accounts::Mount;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use web::{Client, Endpoint, RawBody};

use super::{both, caller, place};
use crate::errors::Refused;
use crate::preferences::Preferences;
use crate::wire::{self, ChangeNotifications, Notifications, Told};

pub(super) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    let show = both!(mount, GET "/notifications" => show);
    let change = both!(mount, PUT "/notifications/email" => change);
    [show.map(Endpoint::with_head), change].concat()
}

async fn show(State(mount): State<Mount>, headers: HeaderMap) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let notifications = Preferences::of(&mount.document(&caller.account.id).await?);
    Ok(web::json(StatusCode::OK, &Notifications { notifications }))
}

async fn change(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let asked = ChangeNotifications::read(&wire::fields(&headers, &body)?)?;
    let make = |document: &mut _| asked.make(document);
    mount.change_document(&caller, &caller.account.id, &place(client), make).await?;
    let message = "Your notifications preferences for email has been changed.";
    Ok(web::json(StatusCode::OK, &Told { code: "EMAIL_NOTIFICATIONS_CHANGED", message }))
}
