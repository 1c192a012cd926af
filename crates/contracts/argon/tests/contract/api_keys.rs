//! API keys: made, shown, changed, renewed and ended.

use harness::http::{Answer, Request};
use model::Span;
use serde_json::{Value, json};

use crate::stage::Stage;

pub(crate) const KEYS: &str = "/api/api-keys";

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, text: &str) {
    assert_eq!(answer.status, status, "{answer}");
    assert_eq!(answer.text(), json!({ "error": text }).to_string(), "{answer}");
}

pub(crate) fn one(id: &str) -> String {
    format!("{KEYS}/{id}")
}

/// What opens with a key.
pub(crate) fn state(stage: &Stage, key: &str) -> Answer {
    stage.ask(Request::new("GET", "/api/auth/state").header("X-API-Key", key))
}

/// The ids of a list of keys.
pub(crate) fn ids(answer: Answer) -> Vec<String> {
    let list = answer.expect_status(200).json();
    list.as_array().unwrap().iter().map(|key| key["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_key_is_shown_whole_once_and_by_its_ends_afterwards() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let body = json!({ "name": "Backup", "permissions": ["Servers.View"], "expiresAt": "2027-02-01T00:00Z" });
    let made = stage.call(&token, "POST", KEYS, Some(&body)).expect_status(201);
    let (id, text, owner) = (made.field("id"), made.field("key"), stage.id("root"));
    let digits = text.strip_prefix("ARGX_").unwrap();
    assert_eq!(digits.len(), 64);
    assert!(digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    let date = "2027-01-01T00:00:00.000Z";
    let rest = |used: &str| {
        format!(
            r#""userId":"{owner}","permissions":["Servers.View"],"lastUsed":{used},"expiresAt":"2027-02-01T00:00:00.000Z","createdAt":"{date}","updatedAt":"{date}""#
        )
    };
    let expected =
        format!(r#"{{"id":"{id}","name":"Backup","key":"{text}",{},"keyFull":"{text}"}}"#, rest("null"));
    assert_eq!(made.text(), expected);
    let preview = format!("ARGX...{}", &text[text.len() - 4..]);
    let listed =
        |used: &str| format!(r#"{{"id":"{id}","name":"Backup",{},"keyPreview":"{preview}"}}"#, rest(used));
    assert_eq!(stage.call(&token, "GET", &one(&id), None).expect_status(200).text(), listed("null"));
    stage.clock.advance(Span::seconds(3));
    state(&stage, &text).expect_status(200);
    let used = listed(r#""2027-01-01T00:00:03.000Z""#);
    assert_eq!(stage.call(&token, "GET", &one(&id), None).expect_status(200).text(), used);
    assert_eq!(stage.call(&token, "GET", KEYS, None).expect_status(200).text(), format!("[{used}]"));
}

#[test]
fn everything_that_is_wrong_is_listed() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let (id, _) = stage.api_key(&token, &[]);
    let issue = |expected: &str, received: &str, path: &str, message: &str| {
        format!(
            r#"{{"code":"invalid_type","expected":"{expected}","received":"{received}","path":[{path}],"message":"{message}"}}"#
        )
    };
    let [name, list, end] = [r#""name""#, r#""permissions""#, r#""expiresAt""#];
    let not = |expected: &str, received: &str, path: &str| {
        issue(expected, received, path, &format!("Expected {expected}, received {received}"))
    };
    let size = |code: &str, limit: &str, kind: &str, message: &str, path: &str| {
        format!(
            r#"{{"code":"{code}",{limit},"type":"{kind}","inclusive":true,"exact":false,"message":"{message}","path":[{path}]}}"#
        )
    };
    let custom =
        |message: &str, path: &str| format!(r#"{{"code":"custom","message":"{message}","path":[{path}]}}"#);
    let datetime = r#"{"code":"invalid_string","validation":"datetime","message":"Invalid datetime","path":["expiresAt"]}"#;
    let many: Vec<String> = (0..257).map(|n| n.to_string()).collect();
    let of_all = [
        (
            json!({ "name": 5, "permissions": "admin", "expiresAt": 1 }),
            [not("string", "number", name), not("array", "string", list), not("string", "number", end)]
                .to_vec(),
        ),
        (
            json!({ "name": null, "permissions": null, "expiresAt": "" }),
            vec![not("string", "null", name), not("array", "null", list), datetime.to_owned()],
        ),
        (
            json!({ "name": "", "permissions": ["a", 1, {}, [], false], "expiresAt": "2027-01-01T00:00:00+00:00" }),
            vec![
                size(
                    "too_small",
                    r#""minimum":1"#,
                    "string",
                    "String must contain at least 1 character(s)",
                    name,
                ),
                not("string", "number", r#""permissions",1"#),
                not("string", "object", r#""permissions",2"#),
                not("string", "array", r#""permissions",3"#),
                not("string", "boolean", r#""permissions",4"#),
                datetime.to_owned(),
            ],
        ),
        (
            json!({ "name": "x".repeat(101), "permissions": many }),
            vec![
                size(
                    "too_big",
                    r#""maximum":100"#,
                    "string",
                    "String must contain at most 100 character(s)",
                    name,
                ),
                size(
                    "too_big",
                    r#""maximum":256"#,
                    "array",
                    "Array must contain at most 256 element(s)",
                    list,
                ),
            ],
        ),
        (
            json!({ "name": "a\0b", "permissions": ["", "a\0b", "x".repeat(256)] }),
            vec![
                custom("Invalid name", name),
                custom("Invalid permission", r#""permissions",0"#),
                custom("Invalid permission", r#""permissions",1"#),
                custom("Invalid permission", r#""permissions",2"#),
            ],
        ),
    ];
    for (body, issues) in of_all {
        for (method, path) in [("POST", KEYS), ("PATCH", &one(&id))] {
            let answer = stage.call(&token, method, path, Some(&body));
            let expected = format!(r#"{{"error":[{}]}}"#, issues.join(","));
            assert_eq!((answer.status, answer.text()), (400, expected), "{method} {body}");
        }
    }
    // What a change may leave out or clear, a new key may not.
    let missing =
        [issue("string", "undefined", name, "Required"), issue("array", "undefined", list, "Required")];
    let expected = format!(r#"{{"error":[{}]}}"#, missing.join(","));
    for body in [Some(json!({})), Some(json!([])), None] {
        let answer = stage.call(&token, "POST", KEYS, body.as_ref());
        assert_eq!((answer.status, answer.text()), (400, expected.clone()));
    }
    let body = json!({ "name": "x", "permissions": [], "expiresAt": null });
    let answer = stage.call(&token, "POST", KEYS, Some(&body));
    assert_eq!(
        (answer.status, answer.text()),
        (400, format!(r#"{{"error":[{}]}}"#, not("string", "null", end)))
    );
    assert_eq!(ids(stage.call(&token, "GET", KEYS, None)), [id]);
}

#[test]
fn the_limits_themselves_are_kept() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let name = "\u{1f980}".repeat(100);
    let all: Vec<String> = (0..256).map(|n| n.to_string()).collect();
    let body = json!({ "name": name, "permissions": all, "userId": "somebody else", "key": "ARGX_chosen" });
    let made = stage.call(&token, "POST", KEYS, Some(&body)).expect_status(201);
    assert_eq!(made.field("name"), name);
    assert_eq!(made.json()["permissions"], json!(all));
    // A key is always its maker's, and nobody chooses its text.
    assert_eq!(made.field("userId"), stage.id("root"));
    assert_ne!(made.field("key"), "ARGX_chosen");
}

#[test]
fn a_change_takes_what_is_given_and_leaves_the_rest() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let body = json!({ "name": "a", "permissions": ["user"], "expiresAt": "2027-01-02T00:00:00Z" });
    let made = stage.call(&token, "POST", KEYS, Some(&body)).expect_status(201);
    let (path, text) = (one(&made.field("id")), made.field("key"));
    let change = |body: &Value| stage.call(&token, "PATCH", &path, Some(body)).expect_status(200).json();
    stage.clock.advance(Span::seconds(1));
    let answer = change(&json!({}));
    assert_eq!((&answer["name"], &answer["permissions"]), (&json!("a"), &json!(["user"])));
    assert_eq!(answer["expiresAt"], "2027-01-02T00:00:00.000Z");
    assert_eq!(answer["updatedAt"], "2027-01-01T00:00:01.000Z");
    assert_eq!(answer["createdAt"], "2027-01-01T00:00:00.000Z");
    assert_eq!((answer.get("key"), answer.get("keyFull")), (None, None));
    let answer = change(&json!({ "name": "b", "permissions": [] }));
    assert_eq!((&answer["name"], &answer["permissions"]), (&json!("b"), &json!([])));
    assert_eq!(answer["expiresAt"], "2027-01-02T00:00:00.000Z");
    assert_eq!(change(&json!({ "expiresAt": null }))["expiresAt"], Value::Null);
    let end = "2028-02-29T00:00:00.000Z";
    assert_eq!(change(&json!({ "expiresAt": end }))["expiresAt"], end);
    assert_eq!(stage.call(&token, "GET", &path, None).expect_status(200).json()["expiresAt"], end);
    // The text is the same all along.
    state(&stage, &text).expect_status(200);
    // What it may do changes at once.
    let list = || stage.ask(Request::new("GET", KEYS).header("X-API-Key", &text));
    assert_eq!(list().status, 403);
    change(&json!({ "permissions": ["admin"] }));
    list().expect_status(200);
}

#[test]
fn a_key_is_worth_nothing_from_its_end_on() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let body = json!({ "name": "a", "permissions": [], "expiresAt": "2027-01-01T00:01:00.000Z" });
    let text = stage.call(&token, "POST", KEYS, Some(&body)).expect_status(201).field("key");
    stage.clock.advance(Span::seconds(59));
    state(&stage, &text).expect_status(200);
    stage.clock.advance(Span::seconds(1));
    refused(&state(&stage, &text), 401, "API key has expired");
    let body = json!({ "name": "a", "permissions": [], "expiresAt": "1969-12-31T23:59:59.999Z" });
    let text = stage.call(&token, "POST", KEYS, Some(&body)).expect_status(201).field("key");
    refused(&state(&stage, &text), 401, "API key has expired");
}

#[test]
fn a_renewed_key_has_another_text_and_the_old_one_is_dead_at_once() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let (id, old) = stage.api_key(&token, &["user"]);
    let renew = |token: &str| stage.call(token, "POST", &format!("{}/regenerate", one(&id)), None);
    let answer = renew(&token).expect_status(200);
    let new = answer.field("key");
    assert_eq!((answer.field("id"), answer.field("keyFull")), (id.clone(), new.clone()));
    assert_eq!(answer.json()["permissions"], json!(["user"]));
    assert_eq!(answer.json().get("keyPreview"), None);
    assert_ne!(old, new);
    refused(&state(&stage, &old), 401, "Invalid API key");
    state(&stage, &new).expect_status(200);
    let preview = stage.call(&token, "GET", &one(&id), None).field("keyPreview");
    assert!(new.ends_with(&preview["ARGX...".len()..]), "{preview}");
}

#[test]
fn a_deleted_key_opens_nothing_and_is_not_there() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let (id, text) = stage.api_key(&token, &["admin"]);
    let answer = stage.call(&token, "DELETE", &one(&id), None);
    assert_eq!((answer.status, answer.body.len(), answer.header("content-type")), (204, 0, None));
    refused(&state(&stage, &text), 401, "Invalid API key");
    assert_eq!(ids(stage.call(&token, "GET", KEYS, None)), Vec::<String>::new());
    let body = json!({ "name": "b", "permissions": [] });
    let renew = format!("{}/regenerate", one(&id));
    for id in
        [&one(&id), "/api/api-keys/%00", "/api/api-keys/x'y", &format!("/api/api-keys/{}", "x".repeat(4_000))]
    {
        for (method, body) in [("GET", None), ("PATCH", Some(&body)), ("DELETE", None)] {
            refused(&stage.call(&token, method, id, body), 404, "API key not found");
        }
    }
    refused(&stage.call(&token, "POST", &renew, None), 404, "API key not found");
}
