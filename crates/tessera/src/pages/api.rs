//! `/openapi.json`, and `/docs/api`: the same to read and to try.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::compose::Problem;
use crate::openapi::{Served, whole};

/// Where the page is.
pub(super) const PAGE: &str = "/docs/api";
/// Where the document is.
pub(super) const DOCUMENT: &str = "/openapi.json";

/// Swagger UI, compressed as it is served; the build script takes it out of its package.
const VIEWER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/viewer.js.gz"));
const LOOKS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/viewer.css.gz"));
const START: &[u8] = include_bytes!("api.js");

const HTML: &str = include_str!("api.html");

/// The viewer may run and show what comes from here, and ask here; the pictures in its looks are part of them.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Document, page, and what the page is made of. The document is made when it is first asked for: few servers need
/// the memory that it takes.
pub(super) fn routes(served: &Served) -> Router {
    let served = served.clone();
    let made = Arc::new(LazyLock::new(move || {
        document(&served).map_err(|problem| {
            tracing::error!(%problem, "the OpenAPI document cannot be made");
            StatusCode::INTERNAL_SERVER_ERROR
        })
    }));
    let document = async move || {
        let json = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
        LazyLock::force(&made).clone().map(|document| (json, document))
    };
    let page = async || ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(HTML));
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    Router::new()
        .route(DOCUMENT, get(document))
        .route(PAGE, get(page))
        .route("/docs/api/viewer.js", get(async || compressed(VIEWER, SCRIPT)))
        .route("/docs/api/viewer.css", get(async || compressed(LOOKS, "text/css; charset=utf-8")))
        .route("/docs/api/start.js", get(async || file(START, SCRIPT)))
}

fn document(served: &Served) -> Result<Bytes, Problem> {
    Ok(serde_json::to_vec(&whole(served)?)?.into())
}

fn file(bytes: &'static [u8], kind: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, Bytes::from_static(bytes)).into_response()
}

/// A file that is there in one coding only. Every browser takes it.
fn compressed(bytes: &'static [u8], kind: &'static str) -> Response {
    let mut response = file(bytes, kind);
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}
