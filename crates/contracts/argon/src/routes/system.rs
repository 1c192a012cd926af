//! What the login page shows before anybody has signed in.

use accounts::Mount;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use web::json;

use crate::wire::System;

/// The version of the contract; Argon's panel shows it.
const VERSION: &str = "1.0.0";

/// `GET /api/system`
pub(super) async fn system(State(mount): State<Mount>) -> Response {
    json(StatusCode::OK, &System { name: &mount.policy().site, version: VERSION })
}
