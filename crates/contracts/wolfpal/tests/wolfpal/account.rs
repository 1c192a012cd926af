//! What the caller is told of the account.

use accounts::CreateAccount;
use harness::http::Request;
use harness::server::Server;
use model::Span;
use secrecy::SecretString;
use serde_json::json;

use crate::world::{PASSWORD, World, line};

fn show(world: &World, access: &str) -> String {
    world.line(Request::new("GET", "/api/account").bearer(access))
}

/// The id in an access token.
fn id(access: &str) -> String {
    harness::jwt::parts(access).unwrap().claims.get("sub").unwrap().to_string().replace('"', "")
}

#[test]
fn the_fields_are_there_in_their_order() {
    let mut world = World::new();
    world.account("Bob");
    let access = world.sign_in("Bob").access;
    let id = id(&access);
    let expected = format!(
        r#"200 {{"user":{{"notifications":{{"email":{{"weeklyGoals":false,"yearlyGoals":false}}}},"twoFactor":false,"emailVerified":true,"isBanned":false,"streamerMode":false,"role":"user","_id":"{id}","username":"Bob","email":"bob@a.example.com","createdAt":"2026-01-31T12:00:00.000Z","updatedAt":"2026-01-31T12:00:00.000Z","slug":"bob","__v":0}}}}"#
    );
    assert_eq!(show(&world, &access), expected);
    for (permission, role) in [("owner", "owner"), ("Admin", "owner")] {
        world.permit("Bob", permission, true);
        assert_eq!(role_of(&world, &access), role);
    }
    world.permit("Bob", "owner", false);
    assert_eq!(role_of(&world, &access), "admin");
    world.permit("Bob", "admin", false);
    world.permit("Bob", "admin.*", true);
    assert_eq!(role_of(&world, &access), "user");
}

fn role_of(world: &World, access: &str) -> String {
    let answer = world.ask(Request::new("GET", "/account").bearer(access)).expect_status(200);
    answer.json()["user"]["role"].as_str().unwrap().to_owned()
}

#[test]
fn changes_are_seen_at_once() {
    let world = World::new();
    world.account("bob");
    let access = world.sign_in("bob").access;
    show(&world, &access);
    world.advance(Span::seconds(100));
    world.enrol(&access);
    let user = world.ask(Request::new("GET", "/account").bearer(&access)).json()["user"].clone();
    assert_eq!((&user["twoFactor"], &user["updatedAt"]), (&json!(true), &json!("2026-01-31T12:01:40.000Z")));
    world.advance(Span::seconds(100));
    let put = Request::new("PUT", "/notifications/email").bearer(&access);
    world.ask(put.json(&json!({ "weeklyGoals": true }))).expect_status(200);
    let user = world.ask(Request::new("GET", "/account").bearer(&access)).json()["user"].clone();
    assert_eq!(user["notifications"], json!({ "email": { "weeklyGoals": true, "yearlyGoals": false } }));
    assert_eq!(user["updatedAt"], "2026-01-31T12:03:20.000Z");
}

#[test]
fn a_forgotten_password_leaves_no_trace_in_the_account() {
    let world = World::new();
    world.account("bob");
    let access = world.sign_in("bob").access;
    let before = show(&world, &access);
    world.post("/user/forgot-password", json!({ "email": "bob@a.example.com" })).expect_status(200);
    assert!(world.newest_mail("bob@a.example.com", "Reset").is_some());
    assert_eq!(show(&world, &access), before);
}

#[test]
fn names_and_addresses_of_other_contracts_are_shown_as_they_are() {
    let world = World::new();
    let create = CreateAccount {
        realm: &world.realm,
        username: "R\u{f6}\"t <b>",
        email: Some("Root@localhost"),
        email_confirmed: true,
        password: SecretString::from(PASSWORD),
        permissions: None,
    };
    world.wait(world.accounts.create(create)).unwrap();
    let answer = world.post("/auth/login", json!({ "email": "root@localhost", "password": PASSWORD }));
    let access = answer.expect_status(200).field("access_token");
    let user = world.ask(Request::new("GET", "/account").bearer(&access)).json()["user"].clone();
    assert_eq!(
        (&user["username"], &user["slug"], &user["email"]),
        (&json!("R\u{f6}\"t <b>"), &json!("r\u{f6}\"t <b>"), &json!("Root@localhost"))
    );
}

#[test]
fn head_is_as_get_without_the_body() {
    let world = World::new();
    world.account("bob");
    let access = world.sign_in("bob").access;
    for path in ["/account", "/sessions", "/account/sessions", "/notifications"] {
        let head = world.ask(Request::new("HEAD", path).bearer(&access));
        assert_eq!(line(&head), "200 ", "{path}");
        assert_eq!(head.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(world.ask(Request::new("HEAD", path)).status, 401, "{path}");
    }
}
