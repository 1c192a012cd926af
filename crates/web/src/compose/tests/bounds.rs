//! Size, time, panics.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;

use super::toys::{all, ask, broken, chunked, request, send, service, service_of};
use crate::Limits;

const LIMIT: usize = 102_400;

fn bytes(length: usize) -> Vec<u8> {
    vec![b'r'; length]
}

#[tokio::test]
async fn the_limit_itself_passes_and_one_byte_more_does_not() {
    let table = [
        ("/auth/login", "blue /auth/login 102400 bytes", "blue 413"),
        ("/three", "red /three 102400 bytes", r#"{"error":"Request body too large"}"#),
        ("/api/auth/login", "red /api/auth/login 102400 bytes", "blue 413"),
        ("/api/auth/bytes", "102400 bytes", "red 413"),
        ("/api/v1/login", "violet /api/v1/login 102400 bytes", "violet 413"),
    ];
    for (target, fits, refused) in table {
        for pieces in [1, 7, 102_400] {
            let chunks =
                |length: usize| chunked(bytes(length).chunks(pieces).map(Bytes::copy_from_slice).collect());
            let answer = send(&service(), request("POST", target, chunks(LIMIT))).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, fits), "{target} {pieces}");
            let answer = send(&service(), request("POST", target, chunks(LIMIT + 1))).await;
            assert_eq!((answer.status, answer.body.as_str()), (413, refused), "{target} {pieces}");
        }
        let answer = send(&service(), request("POST", target, bytes(LIMIT))).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, fits), "{target}");
        let answer = send(&service(), request("POST", target, bytes(LIMIT + 1))).await;
        assert_eq!((answer.status, answer.body.as_str()), (413, refused), "{target}");
    }
}

#[tokio::test]
async fn a_lying_content_length_helps_nobody() {
    for (length, body, status) in [
        ("5", Body::from(bytes(LIMIT + 1)), 413),
        ("5", chunked(vec![bytes(LIMIT + 1).into()]), 413),
        ("99999999999999999999999", chunked(vec![bytes(LIMIT + 1).into()]), 413),
        ("-1", chunked(vec![bytes(LIMIT + 1).into()]), 413),
        ("102401", Body::from("short"), 413),
        ("18446744073709551615", Body::empty(), 413),
        ("102400", Body::from("short"), 200),
    ] {
        let mut request = request("POST", "/auth/login", body);
        request.headers_mut().insert("content-length", length.parse().unwrap());
        assert_eq!(send(&service(), request).await.status, status, "{length}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_unreadable() {
    for (target, words) in
        [("/auth/login", "blue 400"), ("/api/auth/login", "blue 400"), ("/api/v1/login", "violet 400")]
    {
        let answer = send(&service(), request("POST", target, broken())).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, words), "{target}");
    }
}

#[tokio::test]
async fn a_panic_is_a_500_in_the_words_of_the_contract() {
    let form = "application/x-www-form-urlencoded";
    for (method, target, content_type, words) in [
        ("GET", "/auth/panics", "", "blue 500"),
        ("POST", "/green/panics", "", "green 500"),
        ("GET", "/api/v1/panics", "", "violet 500"),
        ("POST", "/api/auth/fails", "", "red 500"),
        ("POST", "/api/auth/fails", form, "blue 500"),
    ] {
        let service = service();
        let mut request = request(method, target, "");
        if !content_type.is_empty() {
            request.headers_mut().insert("content-type", content_type.parse().unwrap());
        }
        let answer = send(&service, request).await;
        assert_eq!((answer.status, answer.body.as_str()), (500, words), "{target}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(send(&service, super::toys::request("GET", "/auth/login", "")).await.status, 200);
    }
}

#[tokio::test]
async fn a_claim_that_panics_is_a_500_too() {
    let mut contracts = all();
    for endpoint in &mut contracts[1].endpoints {
        endpoint.claims = endpoint.claims.map(|_| (|_, _| panic!("claim")) as crate::Claim);
    }
    let service = service_of(contracts, Limits::default());
    assert_eq!(send(&service, request("POST", "/three", "b")).await.status, 500);
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_is_given_up_in_the_words_of_the_contract() {
    let started = tokio::time::Instant::now();
    for (target, words) in [("/auth/sleeps", "blue 408"), ("/api/v1/sleeps", "violet 408")] {
        let answer = ask("GET", target).await;
        assert_eq!((answer.status, answer.body.as_str()), (408, words), "{target}");
    }
    let waited = started.elapsed();
    assert!(waited >= Duration::from_secs(60) && waited < Duration::from_secs(61), "two times 30 s");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up_too() {
    let limits = Limits { timeout: Duration::from_secs(2), ..Limits::default() };
    let service = service_of(all(), limits);
    for (target, words) in [("/auth/login", "blue 408"), ("/three", r#"{"error":"Request timed out"}"#)] {
        let body = Body::new(super::toys::Endless);
        let answer = send(&service, request("POST", target, body)).await;
        assert_eq!(answer.body, words, "{target}");
    }
}

#[test]
fn a_body_limit_that_could_not_be_kept_is_refused() {
    let limits = Limits { body: 2_097_153, ..Limits::default() };
    let refused = crate::compose(all(), limits, axum::Router::new());
    assert_eq!(refused.err(), Some(crate::ComposeError::BodyLimit(2_097_153)));
}
