//! Bodies that end: a limit in bytes, also where no length is announced.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    RequestExt,
    body::{Body, HttpBody},
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::territory::Missed;

/// The headers and the whole body of a request.
///
/// In a composed service the body has at most the bytes of [`crate::Limits`]; anywhere, at most
/// 2 MiB. Refuses with [`Missed::TooLarge`], or [`Missed::Unreadable`] if the body breaks off.
#[derive(Clone, Debug)]
pub struct RawBody(pub HeaderMap, pub Bytes);

impl<S: Sync> FromRequest<S> for RawBody {
    type Rejection = Missed;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Missed> {
        let (parts, body) = request.with_limited_body().into_parts();
        Ok(Self(parts.headers, read(body).await?))
    }
}

/// The headers of a request whose body is not asked for, as they are: `HeaderMap` as an extractor copies them.
#[derive(Clone, Debug)]
pub struct Headers(pub HeaderMap);

impl<S: Sync> FromRequest<S> for Headers {
    type Rejection = Infallible;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(request.into_parts().0.headers))
    }
}

/// The whole body.
pub(crate) async fn read(body: Body) -> Result<Bytes, Missed> {
    let refused = |error: axum::Error| {
        let cause = error.into_inner();
        if is_over(cause.as_ref()) { Missed::TooLarge } else { Missed::Unreadable }
    };
    body.collect().await.map(http_body_util::Collected::to_bytes).map_err(refused)
}

/// Set once a body of unannounced length has run over its limit, so that the answer can say so
/// whichever extractor was reading.
#[derive(Clone, Default)]
pub(crate) struct Overrun(Option<Arc<AtomicBool>>);

impl Overrun {
    pub(crate) fn happened(&self) -> bool {
        self.0.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

/// The request with a body that ends at `limit` bytes, or `None` if it says that it is longer.
///
/// What `Content-Length` says counts only against the request: the body that is there is measured.
pub(crate) fn bounded(request: Request, limit: usize) -> Option<(Request, Overrun)> {
    let limit_bytes = u64::try_from(limit).unwrap_or(u64::MAX);
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let held = request.body().size_hint();
    if held.lower() > limit_bytes || announced.is_some_and(|length| length > limit_bytes) {
        return None;
    }
    if held.upper().is_some_and(|upper| upper <= limit_bytes) {
        return Some((request, Overrun::default()));
    }
    let flag = Arc::new(AtomicBool::new(false));
    let overrun = Overrun(Some(Arc::clone(&flag)));
    let request = request.map(|body| {
        Body::new(Limited::new(body, limit).map_err(move |error| {
            if is_over(error.as_ref()) {
                flag.store(true, Ordering::Relaxed);
            }
            error
        }))
    });
    Some((request, overrun))
}

/// Every wrapper of a body puts its own error around the cause.
fn is_over(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<LengthLimitError>())
}
