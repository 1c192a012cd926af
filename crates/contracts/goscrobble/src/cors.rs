//! Opens the contract to pages of every origin, without credentials.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD};
use axum::http::{HeaderValue, Method};
use tower::ServiceExt;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

/// Puts the headers on every answer, refusals included: without them a browser hides the status.
///
/// OPTIONS without a method asked for is no preflight and goes through to the router, which refuses it;
/// the layer alone would answer every OPTIONS, also on paths that do not exist.
pub(crate) fn open(router: Router) -> Router {
    let bare = router.clone();
    let open = router.layer(
        CorsLayer::new()
            .allow_origin(Any)
            .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
            .allow_headers(AllowHeaders::mirror_request()),
    );
    Router::new().fallback(move |request: Request| {
        let (bare, open) = (bare.clone(), open.clone());
        async move {
            let asks = request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
            if request.method() != Method::OPTIONS || asks {
                let Ok(response) = open.oneshot(request).await;
                return response;
            }
            let Ok(mut response) = bare.oneshot(request).await;
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            response
        }
    })
}
