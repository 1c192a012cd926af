//! Accounts as administrators manage them.

use harness::http::{Answer, Request};
use model::{Realm, Span};
use serde_json::{Value, json};

use crate::stage::{PASSWORD, Stage};

const FORBIDDEN: &str = r#"{"error":"Insufficient permissions","required":"admin"}"#;

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, text: &str) {
    assert_eq!(answer.status, status, "{answer}");
    assert_eq!(answer.text(), json!({ "error": text }).to_string(), "{answer}");
    assert_eq!(answer.header("www-authenticate"), None);
}

fn create(stage: &Stage, token: &str, body: &Value) -> Answer {
    stage.call(token, "POST", "/api/users", Some(body))
}

pub(crate) fn change(stage: &Stage, token: &str, id: &str, body: &Value) -> Answer {
    stage.call(token, "PATCH", &format!("/api/users/{id}"), Some(body))
}

pub(crate) fn delete(stage: &Stage, token: &str, id: &str) -> Answer {
    stage.call(token, "DELETE", &format!("/api/users/{id}"), None)
}

/// Every call, with a body that would be refused if it were looked at.
fn calls(id: &str) -> Vec<Request> {
    let one = format!("/api/users/{id}");
    let calls =
        [("GET", "/api/users"), ("POST", "/api/users"), ("GET", &one), ("PATCH", &one), ("DELETE", &one)];
    let malformed = |(method, path): (&str, &str)| {
        let mut request = Request::new(method, path).header("Content-Type", "application/json");
        request.body = b"{".to_vec();
        request
    };
    calls.map(malformed).to_vec()
}

#[test]
fn a_user_has_five_fields_in_order_and_the_list_is_oldest_first() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    stage.clock.advance(Span::seconds(1));
    let body = json!({ "username": "Ada", "password": PASSWORD, "permissions": ["USER", "Servers.View"] });
    let made = create(&stage, &token, &body).expect_status(201);
    let id = made.field("id");
    let date = "2027-01-01T00:00:01.000Z";
    let ada = format!(
        r#"{{"id":"{id}","username":"Ada","permissions":["USER","Servers.View"],"createdAt":"{date}","updatedAt":"{date}"}}"#
    );
    assert_eq!(made.text(), ada);
    assert_eq!(made.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'7'));
    assert_eq!(stage.call(&token, "GET", &format!("/api/users/{id}"), None).expect_status(200).text(), ada);
    let list = stage.call(&token, "GET", "/API/users/", None).expect_status(200);
    let root = stage.call(&token, "GET", &format!("/api/users/{}", stage.id("root")), None).text();
    assert_eq!(list.text(), format!("[{root},{ada}]"));
    stage.login("ada", PASSWORD).expect_status(200);
}

#[test]
fn only_administrators_come_in_and_the_body_is_looked_at_last() {
    let stage = Stage::new();
    let (admin, user) = (stage.administrator("root"), stage.register("ada"));
    let (_, weak) = stage.api_key(&admin, &["user", "users.*", "admin.*"]);
    let gone = stage.administrator("eve");
    let (_, orphan) = stage.api_key(&gone, &["admin"]);
    stage.run(stage.accounts.disable(&Realm::new("default"), "eve")).unwrap();
    let id = stage.id("ada");
    for call in calls(&id) {
        refused(&stage.ask(call.clone()), 401, "Authentication required");
        refused(&stage.ask(call.clone().bearer("x")), 401, "Invalid token format");
        refused(&stage.ask(call.clone().bearer(&gone)), 401, "User no longer exists");
        refused(&stage.ask(call.clone().header("X-API-Key", "ARGX_0")), 401, "Invalid API key");
        refused(&stage.ask(call.clone().header("X-API-Key", &orphan)), 401, "Invalid API key");
        let twice = call.clone().header("X-API-Key", &weak).header("x-api-key", &weak);
        refused(&stage.ask(twice), 400, "Invalid API key format");
        for request in [call.clone().bearer(&user), call.header("X-API-Key", &weak)] {
            let answer = stage.ask(request);
            assert_eq!((answer.status, answer.text().as_str()), (403, FORBIDDEN));
        }
    }
    // One's own account is no exception.
    assert_eq!(change(&stage, &user, &id, &json!({ "permissions": ["admin"] })).status, 403);
    assert_eq!(stage.state(&user).expect_status(200).json()["permissions"], json!(["user"]));
}

#[test]
fn a_key_of_an_administrator_does_all_of_it_as_long_as_its_owner_is_one() {
    let stage = Stage::new();
    let admin = stage.administrator("root");
    let (_, key) = stage.api_key(&admin, &["ADMIN"]);
    let ask = |method: &str, path: &str, body: Option<&Value>| {
        let request = Request::new(method, path).header("X-API-Key", &key);
        stage.ask(match body {
            Some(body) => request.json(body),
            None => request,
        })
    };
    let body = json!({ "username": "ada", "password": PASSWORD });
    let path =
        format!("/api/users/{}", ask("POST", "/api/users", Some(&body)).expect_status(201).field("id"));
    assert_eq!(ask("GET", "/api/users", None).expect_status(200).json().as_array().map(Vec::len), Some(2));
    ask("PATCH", &path, Some(&json!({ "username": "eve" }))).expect_status(200);
    assert_eq!(ask("GET", &path, None).expect_status(200).field("username"), "eve");
    ask("DELETE", &path, None).expect_status(200);
    stage.run(stage.accounts.forbid(&Realm::new("default"), "root", "admin")).unwrap();
    assert_eq!(ask("GET", "/api/users", None).text(), FORBIDDEN);
}

#[test]
fn creating_refuses_in_the_order_of_a_registration() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let required = "Username and password required";
    for falsy in [Value::Null, json!(""), json!(0), json!(false)] {
        for body in [
            json!({ "username": falsy, "password": PASSWORD }),
            json!({ "username": "ada", "password": falsy }),
            json!({ "username": 5, "password": falsy, "permissions": 5 }),
        ] {
            refused(&create(&stage, &token, &body), 400, required);
        }
    }
    refused(&create(&stage, &token, &json!([])), 400, required);
    refused(&stage.call(&token, "POST", "/api/users", None), 400, required);
    let body = |username: Value, password: Value| json!({ "username": username, "password": password });
    for odd in [json!(5), json!(["x"]), json!({ "$ne": "" })] {
        let text = "Username and password must be strings";
        refused(&create(&stage, &token, &body(odd.clone(), json!(PASSWORD))), 400, text);
        refused(&create(&stage, &token, &body(json!("ada"), odd)), 400, text);
    }
    let short = "Password must be at least 8 characters";
    refused(&create(&stage, &token, &body(json!("ROOT"), json!("1234567"))), 400, short);
    refused(&create(&stage, &token, &body(json!("ROOT"), json!(PASSWORD))), 400, "Username already exists");
    refused(&create(&stage, &token, &body(json!("a\0b"), json!(PASSWORD))), 400, "Invalid username");
    let long = json!("x".repeat(1_025));
    refused(&create(&stage, &token, &body(json!("ada"), long)), 400, "Password is too long");
    let list = stage.call(&token, "GET", "/api/users", None).json();
    assert_eq!(list.as_array().map(Vec::len), Some(1));
}

#[test]
fn permissions_are_a_list_of_text_kept_as_written() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let new = |name: &str, permissions: Value| {
        let body = json!({ "username": name, "password": PASSWORD, "permissions": permissions });
        create(&stage, &token, &body)
    };
    for (name, given, kept) in [
        ("a", Value::Null, json!(["user"])),
        ("b", json!(false), json!(["user"])),
        ("c", json!([]), json!([])),
        (
            "d",
            json!(["ADMIN", "Nodes.*", "a \"quoted\" one"]),
            json!(["ADMIN", "Nodes.*", "a \"quoted\" one"]),
        ),
    ] {
        assert_eq!(new(name, given).expect_status(201).json()["permissions"], kept);
    }
    for odd in
        [json!("admin"), json!(1), json!(true), json!({ "0": "admin" }), json!(["user", 5]), json!([null])]
    {
        refused(&new("e", odd.clone()), 400, "permissions must be an array of strings");
        let id = stage.id("a");
        let answer = change(&stage, &token, &id, &json!({ "permissions": odd, "username": "z" }));
        refused(&answer, 400, "permissions must be an array of strings");
    }
    let many: Vec<String> = (0..257).map(|n| n.to_string()).collect();
    for odd in [json!([""]), json!(["a\0b"]), json!(["x".repeat(256)]), json!(many)] {
        refused(&new("e", odd), 400, "Invalid permissions");
    }
    assert_eq!(new("e", json!(&many[..256])).expect_status(201).json()["permissions"], json!(&many[..256]));
}

#[test]
fn changing_takes_what_is_given_and_leaves_the_rest() {
    let stage = Stage::new();
    let (token, ada) = (stage.administrator("root"), stage.register("ada"));
    let id = stage.id("ada");
    stage.clock.advance(Span::seconds(2));
    let untouched = json!({ "username": "", "password": null, "permissions": 0, "id": "x" });
    for body in [json!({}), untouched] {
        let answer = change(&stage, &token, &id, &body).expect_status(200).json();
        assert_eq!((&answer["username"], &answer["permissions"]), (&json!("ada"), &json!(["user"])));
        assert_eq!(answer["createdAt"], "2027-01-01T00:00:00.000Z");
        assert_eq!(answer["updatedAt"], "2027-01-01T00:00:02.000Z");
    }
    // Neither that nor another permission ends a session; the permission holds at once.
    let answer = change(&stage, &token, &id, &json!({ "permissions": ["USER", "ADMIN"] })).expect_status(200);
    assert_eq!(answer.json()["permissions"], json!(["USER", "ADMIN"]));
    assert_eq!(stage.state(&ada).expect_status(200).json()["permissions"], json!(["USER", "ADMIN"]));
    stage.call(&ada, "GET", "/api/users", None).expect_status(200);
    change(&stage, &token, &id, &json!({ "permissions": [] })).expect_status(200);
    assert_eq!(stage.call(&ada, "GET", "/api/users", None).status, 403);
    let shown = stage.call(&token, "GET", &format!("/api/users/{id}"), None).json();
    assert_eq!(shown["updatedAt"], "2027-01-01T00:00:02.000Z");
}

#[test]
fn a_change_that_is_refused_changes_nothing() {
    let stage = Stage::new();
    let (token, ada) = (stage.administrator("root"), stage.register("ada"));
    let id = stage.id("ada");
    let text = "Username and password must be strings";
    refused(&change(&stage, &token, &id, &json!({ "username": 5 })), 400, text);
    refused(&change(&stage, &token, &id, &json!({ "username": "eve", "password": [] })), 400, text);
    let short = json!({ "username": "eve", "password": "1234567" });
    refused(&change(&stage, &token, &id, &short), 400, "Password must be at least 8 characters");
    let both =
        |name: &str| json!({ "username": name, "password": "another horse", "permissions": ["admin"] });
    refused(&change(&stage, &token, &id, &both("ROOT")), 400, "Username already taken");
    refused(&change(&stage, &token, &id, &both("a\nb")), 400, "Invalid username");
    assert_eq!(stage.state(&ada).expect_status(200).json()["permissions"], json!(["user"]));
    stage.login("ada", PASSWORD).expect_status(200);
}
