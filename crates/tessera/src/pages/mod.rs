//! What a newcomer sees: the start page, the documentation, and the published keys.

mod api;
mod published;
mod reference;
mod start;

pub(crate) use published::keys;

use accounts::Mount;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use config::Settings;

use crate::compose::Spoken;
use crate::openapi::Served;

/// The start page and [`keys`], and unless that is switched off the documentation: of these contracts one by one,
/// and of everything that is `served` at this host.
pub(crate) fn routes(
    spoken: &[&'static Spoken],
    mounts: &[Mount],
    served: &Served,
    settings: &Settings,
) -> Router {
    let router = keys(mounts, settings).merge(start::route(spoken, settings));
    if !settings.docs.enabled {
        return router;
    }
    let router = router.merge(api::routes(served));
    spoken.iter().fold(router, |router, spoken| router.merge(reference::route(spoken)))
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
