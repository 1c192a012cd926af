//! Paths, methods and bodies that no handler takes.

use harness::http::Request;
use serde_json::json;

use crate::stage::Stage;

#[test]
fn unknown_paths_are_json_that_the_panel_can_print() {
    let stage = Stage::new();
    for path in [
        "/api/users//",
        "/api/users/0190aaaa-0000-7000-8000-000000000000/permissions",
        "/API/Users/x/y/",
        "/api/api-keys/x/renew",
        "/api/api-keys/x/regenerate/y",
        "/api/system/x",
        "/api/system//",
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] {
            let answer = stage.ask(Request::new(method, path));
            assert_eq!(answer.status, 404, "{method} {path}: {answer}");
            let body = if method == "HEAD" { "" } else { r#"{"error":"Not found"}"# };
            assert_eq!(answer.text(), body, "{method} {path}");
            assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
        }
    }
}

#[test]
fn alone_it_words_misses_under_api_auth_too() {
    let stage = Stage::with(|settings| settings.neighbour = false);
    let answer = stage.ask(Request::new("GET", "/api/auth/nothing"));
    assert_eq!((answer.status, answer.text().as_str()), (404, r#"{"error":"Not found"}"#));
    let answer = stage.ask(Request::new("GET", "/api/auth/login"));
    assert_eq!((answer.status, answer.text().as_str()), (405, r#"{"error":"Method not allowed"}"#));
}

#[test]
fn known_paths_with_another_method_are_a_405_that_names_the_right_ones() {
    let stage = Stage::new();
    for (method, path, allow) in [
        ("GET", "/api/auth/login", "POST"),
        ("HEAD", "/api/auth/register", "POST"),
        ("POST", "/api/auth/profile", "PUT"),
        ("DELETE", "/api/auth/state/", "GET, HEAD"),
        ("PUT", "/api/system", "GET, HEAD"),
        ("GET", "/api/system/settings", "PUT"),
        ("PUT", "/api/users", "GET, HEAD, POST"),
        ("DELETE", "/API/Users/", "GET, HEAD, POST"),
        ("PUT", "/api/users/x", "GET, HEAD, PATCH, DELETE"),
        ("POST", "/api/users/x/", "GET, HEAD, PATCH, DELETE"),
        ("PATCH", "/api/api-keys", "GET, HEAD, POST"),
        ("PUT", "/api/api-keys/x", "GET, HEAD, PATCH, DELETE"),
        ("GET", "/api/api-keys/x/regenerate", "POST"),
    ] {
        let answer = stage.ask(Request::new(method, path));
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {path}: {answer}");
        assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    }
    let answer = stage.ask(Request::new("PUT", "/api/system"));
    assert_eq!(answer.text(), r#"{"error":"Method not allowed"}"#);
}

#[test]
fn options_names_the_methods_and_opens_nothing() {
    let stage = Stage::new();
    for (path, allow) in [("/api/auth/register", "POST"), ("/api/auth/state", "GET, HEAD")] {
        let request = Request::new("OPTIONS", path)
            .header("Origin", "https://elsewhere.example")
            .header("Access-Control-Request-Method", "POST");
        let answer = stage.ask(request);
        assert_eq!((answer.status, answer.header("allow")), (204, Some(allow)), "{path}: {answer}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[test]
fn head_is_get_without_the_body() {
    let stage = Stage::new();
    let token = stage.register("ada");
    let admin = stage.administrator("root");
    let (id, _) = stage.api_key(&admin, &["user"]);
    let (user, key) = (format!("/api/users/{}", stage.id("ada")), format!("/api/api-keys/{id}"));
    for (path, token) in [
        ("/api/auth/state", Some(&token)),
        ("/api/auth/state", None),
        ("/api/system", None),
        ("/api/users", Some(&admin)),
        ("/api/users", Some(&token)),
        (&user, Some(&admin)),
        ("/api/api-keys", Some(&admin)),
        (&key, Some(&admin)),
    ] {
        let ask = |method| {
            let request = Request::new(method, path);
            stage.ask(match token {
                Some(token) => request.bearer(token),
                None => request,
            })
        };
        let (get, head) = (ask("GET"), ask("HEAD"));
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
        assert_eq!(head.header("content-length"), Some(&*get.body.len().to_string()));
    }
}

#[test]
fn a_body_over_the_limit_is_a_413_in_shape() {
    let stage = Stage::new();
    for (method, path) in [
        ("POST", "/api/auth/register"),
        ("POST", "/api/auth/login"),
        ("PUT", "/api/auth/profile"),
        ("PUT", "/api/system/settings"),
        ("POST", "/api/users"),
        ("PATCH", "/api/users/x"),
        ("POST", "/api/api-keys"),
        ("PATCH", "/api/api-keys/x"),
        ("POST", "/api/api-keys/x/regenerate"),
    ] {
        let answer = stage.ask(Request::new(method, path).json(&json!({ "username": "x".repeat(110_000) })));
        assert_eq!(answer.status, 413, "{answer}");
        assert_eq!(answer.text(), r#"{"error":"Request body too large"}"#);
    }
}

#[test]
fn paths_that_are_no_text_are_a_400_in_shape() {
    let stage = Stage::new();
    for path in ["/api/users/%ff", "/api/api-keys/%c3", "/api/system/%80"] {
        let answer = stage.ask(Request::new("GET", path));
        assert_eq!((answer.status, answer.text().as_str()), (400, r#"{"error":"Bad request"}"#), "{path}");
    }
}

#[test]
fn the_panel_has_the_name_of_the_mount() {
    let stage = Stage::with(|settings| settings.policy.site = "Ada's \"panel\"".to_owned());
    let answer = stage.ask(Request::new("GET", "/api/system")).expect_status(200);
    assert_eq!(answer.text(), r#"{"name":"Ada's \"panel\"","version":"1.0.0"}"#);
}
