//! Paths, methods and bodies that no handler takes.

use harness::http::Request;
use serde_json::json;

use crate::stage::Stage;

#[test]
fn unknown_paths_are_empty_404s() {
    let stage = Stage::new();
    for path in ["/auth/nothing", "/AUTH", "/auth//login", "/auth/login/x", "/api/users/nothing", "/check/x"]
    {
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            let answer = stage.ask(Request::new(method, path));
            assert_eq!((answer.status, answer.text().as_str()), (404, ""), "{method} {path}");
        }
    }
}

#[test]
fn known_paths_with_another_method_are_empty_405s_also_head() {
    let stage = Stage::new();
    for (path, allow) in [
        ("/auth/login", "GET"),
        ("/auth/invite", "GET"),
        ("/auth/check", "GET"),
        ("/check", "GET"),
        ("/auth/code-authenticate", "GET, POST"),
        ("/api/users/create", "POST"),
        ("/api/users/current", "GET"),
        ("/api/users/get", "GET"),
        ("/api/users/search", "GET"),
        ("/api/users/add-friend", "POST"),
        ("/api/users/remove-friend", "POST"),
        ("/api/users/update", "PATCH"),
        ("/api/users/change-username", "PATCH"),
        ("/api/users/change-password", "PATCH"),
        ("/api/users/delete", "POST"),
    ] {
        for method in ["HEAD", "DELETE", "PUT"] {
            let answer = stage.ask(Request::new(method, path));
            assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {path}");
            assert_eq!(answer.text(), "");
        }
        let answer = stage.ask(Request::new("OPTIONS", path).header("Origin", "https://elsewhere.example"));
        assert_eq!((answer.status, answer.header("allow")), (204, Some(allow)), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[test]
fn case_and_a_trailing_slash_do_not_matter() {
    let stage = Stage::new();
    let token = stage.signed_in("ada", &[]);
    for path in ["/Auth/CHECK", "/auth/check/", "/Check/", "/AUTH/Check/?x=1"] {
        assert_eq!(stage.get_as(path, &token).expect_status(200).text(), "Logged In", "{path}");
    }
}

#[test]
fn a_body_over_the_limit_is_a_413() {
    let stage = Stage::new();
    for path in ["/auth/code-authenticate", "/api/users/create"] {
        let answer = stage.ask(Request::new("POST", path).json(&json!({ "code": "x".repeat(110_000) })));
        assert_eq!((answer.status, answer.text().as_str()), (413, ""), "{path}");
    }
}

#[test]
fn paths_that_are_no_text_are_a_problem() {
    let stage = Stage::new();
    let answer = stage.get("/auth/%ff");
    let expected =
        r#"{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"Bad Request","status":400}"#;
    assert_eq!((answer.status, answer.text().as_str()), (400, expected));
    assert_eq!(answer.header("content-type"), Some("application/problem+json; charset=utf-8"));
}
