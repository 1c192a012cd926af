//! The outermost service: names each request, finds its zone, and dresses the answer.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::Request,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower::Service;
use tracing::{Instrument, Span, field::Empty};

use crate::{
    paths::{Case, is_under},
    proxies::TrustedProxies,
    request_id::{RequestId, RequestIds},
    route::Served,
    traffic::{Answered, Traffic},
    zone::Zone,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// For a year after each answer no browser comes by http (RFC 6797, section 6.1). Other hosts under the same
/// name are not ours to speak for.
const A_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Everything that one origin serves; cheap to clone. As a [`Service`] it can be nested in other routers.
#[derive(Clone)]
pub struct Origin(pub(crate) Arc<Inner>);

impl Origin {
    /// Answers whatever is asked, in the time and within the bytes of [`crate::Limits`].
    pub async fn answer(&self, request: Request) -> Response {
        self.0.answer(request).await
    }

    /// What was asked and answered since the start, endpoint by endpoint.
    pub fn traffic(&self) -> Vec<Answered> {
        self.0.traffic.read()
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Origin").finish_non_exhaustive()
    }
}

pub(crate) struct Inner {
    pub(crate) ids: RequestIds,
    pub(crate) proxies: TrustedProxies,
    pub(crate) https: bool,
    /// Layered zones by their case-sensitive prefix, the longest first.
    pub(crate) exclusive: Vec<(&'static str, Router)>,
    pub(crate) shared: Zone,
    pub(crate) traffic: Traffic,
}

impl Inner {
    async fn answer(&self, mut request: Request) -> Response {
        let began = Instant::now();
        let id = self.ids.next();
        request.extensions_mut().insert(id);
        if !self.proxies.is_empty() {
            request.extensions_mut().insert(self.proxies.clone());
        }
        let span = tracing::debug_span!(
            "request",
            method = %request.method(),
            request_id = id.as_str(),
            contract = Empty,
            path = Empty,
            status = Empty,
        );
        let is_head = request.method() == Method::HEAD;
        let mut response = id.during(self.route(request)).instrument(span.clone()).await;
        if is_head {
            behead(&mut response);
        }
        let served = response.extensions().get::<Served>().copied();
        record(&span, &response, served);
        self.traffic.answered(served.map(|served| served.number), response.status(), began.elapsed());
        dress(response.headers_mut(), id);
        if self.https {
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, A_YEAR);
        }
        response
    }

    async fn route(&self, request: Request) -> Response {
        let path = request.uri().path();
        let own = self.exclusive.iter().find(|(prefix, _)| is_under(path, prefix, Case::Exact));
        match own {
            None => self.shared.answer(request).await,
            Some((_, router)) => {
                let Ok(response) = router.clone().call(request).await;
                response
            }
        }
    }
}

/// Takes the body away and leaves its length (RFC 9110 section 9.3.2), also for misses, whose bodies
/// the router underneath does not see.
fn behead(response: &mut Response) {
    let length = response.body().size_hint().exact().map(HeaderValue::from);
    *response.body_mut() = Body::empty();
    if let Some(length) = length {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(length);
    }
}

/// The pattern, never the path: paths and queries carry tokens.
fn record(span: &Span, response: &Response, served: Option<Served>) {
    if span.is_disabled() {
        return;
    }
    span.record("status", response.status().as_u16());
    if let Some(served) = served {
        span.record("contract", served.contract).record("path", served.pattern);
    }
}

fn dress(headers: &mut HeaderMap, id: RequestId) {
    headers.insert(REQUEST_ID, id.header());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

impl Service<Request> for Origin {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { Ok(inner.answer(request).await) })
    }
}
