//! What is traced of a request, and what never is.
//!
//! One test in a process of its own: subscribers of several threads share one maximum level.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, extract::Request};
use http::Method;
use tower::ServiceExt;
use tracing_subscriber::{filter::LevelFilter, fmt::format::FmtSpan};
use web::{Contract, Endpoint, Limits, RawBody, compose};

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().map_err(|_| io::Error::other("poisoned"))?.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn contract() -> Contract {
    async fn reads(RawBody(_, body): RawBody) -> String {
        format!("{} bytes", body.len())
    }
    async fn fails() -> String {
        if std::hint::black_box(true) {
            std::panic::resume_unwind(Box::new("panic-secret"));
        }
        String::new()
    }
    let endpoints = vec![
        Endpoint::new(Method::GET, "/login", reads, ()),
        Endpoint::new(Method::PUT, "/activate/{token}", reads, ()),
        Endpoint::new(Method::GET, "/fails", fails, ()),
    ];
    Contract { name: "toy", endpoints, territories: Vec::new(), exclusive: None }
}

async fn traced(level: LevelFilter) -> String {
    let sink = Sink::default();
    let writer = sink.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let service = compose(vec![contract()], Limits::default(), Router::new());
    let targets = [
        ("GET", "/login?username=bob&password=query-secret"),
        ("PUT", "/Activate/path-secret/"),
        ("GET", "/fails?jwt=query-secret"),
        ("GET", "/unknown/path-secret"),
    ];
    for (method, target) in targets {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", "Bearer header-secret")
            .header("x-forwarded-for", "header-secret")
            .body(Body::from("password=body-secret"));
        let (Ok(service), Ok(request)) = (service.clone(), request) else { return String::from("not built") };
        let answered = service.oneshot(request).await;
        assert!(answered.is_ok());
    }
    drop(guard);
    let bytes = sink.0.lock().map(|bytes| bytes.clone()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn the_pattern_is_traced_and_no_secret_ever() {
    let all = traced(LevelFilter::TRACE).await;
    for part in [
        "method=PUT",
        "path=\"/activate/{token}\"",
        "contract=\"toy\"",
        "status=200",
        "status=404",
        "status=500",
        "request_id=",
    ] {
        assert!(all.contains(part), "{part} in {all}");
    }
    assert!(!all.contains("secret"), "{all}");

    let info = traced(LevelFilter::INFO).await;
    assert_eq!(info.lines().count(), 1, "{info}");
    assert!(info.contains("a handler panicked") && info.contains("pattern=\"/fails\""), "{info}");
}
