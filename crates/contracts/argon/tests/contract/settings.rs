//! The panel's name, and who changes it.

use harness::http::{Answer, Request};
use serde_json::{Value, json};

use crate::stage::Stage;

const SETTINGS: &str = "/api/system/settings";

fn name(stage: &Stage) -> String {
    stage.ask(Request::new("GET", "/api/system")).expect_status(200).field("name")
}

fn set(stage: &Stage, token: &str, name: &str) -> Answer {
    stage.call(token, "PUT", SETTINGS, Some(&json!({ "panel_name": name })))
}

#[test]
fn an_administrator_names_the_panel_for_everybody() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    assert_eq!(name(&stage), "Argon");
    let answer = set(&stage, &token, "Ada's \"panel\"").expect_status(200);
    assert_eq!(answer.text(), r#"{"message":"Panel name updated successfully"}"#);
    let answer = stage.ask(Request::new("GET", "/api/system"));
    assert_eq!(answer.text(), r#"{"name":"Ada's \"panel\"","version":"1.0.0"}"#);
    let (_, key) = stage.api_key(&token, &["admin"]);
    let body = json!({ "panel_name": "By key", "other": 1 });
    let keyed = Request::new("PUT", SETTINGS).header("X-API-Key", &key).json(&body);
    stage.ask(keyed).expect_status(200);
    assert_eq!(name(&stage), "By key");
}

#[test]
fn nobody_else_does_and_the_body_is_looked_at_last() {
    let stage = Stage::new();
    let (admin, user) = (stage.administrator("root"), stage.register("ada"));
    let (_, key) = stage.api_key(&admin, &["user", "admin.*"]);
    let mut malformed = Request::new("PUT", SETTINGS).header("Content-Type", "application/json");
    malformed.body = b"{".to_vec();
    let answer = stage.ask(malformed.clone());
    assert_eq!((answer.status, answer.text().as_str()), (401, r#"{"error":"Authentication required"}"#));
    let forbidden = r#"{"error":"Insufficient permissions","required":"admin"}"#;
    for request in [malformed.clone().bearer(&user), malformed.clone().header("X-API-Key", &key)] {
        let answer = stage.ask(request);
        assert_eq!((answer.status, answer.text().as_str()), (403, forbidden));
    }
    let answer = stage.ask(malformed.bearer(&admin));
    assert_eq!((answer.status, answer.text().as_str()), (400, r#"{"error":"Invalid JSON"}"#));
    assert_eq!(name(&stage), "Argon");
}

#[test]
fn names_that_no_panel_can_have_are_refused_with_what_is_wrong() {
    let stage = Stage::new();
    let token = stage.administrator("root");
    let refused = |body: &Value, issue: &str| {
        let answer = stage.call(&token, "PUT", SETTINGS, Some(body));
        let expected = format!(r#"{{"error":"Validation failed","issues":[{issue}]}}"#);
        assert_eq!((answer.status, answer.text()), (400, expected), "{body}");
    };
    let required = r#"{"code":"invalid_type","expected":"string","received":"undefined","path":["panel_name"],"message":"Required"}"#;
    for body in [json!({}), json!([]), json!({ "PANEL_NAME": "x" })] {
        refused(&body, required);
    }
    for (value, received) in [
        (Value::Null, "null"),
        (json!(5), "number"),
        (json!(true), "boolean"),
        (json!(["x"]), "array"),
        (json!({ "$ne": "" }), "object"),
    ] {
        let issue = format!(
            r#"{{"code":"invalid_type","expected":"string","received":"{received}","path":["panel_name"],"message":"Expected string, received {received}"}}"#
        );
        refused(&json!({ "panel_name": value }), &issue);
    }
    let empty = r#"{"code":"too_small","minimum":1,"type":"string","inclusive":true,"exact":false,"message":"Panel name cannot be empty","path":["panel_name"]}"#;
    refused(&json!({ "panel_name": "" }), empty);
    let invalid = r#"{"code":"custom","message":"Invalid panel name","path":["panel_name"]}"#;
    for name in [" ", "a\0b", "a\nb", "\u{202e}panel", &"x".repeat(256)] {
        refused(&json!({ "panel_name": name }), invalid);
    }
    assert_eq!(name(&stage), "Argon");
}
