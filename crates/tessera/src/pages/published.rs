//! The public keys, for services that verify tokens themselves.

use std::time::Duration;

use accounts::Mount;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use config::Settings;
use serde_json::{Value, json};

/// The longest that anybody may keep the published keys.
const LONGEST: Duration = Duration::from_secs(300);

/// `/.well-known/jwks.json`: the public keys of every mount that has some, and `/.well-known/jwks/MOUNT.json` with
/// those of one (RFC 7517, section 5). A key that has yet to sign is among them, and may be kept so much shorter
/// than its lead that every verifier knows it in time.
pub(crate) fn keys(mounts: &[Mount], settings: &Settings) -> Router {
    let age = (settings.keys.lead.duration() / 4).clamp(Duration::from_secs(1), LONGEST);
    let with_keys: Vec<Mount> =
        mounts.iter().filter(|mount| mount.public_keys().is_some()).cloned().collect();
    let router = with_keys.iter().fold(Router::new(), |router, mount| {
        let path = format!("/.well-known/jwks/{}.json", mount.policy().name);
        let mount = mount.clone();
        router.route(&path, get(async move || answer([&mount], age)))
    });
    router.route("/.well-known/jwks.json", get(async move || answer(&with_keys, age)))
}

fn answer<'a>(mounts: impl IntoIterator<Item = &'a Mount>, age: Duration) -> Response {
    let sets = mounts.into_iter().filter_map(Mount::public_keys);
    let keys: Vec<Value> = sets.flat_map(|set| set["keys"].as_array().cloned().unwrap_or_default()).collect();
    let mut response = web::json(StatusCode::OK, &json!({ "keys": keys }));
    let kept = format!("public, max-age={}", age.as_secs());
    if let Ok(kept) = HeaderValue::from_str(&kept) {
        response.headers_mut().insert(header::CACHE_CONTROL, kept);
    }
    response
}
