//! What no handler answers, how paths may be spelled, and trouble of our own.

use harness::http::Request;
use serde_json::json;

use crate::world::{PASSWORD, World};

const LOST: &str = r#"404 {"code":404,"error":"Whoops, this resource or route could not be found"}"#;
const METHOD: &str = r#"405 {"code":405,"error":"This method is not allowed here"}"#;

/// Every endpoint, with and without `/api`.
const ENDPOINTS: [(&str, &str); 11] = [
    ("POST", "/auth/register"),
    ("POST", "/auth/login"),
    ("POST", "/auth/two-factor"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/logout"),
    ("PUT", "/user/activate-account/{token}"),
    ("POST", "/user/activate-account/resend"),
    ("POST", "/account/two-factor"),
    ("PUT", "/account/two-factor"),
    ("DELETE", "/account/two-factor"),
    ("GET", "/account/two-factor/backup-codes"),
];

#[test]
fn every_endpoint_is_there_with_and_without_the_prefix() {
    let world = World::new();
    let contracts = [wolfpal::contract(world.accounts.mount("wolfpal").unwrap())];
    let listed = web::listing(&contracts);
    assert_eq!(listed.len(), 2 * ENDPOINTS.len());
    for (method, path) in ENDPOINTS {
        for path in [path.to_owned(), format!("/api{path}")] {
            assert!(listed.iter().any(|one| one.method == method && one.path == path), "{method} {path}");
        }
    }
}

#[test]
fn an_empty_request_is_never_our_fault() {
    let world = World::new();
    for (method, path) in ENDPOINTS {
        for prefix in ["", "/api", "/API"] {
            for slash in ["", "/"] {
                let target = format!("{prefix}{}{slash}", path.replace("{token}", "x"));
                let answer = world.ask(Request::new(method, &target));
                let expected = match path {
                    "/user/activate-account/resend" => 200,
                    _ if path.starts_with("/account") || path.ends_with("logout") => 401,
                    _ => 400,
                };
                assert_eq!(answer.status, expected, "{method} {target}: {answer}");
                assert_eq!(answer.header("cache-control"), Some("no-store"));
                assert_eq!(answer.header("access-control-allow-origin"), None);
                assert_eq!(answer.header("set-cookie"), None);
            }
        }
    }
}

#[test]
fn unknown_paths_are_lost_in_the_words_of_the_contract() {
    let world = World::new();
    for path in [
        "/auth",
        "/auth/",
        "/auth/nothing",
        "/api/auth/nothing",
        "/AUTH/Nothing",
        "/user",
        "/user/activate-account",
        "/api/user/x/y/z",
        "/account/x",
        "/api/account/x",
        "/sessions",
        "/api/sessions/1",
        "/notifications",
        "/api/notifications/email",
        "/auth//login",
        "/auth/login/x",
        "/auth/../auth/login",
    ] {
        for method in ["GET", "POST", "DELETE", "BREW"] {
            let answer = world.ask(Request::new(method, path));
            assert_eq!(crate::world::line(&answer), LOST, "{method} {path}");
            assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
        }
    }
    assert_eq!(world.line(Request::new("GET", "/api/users")), r#"404 {"error":"Not found"}"#);
    assert_eq!(world.line(Request::new("GET", "/authority")), r#"404 {"error":"Not found"}"#);
}

#[test]
fn known_paths_say_which_methods_they_have() {
    let world = World::new();
    for (method, path, allow) in [
        ("GET", "/auth/login", "POST"),
        ("HEAD", "/auth/login", "POST"),
        ("DELETE", "/api/auth/register", "POST"),
        ("GET", "/user/activate-account/resend", "POST, PUT"),
        ("POST", "/user/activate-account/x", "PUT"),
        ("GET", "/account/two-factor", "POST, PUT, DELETE"),
        ("HEAD", "/account/two-factor", "POST, PUT, DELETE"),
        ("POST", "/account/two-factor/backup-codes", "GET, HEAD"),
    ] {
        let answer = world.ask(Request::new(method, path));
        let expected = if method == "HEAD" { "405 " } else { METHOD };
        assert_eq!(crate::world::line(&answer), expected, "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
        let options = world.ask(Request::new("OPTIONS", path).header("Origin", "https://evil.example"));
        assert_eq!((options.status, options.header("allow")), (204, Some(allow)), "{path}");
        assert_eq!(options.header("access-control-allow-origin"), None);
    }
}

#[test]
fn bodies_that_are_too_large_are_refused_in_shape() {
    let world = World::new();
    for (method, path) in ENDPOINTS.into_iter().filter(|(method, _)| *method != "GET") {
        let request = Request::new(method, &path.replace("{token}", "x"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Content-Length", "102401");
        let request = Request { body: vec![b'x'; 102_401], ..request };
        assert_eq!(world.line(request), r#"413 {"error":"Request body too large"}"#, "{method} {path}");
    }
}

#[test]
fn paths_that_are_no_text_are_refused_in_shape() {
    let world = World::new();
    let answer = world.line(Request::new("PUT", "/user/activate-account/%ff%fe"));
    assert_eq!(answer, r#"400 {"error":"Bad request"}"#);
}

#[test]
fn without_its_database_it_asks_to_come_back() {
    let world = World::new();
    world.account("bob");
    let tokens = world.sign_in("bob");
    world.lose_database();
    let email = "bob@a.example.com";
    let requests = [
        Request::new("POST", "/auth/register")
            .json(&json!({ "username": "eve", "email": "e@a.example.com", "password": PASSWORD })),
        Request::new("POST", "/auth/login").json(&json!({ "email": email, "password": PASSWORD })),
        Request::new("POST", "/auth/two-factor").json(&json!({ "token": "x", "code": "123456" })),
        Request::new("POST", "/auth/refresh").json(&json!({ "refresh_token": tokens.refresh })),
        Request::new("POST", "/auth/logout").bearer(&tokens.access),
        Request::new("PUT", "/user/activate-account/x"),
        Request::new("POST", "/user/activate-account/resend").json(&json!({ "email": email })),
        Request::new("POST", "/account/two-factor").bearer(&tokens.access),
        Request::new("GET", "/account/two-factor/backup-codes").bearer(&tokens.access),
    ];
    for request in requests {
        let target = request.target.clone();
        let answer = world.ask(request);
        assert_eq!(
            crate::world::line(&answer),
            r#"503 {"code":"SERVICE_UNAVAILABLE","error":"Service unavailable. Please try again later."}"#,
            "{target}"
        );
        assert_eq!(answer.header("retry-after"), Some("1"), "{target}");
    }
}
