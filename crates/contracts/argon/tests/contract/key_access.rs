//! What API keys open, and who sees and manages which.

use accounts::{ApiKeyDraft, Caller, Grant, Mount, Register, TokenUse};
use harness::http::{Answer, Request};
use model::{Permissions, Realm, Span};
use serde_json::{Value, json};

use crate::api_keys::{KEYS, ids, one, refused, state};
use crate::stage::{PASSWORD, Stage};

fn keyed(stage: &Stage, key: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let request = Request::new(method, path).header("X-API-Key", key);
    stage.ask(match body {
        Some(body) => request.json(body),
        None => request,
    })
}

fn client() -> accounts::Client {
    accounts::Client { address: std::net::Ipv4Addr::LOCALHOST.into(), user_agent: String::new() }
}

/// Registers a name at a mount without the contract; who it is.
fn registered(stage: &Stage, mount: &Mount, username: &str) -> Caller {
    let command = Register {
        username,
        email: None,
        password: PASSWORD.into(),
        permissions: None,
        admission: accounts::Admission::Own,
        sign_in: true,
        client: client(),
    };
    let grant: Grant = stage.run(mount.register(command)).unwrap().grant.unwrap();
    let mut claims = serde_json::to_value(grant.private_claims(TokenUse::Access)).unwrap();
    claims["exp"] = json!(grant.access_expires_at());
    stage.run(mount.check(&mount.sign(&claims).unwrap())).unwrap()
}

fn draft(permission: &str) -> ApiKeyDraft {
    let permissions = Permissions::new([permission.to_owned()]);
    ApiKeyDraft { name: "a key".into(), permissions, expires_at: None }
}

#[test]
fn only_administrators_come_in_and_the_body_is_looked_at_last() {
    let stage = Stage::new();
    let (admin, user) = (stage.administrator("root"), stage.register("ada"));
    let (id, weak) = stage.api_key(&admin, &["user", "admin.*"]);
    let (path, renew) = (one(&id), format!("{}/regenerate", one(&id)));
    let forbidden = r#"{"error":"Insufficient permissions","required":"admin"}"#;
    for (method, path) in
        [("GET", KEYS), ("POST", KEYS), ("GET", &path), ("PATCH", &path), ("DELETE", &path), ("POST", &renew)]
    {
        let mut call = Request::new(method, path).header("Content-Type", "application/json");
        call.body = b"{".to_vec();
        refused(&stage.ask(call.clone()), 401, "Authentication required");
        refused(&stage.ask(call.clone().bearer("x").header("X-API-Key", &weak)), 401, "Invalid token format");
        for request in [call.clone().bearer(&user), call.header("X-API-Key", &weak)] {
            let answer = stage.ask(request);
            assert_eq!((answer.status, answer.text().as_str()), (403, forbidden), "{method} {path}");
        }
    }
    state(&stage, &weak).expect_status(200);
}

#[test]
fn nobody_makes_a_key_that_may_do_more_than_its_maker() {
    let stage = Stage::new();
    let mount = stage.mount("argon");
    let caller = registered(&stage, &mount, "ada");
    assert!(stage.run(mount.create_api_key(&caller, draft("admin"), &client())).is_err());
    let made = stage.run(mount.create_api_key(&caller, draft("USER"), &client())).unwrap();
    assert!(stage.run(mount.change_api_key(&caller, &made.key.id, draft("admin"), &client())).is_err());
    // What its owner may do no longer, a key may not either.
    let root = stage.administrator("root");
    let (_, key) = stage.api_key(&root, &["admin"]);
    keyed(&stage, &key, "GET", KEYS, None).expect_status(200);
    stage.run(stage.accounts.forbid(&Realm::new("default"), "root", "admin")).unwrap();
    assert_eq!(keyed(&stage, &key, "GET", KEYS, None).status, 403);
}

#[test]
fn an_administrator_sees_the_keys_of_one_user_at_a_time() {
    let stage = Stage::new();
    let (root, ada) = (stage.administrator("root"), stage.administrator("ada"));
    let (first, _) = stage.api_key(&root, &[]);
    stage.clock.advance(Span::seconds(1));
    let (second, text) = stage.api_key(&root, &["admin"]);
    let (other, _) = stage.api_key(&ada, &[]);
    let list = |query: &str| ids(stage.call(&root, "GET", &format!("{KEYS}{query}"), None));
    let own = [first.clone(), second.clone()];
    assert_eq!(list(""), own);
    assert_eq!(list("?userId="), own);
    assert_eq!(list("?userid=x"), own);
    assert_eq!(list(&format!("?userId={}", stage.id("ada"))), [other.as_str()]);
    for nobody in ["nobody", "%00", "root", "'"] {
        assert_eq!(list(&format!("?userId={nobody}")), Vec::<String>::new(), "{nobody}");
    }
    refused(&stage.call(&root, "GET", &format!("{KEYS}?userId=%ff"), None), 400, "Bad request");
    // Another administrator's key is read, changed and ended as one's own; it stays the other's.
    let changed = stage.call(&root, "PATCH", &one(&other), Some(&json!({ "name": "z" }))).expect_status(200);
    assert_eq!((changed.field("name"), changed.field("userId")), ("z".to_owned(), stage.id("ada")));
    // A key sees its owner's only.
    assert_eq!(ids(keyed(&stage, &text, "GET", &format!("{KEYS}?userId={}", stage.id("ada")), None)), own);
    keyed(&stage, &text, "GET", &one(&second), None).expect_status(200);
    refused(&keyed(&stage, &text, "GET", &one(&other), None), 403, "Access denied");
    assert_eq!(stage.call(&root, "DELETE", &one(&other), None).status, 204);
}

#[test]
fn a_key_manages_no_keys() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let (id, text) = stage.api_key(&token, &["admin"]);
    let body = json!({ "name": "b", "permissions": ["admin"] });
    let renew = format!("{}/regenerate", one(&id));
    for (method, path, body) in [
        ("POST", KEYS, Some(&body)),
        ("PATCH", &one(&id), Some(&body)),
        ("POST", &renew, None),
        ("DELETE", &one(&id), None),
    ] {
        refused(&keyed(&stage, &text, method, path, body), 403, "Access denied");
    }
    // What is malformed or not there is told before.
    assert_eq!(keyed(&stage, &text, "POST", KEYS, Some(&json!({}))).status, 400);
    refused(&keyed(&stage, &text, "DELETE", &one("x"), None), 404, "API key not found");
    assert_eq!(ids(stage.call(&token, "GET", KEYS, None)), [id]);
}

#[test]
fn realms_do_not_see_each_others_keys() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let elsewhere = stage.mount("elsewhere");
    let caller = registered(&stage, &elsewhere, "mallory");
    let theirs = stage.run(elsewhere.create_api_key(&caller, draft("user"), &client())).unwrap();
    refused(&state(&stage, &theirs.text), 401, "Invalid API key");
    assert_eq!(
        ids(stage.call(&token, "GET", &format!("{KEYS}?userId={}", theirs.key.account), None)),
        Vec::<String>::new()
    );
    for method in ["GET", "DELETE"] {
        refused(&stage.call(&token, method, &one(&theirs.key.id), None), 404, "API key not found");
    }
}

#[test]
fn texts_that_are_no_keys_are_refused() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let (id, text) = stage.api_key(&token, &["admin"]);
    let other_case = text.to_uppercase();
    for odd in ["ARGX_", "x", &id, &token, &text[..68], &format!("{text}0"), &other_case, &"x".repeat(60_000)]
    {
        refused(&state(&stage, odd), 401, "Invalid API key");
    }
    refused(&state(&stage, "cl\u{e9}"), 401, "Invalid API key");
    let twice = Request::new("GET", "/api/auth/state").header("X-API-Key", &text).header("X-Api-Key", &text);
    refused(&stage.ask(twice), 400, "Invalid API key format");
    // A key is no bearer token, and opens nothing from a query.
    refused(&stage.state(&text), 401, "Invalid token format");
    let query = Request::new("GET", &format!("/api/auth/state?key={text}&x-api-key={text}"));
    refused(&stage.ask(query), 401, "Authentication required");
    state(&stage, &text).expect_status(200);
}
