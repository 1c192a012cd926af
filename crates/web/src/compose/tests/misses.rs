//! 404, 405, HEAD, OPTIONS, and the plain extra routes.

use super::toys::{all, ask, blue, red, request, send, service_of};
use crate::Limits;

#[tokio::test]
async fn unknown_paths_are_worded_by_the_longest_territory() {
    let table = [
        ("/auth/unknown", "blue 404"),
        ("/Auth/Unknown", "blue 404"),
        ("/auth", "blue 404"),
        ("/authx", r#"{"error":"Not found"}"#),
        ("/api/auth/unknown", "blue 404"),
        ("/api/users/a/b", "red 404"),
        ("/API/unknown", "red 404"),
        ("/unknown", r#"{"error":"Not found"}"#),
        ("//", r#"{"error":"Not found"}"#),
    ];
    for (target, body) in table {
        let answer = ask("GET", target).await;
        assert_eq!((answer.status, answer.body.as_str()), (404, body), "{target}");
    }
}

#[tokio::test]
async fn of_equal_territories_the_first_mounted_counts() {
    let mut rival = red();
    rival.territories[0].prefix = "/auth";
    for (order, words) in [(vec![rival.clone(), blue()], "red 404"), (vec![blue(), rival], "blue 404")] {
        let service = service_of(order, Limits::default());
        assert_eq!(send(&service, request("GET", "/auth/unknown", "")).await.body, words);
    }
}

#[tokio::test]
async fn other_methods_learn_the_methods_of_all_contracts() {
    let table = [
        ("DELETE", "/auth/login", "GET, POST", "blue 405"),
        ("DELETE", "/Auth/Login/", "GET, POST", "blue 405"),
        ("PUT", "/api/users/current", "GET, HEAD, PATCH, DELETE", "red 405"),
        ("PUT", "/api/users/create", "GET, HEAD, POST, PATCH, DELETE", "red 405"),
        ("GET", "/api/auth/login", "POST", "blue 405"),
        ("BREW", "/api/auth/state", "GET, HEAD", "blue 405"),
        ("TRACE", "/api/auth/state", "GET, HEAD", "blue 405"),
        ("POST", "/who", "GET", r#"{"error":"Method not allowed"}"#),
        ("POST", "/user/activate-account/x", "PUT", "blue 405"),
        ("GET", "/user/activate-account/resend", "POST, PUT", "blue 405"),
    ];
    for (method, target, allow, body) in table {
        let answer = ask(method, target).await;
        let seen = (answer.status, answer.header("allow"), answer.body.as_str());
        assert_eq!(seen, (405, allow, body), "{method} {target}");
    }
}

#[tokio::test]
async fn head_is_answered_only_where_it_has_no_effect() {
    for target in ["/api/auth/state", "/API/auth/state/", "/api/users/Someone", "/"] {
        let answer = ask("HEAD", target).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{target}");
        assert_ne!(answer.header("content-length"), "0", "{target}");
    }
    for target in ["/auth/invite", "/auth/login", "/Auth/Invite/"] {
        let answer = ask("HEAD", target).await;
        assert_eq!((answer.status, answer.body.as_str()), (405, ""), "{target}");
        assert!(answer.header("allow").starts_with("GET"), "{target}");
    }
    // `current` is a GET of green, not a HEAD; red's parameter has both.
    assert_eq!(ask("HEAD", "/api/users/current").await.status, 200);
    assert_eq!(ask("HEAD", "/unknown").await.status, 404);
}

#[tokio::test]
async fn options_names_the_methods() {
    let table = [
        ("/auth/login", "GET, POST"),
        ("/AUTH/login/", "GET, POST"),
        ("/api/users", "GET, HEAD, POST"),
        ("/user/activate-account/x", "PUT"),
    ];
    for (target, allow) in table {
        let answer = ask("OPTIONS", target).await;
        let seen = (answer.status, answer.header("allow"), answer.body.as_str());
        assert_eq!(seen, (204, allow, ""), "{target}");
    }
    for target in ["/unknown", "/auth/unknown", "*"] {
        assert_eq!(ask("OPTIONS", target).await.status, 404, "{target}");
    }
}

#[tokio::test]
async fn extra_routes_are_matched_exactly_and_last() {
    let table = [
        ("GET", "/", 200, "home"),
        ("GET", "/?a=b", 200, "home"),
        ("GET", "/.well-known/jwks.json", 200, "keys"),
        ("GET", "/.well-known/JWKS.json", 404, r#"{"error":"Not found"}"#),
        ("GET", "/.well-known/jwks.json/", 404, r#"{"error":"Not found"}"#),
        ("GET", "/auth/keys", 200, "more keys"),
        ("POST", "/", 405, r#"{"error":"Method not allowed"}"#),
        ("OPTIONS", "/", 204, ""),
        ("GET", "/boom", 500, r#"{"error":"Server error"}"#),
    ];
    for (method, target, status, body) in table {
        let answer = ask(method, target).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{method} {target}");
        if status == 405 || status == 204 {
            assert_eq!(answer.header("allow"), "GET,HEAD", "{method} {target}");
        }
    }
}

#[tokio::test]
async fn every_listed_endpoint_is_reached_by_its_own_contract() {
    let service = service_of(all(), Limits::default());
    for line in crate::listing(&all()) {
        if line.path.contains("sleeps") {
            continue;
        }
        let target = line.path.replace("{id}", "x1").replace("{token}", "x1").replace("{name}", "x1");
        let answer = send(&service, request(line.method.as_str(), &target, "")).await;
        assert!(![404, 405, 408].contains(&answer.status), "{line:?} {answer:?}");
    }
}
