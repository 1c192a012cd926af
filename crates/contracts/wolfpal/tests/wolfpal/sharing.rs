//! Which requests are WolfPal's where another contract answers on the same path (coexistence.md C1, C2).

use axum::Router;
use axum::http::{Method, StatusCode};
use harness::http::Request;
use web::{Contract, Endpoint, Territory};

use crate::world::{World, answered};

/// A contract that takes whatever nobody claims.
fn other() -> Contract {
    let path = |path| Endpoint::new(Method::POST, path, || async { "other" }, ());
    Contract {
        name: "other",
        endpoints: vec![path("/api/auth/login"), path("/api/auth/register"), path("/auth/other")],
        territories: vec![Territory {
            prefix: "/api/auth",
            miss: |_| web::text(StatusCode::NOT_FOUND, "other"),
        }],
        exclusive: None,
    }
}

fn is_other(world: &World, reversed: bool, target: &str, content_type: &str, body: &str) -> bool {
    let mut contracts = vec![wolfpal::contract(world.accounts.mount("wolfpal").unwrap()), other()];
    if reversed {
        contracts.reverse();
    }
    let router = web::compose(contracts, web::Limits::default(), Router::new()).unwrap();
    let mut request = Request::new("POST", target);
    if !content_type.is_empty() {
        request = request.header("Content-Type", content_type);
    }
    request.body = body.as_bytes().to_vec();
    world.wait(answered(router, request)).text() == "other"
}

#[test]
fn forms_and_json_with_an_email_are_ours_and_nothing_else_is() {
    let world = World::new();
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    let table = [
        (form, "username=a&password=b", false),
        (form, "", false),
        (form, "%ff=%ff", false),
        ("application/x-www-form-urlencoded; charset=UTF-8", "email=a", false),
        (json, r#"{"email":"a@a.example.com","password":"b"}"#, false),
        (json, r#"{"username":"a","email":"","password":"b"}"#, false),
        (json, r#"{"email":null}"#, false),
        (json, r#"{"email":{"$ne":""}}"#, false),
        ("application/json; charset=utf-8", r#"{"email":1}"#, false),
        (json, r#"{"username":"a","password":"b"}"#, true),
        (json, r#"{"Email":"a@a.example.com"}"#, true),
        (json, r#"{"user":{"email":"a@a.example.com"}}"#, true),
        (json, r#"["email"]"#, true),
        (json, r#"{"email":"a@a.example.com""#, true),
        (json, r#"{"email":"a","email":"b"}"#, true),
        (json, "null", true),
        (json, "", true),
        ("", r#"{"email":"a@a.example.com"}"#, true),
        ("text/plain", r#"{"email":"a@a.example.com"}"#, true),
        ("multipart/form-data; boundary=x", "email=a", true),
    ];
    for (content_type, body, others) in table {
        for reversed in [false, true] {
            for shared in ["/api/auth/login", "/api/auth/register", "/API/auth/Login/"] {
                let got = is_other(&world, reversed, shared, content_type, body);
                assert_eq!(got, others, "{shared} {content_type} {body}");
            }
            assert!(!is_other(&world, reversed, "/auth/login", content_type, body), "{content_type} {body}");
        }
    }
}
