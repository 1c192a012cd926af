//! The prefix that one contract has to itself.

use super::toys::{Answer, ask, request, send, service, service_of, violet};
use crate::Limits;

async fn from_elsewhere(method: &str, target: &str) -> Answer {
    let mut request = request(method, target, "");
    request.headers_mut().insert("origin", "https://elsewhere.example".parse().unwrap());
    request.headers_mut().insert("access-control-request-method", "GET".parse().unwrap());
    send(&service(), request).await
}

#[tokio::test]
async fn case_counts_and_the_slash_does_not() {
    let table = [
        ("POST", "/api/v1/login", 200, "violet /api/v1/login "),
        ("POST", "/api/v1/login/", 200, "violet /api/v1/login "),
        ("POST", "/api/v1/Login", 404, "violet 404"),
        ("POST", "/api/v1/login//", 404, "violet 404"),
        ("POST", "/api/v1//login", 404, "violet 404"),
        ("POST", "/API/v1/login", 404, "red 404"),
        ("GET", "/api/v10", 404, "red 404"),
        ("GET", "/api/v1", 404, "violet 404"),
        ("GET", "/api/v1/", 404, "violet 404"),
        ("GET", "/api/v1/profile/BoB", 200, "violet /api/v1/profile/{name} [BoB]"),
        ("GET", "/api/v1/profile/BoB/?x=1", 200, "violet /api/v1/profile/{name} [BoB]"),
        ("GET", "/api/v1/profile/", 404, "violet 404"),
        ("GET", "/api/v1/../auth/state", 404, "violet 404"),
        ("GET", "/api/v1/profile/%ff", 400, "violet 400"),
    ];
    for (method, target, status, body) in table {
        let answer = ask(method, target).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{method} {target}");
    }
}

#[tokio::test]
async fn a_pattern_for_the_slash_wins_for_its_method_only() {
    assert_eq!(ask("GET", "/api/v1/user").await.body, "violet /api/v1/user");
    assert_eq!(ask("GET", "/api/v1/user/?a=b").await.body, "violet /api/v1/user/ ?a=b");
    assert_eq!(ask("PATCH", "/api/v1/user/").await.body, "violet /api/v1/user");
    let answer = ask("POST", "/api/v1/user/").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, PATCH"));
}

#[tokio::test]
async fn the_layer_is_around_every_answer() {
    let targets = [
        ("GET", "/api/v1/user", 200),
        ("GET", "/api/v1/closed", 401),
        ("GET", "/api/v1/unknown", 404),
        ("DELETE", "/api/v1/user", 405),
        ("GET", "/api/v1/profile/%ff", 400),
        ("GET", "/api/v1/panics", 500),
    ];
    for (method, target, status) in targets {
        let answer = from_elsewhere(method, target).await;
        assert_eq!(answer.status, status, "{target}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{target}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{target}");
    }
    let preflight = from_elsewhere("OPTIONS", "/api/v1/login").await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (200, "GET"));
    assert_eq!(preflight.header("cache-control"), "no-store");
}

#[tokio::test]
async fn nothing_outside_is_open_to_other_origins() {
    for (method, target) in [
        ("GET", "/api/auth/state"),
        ("OPTIONS", "/api/auth/state"),
        ("OPTIONS", "/API/v1/login"),
        ("GET", "/unknown"),
        ("GET", "/"),
    ] {
        let answer = from_elsewhere(method, target).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {target}");
    }
}

#[tokio::test]
async fn options_inside_is_the_layers_business() {
    let mut bare = violet();
    bare.exclusive.as_mut().unwrap().layer = |router| router;
    let service = service_of(vec![bare], Limits::default());
    let answer = send(&service, request("OPTIONS", "/api/v1/user", "")).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, PATCH"));
}
