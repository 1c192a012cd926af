//! What ends when administrators change and delete users, and who is not there.

use harness::http::Request;
use model::Realm;
use serde_json::json;

use crate::stage::{PASSWORD, Stage};
use crate::users::{change, delete, refused};

/// An id that nobody has.
const NOBODY: &str = "0190aaaa-0000-7000-8000-000000000000";

#[test]
fn a_new_name_or_password_ends_the_sessions_of_the_user() {
    let stage = Stage::new();
    let (token, ada) = (stage.administrator("root"), stage.register("ada"));
    let id = stage.id("ada");
    assert_eq!(
        change(&stage, &token, &id, &json!({ "username": "Eve" })).expect_status(200).field("username"),
        "Eve"
    );
    refused(&stage.state(&ada), 401, "User no longer exists");
    let eve = stage.login("eve", PASSWORD).expect_status(200).field("token");
    change(&stage, &token, &id, &json!({ "password": "another horse" })).expect_status(200);
    assert_eq!(stage.state(&eve).status, 401);
    refused(&stage.login("eve", PASSWORD), 401, "Invalid credentials");
    stage.login("eve", "another horse").expect_status(200);
    stage.state(&token).expect_status(200);
}

#[test]
fn who_is_deleted_is_gone_with_tokens_and_keys() {
    let stage = Stage::new();
    let (token, ada) = (stage.administrator("root"), stage.administrator("ada"));
    let (_, key) = stage.api_key(&ada, &["admin"]);
    let id = stage.id("ada");
    let answer = delete(&stage, &token, &id).expect_status(200);
    assert_eq!(answer.text(), r#"{"success":true}"#);
    refused(&stage.state(&ada), 401, "User no longer exists");
    let keyed = Request::new("GET", "/api/auth/state").header("X-API-Key", &key);
    refused(&stage.ask(keyed), 401, "Invalid API key");
    refused(&stage.login("ada", PASSWORD), 401, "Invalid credentials");
    refused(&delete(&stage, &token, &id), 404, "User not found");
    assert_eq!(stage.call(&token, "GET", "/api/users", None).json().as_array().map(Vec::len), Some(1));
}

#[test]
fn unknown_ids_are_a_404_whatever_they_look_like() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let realm = Realm::new("elsewhere");
    let command = accounts::CreateAccount {
        realm: &realm,
        username: "mallory",
        email: None,
        email_confirmed: false,
        password: PASSWORD.into(),
        permissions: None,
    };
    let elsewhere = stage.run(stage.accounts.create(command)).unwrap().id;
    let long = "x".repeat(4_000);
    // Names of another contract's calls, names of users and ids of another realm are no ids either.
    for id in [NOBODY, "get", "current", "root", "%00", "a%2Fb", "%27%20or%201=1", &long, elsewhere.as_str()]
    {
        let path = format!("/api/users/{id}");
        refused(&stage.call(&token, "GET", &path, None), 404, "User not found");
        refused(&change(&stage, &token, id, &json!({ "username": "eve" })), 404, "User not found");
        refused(&delete(&stage, &token, id), 404, "User not found");
    }
    let found = stage.run(stage.accounts.find(&realm, "mallory")).unwrap();
    assert_eq!(found.map(|account| account.username).as_deref(), Some("mallory"));
    let list = stage.call(&token, "GET", "/api/users", None).json();
    assert_eq!(list.as_array().map(Vec::len), Some(1));
}

#[test]
fn the_last_administrator_stays_one() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let id = stage.id("root");
    let text = "The last administrator cannot be removed";
    for permissions in [json!([]), json!(["user"]), json!(["admin.*"])] {
        refused(&change(&stage, &token, &id, &json!({ "permissions": permissions })), 400, text);
    }
    refused(&delete(&stage, &token, &id), 400, text);
    // In other letters they are one still.
    change(&stage, &token, &id, &json!({ "permissions": ["ADMIN"] })).expect_status(200);
    // A disabled administrator is none who could help.
    stage.administrator("ada");
    stage.run(stage.accounts.disable(&Realm::new("default"), "ada")).unwrap();
    refused(&delete(&stage, &token, &id), 400, text);
    stage.run(stage.accounts.enable(&Realm::new("default"), "ada")).unwrap();
    delete(&stage, &token, &id).expect_status(200);
    refused(&stage.state(&token), 401, "User no longer exists");
}

#[test]
fn of_two_administrators_who_end_each_other_at_once_one_remains() {
    for by in ["PATCH", "DELETE"] {
        let stage = Stage::new();
        let tokens = [stage.administrator("root"), stage.administrator("ada")];
        let targets = [stage.id("ada"), stage.id("root")];
        let requests = tokens.iter().zip(&targets).map(|(token, id)| {
            let request = Request::new(by, &format!("/api/users/{id}")).bearer(token);
            request.json(&json!({ "permissions": ["user"] }))
        });
        stage.ask_all(requests.collect());
        let left = tokens.iter().filter(|token| stage.call(token, "GET", "/api/users", None).status == 200);
        assert_eq!(left.count(), 1, "{by}");
    }
}
