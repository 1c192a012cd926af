//! Requests that no endpoint takes: 404, 405, OPTIONS, and the plain extra routes.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{extract::Request, response::Response};
use http::{HeaderValue, Method, StatusCode, header};
use tower::Service;

use crate::{
    answer,
    paths::{Case, Pattern},
    route::Route,
    territory::{Miss, Missed, Territory, longest, plain, worded},
};

/// What a zone knows about the paths it does not serve.
pub(crate) struct Lost {
    /// The patterns of each method, in order of precedence.
    pub(crate) known: Vec<(Method, Vec<Pattern>)>,
    /// In mount order.
    pub(crate) territories: Vec<Territory>,
    pub(crate) case: Case,
    /// True if OPTIONS on a known path is answered with its methods.
    pub(crate) options: bool,
    /// Routes that belong to no contract, asked last.
    pub(crate) extra: Option<Route>,
}

impl Lost {
    /// The words for misses at a path.
    pub(crate) fn miss(&self, path: &str) -> Miss {
        longest(&self.territories, path).unwrap_or(plain)
    }

    pub(crate) async fn answer(&self, request: Request) -> Response {
        let path = request.uri().path();
        let miss = self.miss(path);
        let allow = self.allow(path);
        if !allow.is_empty() {
            return if self.options && request.method() == Method::OPTIONS {
                options(&allow)
            } else {
                worded(miss, &Missed::MethodNotAllowed { allow })
            };
        }
        match &self.extra {
            Some(extra) => extra.answer(request, miss).await,
            None => worded(miss, &Missed::NotFound),
        }
    }

    /// The methods that some contract answers on this path, as in an `Allow` header.
    fn allow(&self, path: &str) -> String {
        let takes = |patterns: &[Pattern]| {
            patterns.iter().any(|pattern| pattern.canonical(path, self.case).is_some())
        };
        let methods = self.known.iter().filter(|(_, patterns)| takes(patterns));
        methods.map(|(method, _)| method.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// An empty 204 that names the methods (RFC 9110 section 9.3.7).
fn options(allow: &str) -> Response {
    let mut response = answer::empty(StatusCode::NO_CONTENT);
    if let Ok(value) = HeaderValue::from_str(allow) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

/// [`Lost`] as the fallback of a router.
#[derive(Clone)]
pub(crate) struct LostService(pub(crate) Arc<Lost>);

impl Service<Request> for LostService {
    type Response = Response;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let lost = Arc::clone(&self.0);
        Box::pin(async move { Ok(lost.answer(request).await) })
    }
}
