//! Preparing, enabling and removing the second factor.

use accounts::Limits;
use harness::http::Request;
use harness::totp;
use model::{Span, Throttle};
use serde_json::{Value, json};

use crate::world::{World, line};

const PATH: &str = "/account/two-factor";
const WRONG_CODE: &str = r#"400 {"code":"INVALID_TWO_FACTOR_TOKEN","error":"Invalid two factor code."}"#;
const NO_CODE: &str = r#"400 {"codes":{"code":"REQUIRED"},"errors":{"code":"Code is required."}}"#;
const NOT_BEGUN: &str = r#"400 {"code":"TWO_FACTOR_NOT_INITIALIZE","error":"You must first initialize Two Factor before you can enable it."}"#;
const REMOVED: &str = r#"200 {"code":"TWO_FACTOR_DISABLED","message":"Two factor has been disabled."}"#;

fn signed_in() -> (World, String) {
    let world = World::new();
    world.account("bob");
    let access = world.sign_in("bob").access;
    (world, access)
}

fn put(world: &World, access: &str, fields: Value) -> String {
    world.line(Request::new("PUT", PATH).bearer(access).json(&fields))
}

#[test]
fn the_answer_has_both_sets_of_names() {
    let (world, access) = signed_in();
    let answer = world.ask(Request::new("POST", PATH).bearer(&access)).expect_status(200);
    let json = answer.json();
    let (picture, secret, codes) = (&json["qrCode"], &json["secret"], &json["backupCodes"]);
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"code":"PENDING_VERIFICATION","error":"Two Factor is pending verification.","qrCode":{picture},"secret":{secret},"backupCodes":{codes},"qrcode":{picture},"twoFactorSecret":{secret}}}"#
        )
    );
    assert!(picture.as_str().unwrap().starts_with("data:image/png;base64,iVBORw0KGgo"));
    let codes: Vec<&str> = codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    assert_eq!(codes.len(), 4);
    assert!(codes.iter().all(|code| code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit())));
}

#[test]
fn nothing_is_done_without_a_token() {
    let (world, access) = signed_in();
    for method in ["POST", "PUT", "DELETE"] {
        let answer = world.ask(Request::new(method, PATH));
        assert_eq!(line(&answer), "401 Unauthorized", "{method}");
        assert_eq!(answer.header("www-authenticate"), None);
        let bare = Request::new(method, PATH).header("Authorization", &access);
        assert_eq!(world.line(bare), "401 Unauthorized", "{method}");
        let broken = Request::new(method, PATH).header("Content-Type", "application/json");
        let broken = Request { body: b"{".to_vec(), ..broken };
        assert_eq!(world.line(broken), "401 Unauthorized", "{method}: the token is looked at first");
    }
}

#[test]
fn enabling_asks_for_a_beginning_then_a_code_then_the_right_one() {
    let (world, access) = signed_in();
    assert_eq!(put(&world, &access, json!({})), NOT_BEGUN);
    assert_eq!(put(&world, &access, json!({ "code": "123456" })), NOT_BEGUN);
    world.ask(Request::new("POST", PATH).bearer(&access)).expect_status(200);
    for missing in [json!({}), json!({ "code": null }), json!({ "code": 123_456 }), json!({ "code": " " })] {
        assert_eq!(put(&world, &access, missing), NO_CODE);
    }
    assert_eq!(put(&world, &access, json!({ "code": "12345" })), WRONG_CODE);
    assert_eq!(put(&world, &access, json!({ "code": "9".repeat(60_000) })), WRONG_CODE);
}

#[test]
fn a_factor_in_force_is_not_replaced_by_whoever_has_a_token() {
    let (world, access) = signed_in();
    let secret = world.enrol(&access);
    let begun = world.ask(Request::new("POST", PATH).bearer(&access)).expect_status(200);
    let next = totp::secret_bytes(&begun.field("secret")).unwrap();
    world.advance(Span::seconds(60));
    let refused = put(&world, &access, json!({ "code": world.code(&next) }));
    assert!(refused.contains("TWO_FACTOR_NOT_INITIALIZE"), "{refused}");
    let step = |token: &str, code: String| {
        world.post("/auth/two-factor", json!({ "token": token, "code": code })).status
    };
    let token = world.login("bob").field("token");
    assert_eq!(step(&token, world.code(&next)), 401);
    assert_eq!(step(&token, world.code(&secret)), 200);
}

#[test]
fn removing_reads_the_code_from_the_query_alone() {
    let (world, access) = signed_in();
    let delete = |target: &str| Request::new("DELETE", target).bearer(&access);
    assert_eq!(world.line(delete(PATH)), NO_CODE);
    assert_eq!(
        world.line(delete("/account/two-factor?code=123456")),
        r#"400 {"code":"TWO_FACTOR_NOT_INITIALIZE","error":"You must first initialize Two Factor and have it enabled before it can be removed."}"#
    );
    let secret = world.enrol(&access);
    let code = world.code(&secret);
    assert_eq!(world.line(delete(PATH).json(&json!({ "code": code }))), NO_CODE);
    assert_eq!(world.line(delete("/account/two-factor?code=")), NO_CODE);
    assert_eq!(world.line(delete("/account/two-factor?code=%ff")), r#"400 {"error":"Invalid query"}"#);
    assert_eq!(world.line(delete("/account/two-factor?code=12345")), WRONG_CODE);
    assert_eq!(world.line(delete(&format!("/api/account/two-factor/?code={code}"))), REMOVED);
    assert!(!world.login("bob").json()["twoFactor"].as_bool().unwrap());
}

#[test]
fn wrong_codes_are_counted_on_every_way() {
    let limit = Throttle { burst: 3, every: Span::minutes(5) };
    let world = World::with(|setting| {
        setting.limits = Limits { second_factor: Some(limit), ..Limits::default() };
    });
    world.account("bob");
    let access = world.sign_in("bob").access;
    world.enrol(&access);
    let token = world.login("bob").field("token");
    let wrong = json!({ "token": token, "code": "12345" });
    assert_eq!(world.post("/auth/two-factor", wrong.clone()).status, 401);
    let delete = || Request::new("DELETE", "/account/two-factor?code=12345").bearer(&access);
    assert_eq!(world.line(delete()), WRONG_CODE);
    assert_eq!(world.line(delete()), WRONG_CODE);
    for answer in [world.ask(delete()), world.post("/auth/two-factor", wrong)] {
        assert_eq!(line(&answer), r#"429 {"code":429,"error":"Too many attempts. Please try again later."}"#);
        assert_eq!(answer.header("retry-after"), Some("300"));
    }
}

#[test]
fn backup_codes_come_as_a_file() {
    let (world, access) = signed_in();
    let get = |method| world.ask(Request::new(method, "/account/two-factor/backup-codes").bearer(&access));
    assert_eq!(
        line(&get("GET")),
        r#"400 {"code":"TWO_FACTOR_NOT_INITIALIZE","error":"You must first initialize Two Factor before you can download backup codes."}"#
    );
    let begun = world.ask(Request::new("POST", PATH).bearer(&access)).expect_status(200).json();
    let codes: Vec<&str> =
        begun["backupCodes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    let answer = get("GET").expect_status(200);
    assert_eq!(answer.text(), codes.join(" "));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let name = "attachment; filename=\"wolfpal-backup-codes.txt\"";
    assert_eq!(answer.header("content-disposition"), Some(name));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let head = get("HEAD").expect_status(200);
    assert_eq!((head.text().as_str(), head.header("content-disposition")), ("", Some(name)));
}
