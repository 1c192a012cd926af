//! Moments in which the server cannot serve.

use std::time::Duration;

use crypto::Argon2Cost;
use harness::http::{Answer, Request};
use serde_json::json;

use crate::stage::{PASSWORD, Stage};

#[track_caller]
fn busy(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer}");
    assert_eq!(answer.text(), r#"{"error":"Server is busy, please try again later"}"#);
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[test]
fn without_a_database_everything_that_needs_it_is_a_503() {
    let stage = Stage::new();
    let token = stage.administrator("ada");
    stage
        .call(&token, "PUT", "/api/system/settings", Some(&json!({ "panel_name": "Panel" })))
        .expect_status(200);
    let (id, _) = stage.api_key(&token, &["admin"]);
    stage.close_database();
    let body = json!({ "username": "bob", "password": PASSWORD });
    busy(&stage.post("/api/auth/register", &body));
    busy(&stage.login("ada", PASSWORD));
    busy(&stage.profile(&token, &json!({ "newUsername": "eve" })));
    for (method, path, body) in [
        ("GET", "/api/users".to_owned(), None),
        ("GET", format!("/api/users/{id}"), None),
        ("PATCH", format!("/api/users/{id}"), Some(json!({}))),
        ("DELETE", format!("/api/users/{id}"), None),
        ("GET", "/api/api-keys".to_owned(), None),
        ("GET", format!("/api/api-keys/{id}"), None),
        ("DELETE", format!("/api/api-keys/{id}"), None),
        ("POST", format!("/api/api-keys/{id}/regenerate"), None),
        ("PUT", "/api/system/settings".to_owned(), Some(json!({ "panel_name": "Other" }))),
    ] {
        busy(&stage.call(&token, method, &path, body.as_ref()));
    }
    busy(&stage.ask(Request::new("GET", "/api/auth/state").header("x-api-key", "ARGX_0")));
    // The login page needs some name.
    let system = stage.ask(Request::new("GET", "/api/system")).expect_status(200);
    assert_eq!(system.field("name"), "Argon");
    // Nothing to read, nothing to fail: bad requests stay bad requests.
    assert_eq!(stage.login("ada", "").status, 400);
}

#[test]
fn more_hashes_than_anybody_would_wait_for_are_a_503() {
    let cost = Argon2Cost { memory_kib: 16_384, passes: 3, lanes: 1 };
    let stage = Stage::with(|settings| {
        settings.cost = cost;
        settings.max_wait = Duration::ZERO;
    });
    let body = json!({ "username": "ada", "password": PASSWORD });
    let logins = vec![Request::new("POST", "/api/auth/login").json(&body); 8];
    let answers = stage.ask_all(logins);
    let shed: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!shed.is_empty() && shed.len() < answers.len());
    shed.into_iter().for_each(busy);
}
