//! What a newcomer sees: the start page, the documentation, and the published keys.

mod api;
mod reference;
mod start;

use accounts::Mount;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use config::Settings;
use serde_json::{Value, json};

use crate::compose::{Problem, Spoken};
use crate::openapi::Served;

/// The start page and [`keys`], and unless that is switched off the documentation: of these contracts one by one,
/// and of everything that is `served` at this host.
pub(crate) fn routes(
    spoken: &[&'static Spoken],
    mounts: &[Mount],
    served: &Served,
    settings: &Settings,
) -> Result<Router, Problem> {
    let router = keys(mounts).merge(start::route(spoken, settings));
    if !settings.docs.enabled {
        return Ok(router);
    }
    let router = router.merge(api::routes(served)?);
    Ok(spoken.iter().fold(router, |router, spoken| router.merge(reference::route(spoken))))
}

/// `/.well-known/jwks.json`: the public keys of every mount that has some (RFC 7517, section 5).
pub(crate) fn keys(mounts: &[Mount]) -> Router {
    let sets = mounts.iter().filter_map(Mount::public_keys);
    let keys: Vec<Value> = sets.flat_map(|set| set["keys"].as_array().cloned().unwrap_or_default()).collect();
    let set = json!({ "keys": keys });
    let answer = async move || {
        let mut response = web::json(StatusCode::OK, &set);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        response
    };
    Router::new().route("/.well-known/jwks.json", get(answer))
}

/// A whole page around a body. It may use our one stylesheet and nothing else.
fn page(title: &str, class: &str, body: &str) -> String {
    let style = ::pages::STYLE;
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"{style}\">\n</head>\n<body>\n<main class=\"{class}\">\n{body}\n</main>\n\
         </body>\n</html>\n"
    )
}

fn html(page: String) -> Response {
    let mut response = Html(page).into_response();
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    );
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
