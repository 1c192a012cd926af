use serde_json::{Value, json};

use super::document::{Document, Seen};
use super::schema;
use crate::http::{Answer, Request};

fn document() -> Document {
    let sign_in = json!({
        "operationId": "sign_in",
        "requestBody": { "content": { "application/json": { "schema": {
            "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } },
        } } } },
        "responses": {
            "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Token" } } } },
            "401": { "$ref": "#/components/responses/Unauthorized" },
            "413": {},
        },
    });
    let mut other = sign_in.clone();
    other["operationId"] = "other".into();
    other["x-alias-of"] = "sign_in".into();
    let show = json!({ "operationId": "show", "security": [{ "bearer": [] }], "responses": {
        "200": { "content": { "text/plain": { "schema": { "type": "string", "enum": ["yes"] } } } },
    } });
    let of_prefix = json!({ "operationId": "prefixed", "responses": { "200": {} } });
    let root = json!({
        "paths": {
            "/sign-in": { "post": sign_in },
            "/api/sign-in": { "post": other },
            "/users/{id}": { "get": show },
            "/users/current": { "post": show.clone() },
            "/v1/x": { "get": of_prefix },
        },
        "components": {
            "schemas": { "Token": {
                "allOf": [
                    { "type": "object", "properties": { "token": { "type": "string" } } },
                    { "type": "object", "required": ["at"], "properties": { "at": { "type": "string", "format": "date-time" } } },
                ],
            } },
            "responses": { "Unauthorized": {
                "headers": { "WWW-Authenticate": {} }, "content": { "text/plain": { "schema": { "type": "string" } } },
            } },
        },
    });
    Document::new(root).unwrap().exact_under("/v1")
}

fn answer(status: u16, kind: &str, body: &str) -> Answer {
    let headers = if kind.is_empty() { vec![] } else { vec![("Content-Type".into(), kind.into())] };
    Answer { status, headers, body: body.into() }
}

fn post(path: &str) -> Request {
    Request::new("POST", path).json(&json!({ "name": "ada" }))
}

const JSON: &str = "application/json; charset=utf-8";
const TOKEN: &str = r#"{"token":"x","at":"2027-01-01T00:00:00Z"}"#;

#[test]
fn what_is_documented_passes_under_any_spelling_and_every_alias() {
    let seen = Some(Seen { operation: "sign_in".into(), status: 200 });
    for path in ["/sign-in", "/SIGN-in/", "/api/sign-in", "/sign-in?x=1"] {
        assert_eq!(document().check(&post(path), &answer(200, JSON, TOKEN)).unwrap(), seen, "{path}");
    }
    for path in ["/elsewhere", "/sign-in/x", "//sign-in", "/V1/x"] {
        assert_eq!(document().check(&post(path), &answer(200, JSON, TOKEN)).unwrap(), None, "{path}");
    }
    let get = Request::new("GET", "/users/current").bearer("x");
    assert!(document().check(&get, &answer(200, "text/plain", "yes")).unwrap().is_some());
    assert!(document().check(&Request::new("GET", "/V1/x"), &answer(404, "", "")).unwrap().is_none());
}

#[test]
fn what_is_not_documented_is_told() {
    for (status, kind, body, why) in [
        (201, JSON, TOKEN, "status 201"),
        (200, "text/plain", "x", "type text/plain"),
        (200, "", "", "a body is documented"),
        (200, JSON, "{", "not JSON"),
        (200, JSON, r#"{"token":"x"}"#, "at"),
        (200, JSON, r#"{"token":5,"at":"2027-01-01T00:00:00Z"}"#, "string"),
        (200, JSON, r#"{"token":"x","at":"2027-01-01"}"#, "date-time"),
        (200, JSON, r#"{"token":"x","at":"2027-01-01T00:00:00Z","more":1}"#, "more"),
        (401, "text/plain", "no", "WWW-Authenticate"),
        (413, "text/plain", "no", "type text/plain"),
    ] {
        let wrong = document().check(&post("/sign-in"), &answer(status, kind, body)).unwrap_err();
        assert!(wrong.contains(why), "{wrong}");
    }
    let wrong =
        document().check(&Request::new("GET", "/users/1").bearer("x"), &answer(200, "text/plain", "no"));
    assert!(wrong.unwrap_err().contains("yes"));
}

#[test]
fn what_succeeds_was_asked_as_documented() {
    let good = answer(200, JSON, TOKEN);
    let nameless = Request::new("POST", "/sign-in").json(&json!({ "nme": "ada" }));
    assert!(document().check_both(&nameless, &good).unwrap_err().contains("name"));
    assert!(document().check(&nameless, &good).is_ok());
    let form = Request::new("POST", "/sign-in").form(&[("name", "ada")]);
    assert!(document().check_both(&form, &good).is_ok(), "a type that is not documented is not read");
    let nobody = document().check_both(&Request::new("GET", "/users/1"), &answer(200, "text/plain", "yes"));
    assert!(nobody.unwrap_err().contains("credentials"));
}

#[test]
fn everything_documented_is_listed_once() {
    let seen = |operation: &str, status| Seen { operation: operation.into(), status };
    let all = [
        seen("prefixed", 200),
        seen("show", 200),
        seen("sign_in", 200),
        seen("sign_in", 401),
        seen("sign_in", 413),
    ];
    assert_eq!(document().documented(), all.into());
    assert_eq!(document().paths().len(), 5);
}

#[test]
fn fields_are_found_in_every_variant_of_a_body_and_in_the_query() {
    let of = |name: &str| json!({ "properties": { name: {} } });
    let schema = json!({ "oneOf": [of("a"), { "allOf": [of("b"), { "anyOf": [of("c")] }] }] });
    let operation = json!({
        "operationId": "x",
        "parameters": [{ "in": "query", "name": "d" }, { "in": "path", "name": "e" }],
        "requestBody": { "content": { "application/json": { "schema": schema } } },
    });
    let document = Document::new(json!({ "paths": { "/x/{e}": { "put": operation } } })).unwrap();
    assert_eq!(document.fields("PUT", "/x/{e}"), ["a", "b", "c", "d"].map(str::to_owned).into());
    assert!(document.fields("GET", "/x/{e}").is_empty());
}

#[test]
fn a_link_that_leads_nowhere_is_no_document() {
    let link = json!({ "schema": { "$ref": "#/components/schemas/Gone" } });
    let error = Document::new(json!({ "paths": {}, "components": [link] })).unwrap_err();
    assert_eq!(error, "#/components/schemas/Gone leads nowhere");
}

#[test]
fn a_schema_that_contains_itself_ends() {
    let root = json!({ "s": { "properties": { "again": { "$ref": "#/s" } } } });
    let closed = schema::closed(&root, &root["s"]);
    assert_eq!(closed["unevaluatedProperties"], Value::Bool(false));
}
