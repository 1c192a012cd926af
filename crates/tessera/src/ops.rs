//! What the operator's machines ask: is it alive, is it ready, how is it doing.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::routing::get;
use tokio::sync::watch;

use crate::metrics::{MEDIA_TYPE, Sources};

/// `/healthz`, `/readyz` and `/metrics` (Prometheus text format 0.0.4). Once the process is told to stop it is not
/// ready any more, though it still answers.
pub(crate) fn routes(sources: Sources, stopping: watch::Receiver<bool>) -> Router {
    let accounts = sources.accounts.clone();
    let ready = async move || match accounts.ready().await {
        _ if *stopping.borrow() => web::text(StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
        Ok(()) => web::text(StatusCode::OK, "ready\n"),
        Err(why) => web::text(StatusCode::SERVICE_UNAVAILABLE, &format!("{why}\n")),
    };
    let metrics = async move || {
        let mut answer = web::text(StatusCode::OK, &sources.page().await);
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        answer
    };
    Router::new()
        .route("/healthz", get(async || web::text(StatusCode::OK, "alive\n")))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}
