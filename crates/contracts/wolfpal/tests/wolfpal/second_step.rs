//! The second step: tries, times, and what its token is not.

use harness::http::Request;
use model::Span;
use serde_json::json;

use crate::world::{World, line};

const WRONG_CODE: &str = r#"401 {"code":"INVALID_TWO_FACTOR_CODE","error":"Invalid two factor code."}"#;
const UNKNOWN: &str = r#"400 {"code":"INVALID_TWO_FACTOR_TOKEN","error":"Invalid two factor token."}"#;

/// A world in which `bob` has a second factor, with its secret.
fn enrolled() -> (World, Vec<u8>) {
    let world = World::new();
    world.account("bob");
    let secret = world.enrol(&world.sign_in("bob").access);
    (world, secret)
}

fn step(world: &World, token: &str, code: &str) -> String {
    line(&world.post("/auth/two-factor", json!({ "token": token, "code": code })))
}

fn first_step(world: &World) -> String {
    let answer = world.login("bob").expect_status(200);
    let token = answer.field("token");
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"code":"TWO_FACTOR_REQUIRED","error":"Two Factor is required to complete login.","token":"{token}","twoFactor":true}}"#
        )
    );
    token
}

#[test]
fn what_is_missing_is_told_as_the_original_does() {
    let world = World::new();
    let ask = |fields| line(&world.post("/auth/two-factor", fields));
    let both = r#"400 {"code":400,"codes":{"token":"REQUIRED","code":"REQUIRED"},"errors":{"token":"Code is required"}}"#;
    assert_eq!(ask(json!({})), both);
    assert_eq!(ask(json!({ "token": 1, "code": 123_456 })), both);
    assert_eq!(
        ask(json!({ "code": "123456" })),
        r#"400 {"code":400,"codes":{"token":"REQUIRED"},"errors":{"token":"Token is required"}}"#
    );
    assert_eq!(
        ask(json!({ "Token": "x" })),
        r#"400 {"code":400,"codes":{"code":"REQUIRED"},"errors":{"token":"Code is required"}}"#
    );
}

#[test]
fn five_wrong_codes_use_the_token_up() {
    let (world, secret) = enrolled();
    let token = first_step(&world);
    for wrong in ["000000", "12345", "1234567", "", "\u{0}", &"9".repeat(60_000)] {
        if wrong.is_empty() {
            assert!(step(&world, &token, wrong).starts_with("400 {\"code\":400"), "no try is taken");
        } else {
            assert_eq!(step(&world, &token, wrong), WRONG_CODE);
        }
    }
    assert_eq!(step(&world, &token, &world.code(&secret)), UNKNOWN);
    assert!(step(&world, &first_step(&world), &world.code(&secret)).starts_with("200 "));
}

#[test]
fn a_quarter_of_an_hour() {
    let (world, secret) = enrolled();
    let (early, late) = (first_step(&world), first_step(&world));
    world.advance(Span::seconds(15 * 60 - 1));
    assert!(step(&world, &early, &world.code(&secret)).starts_with("200 "));
    world.advance(Span::seconds(60));
    assert_eq!(step(&world, &late, &world.code(&secret)), UNKNOWN);
}

#[test]
fn of_many_at_once_one_comes_in() {
    let (world, secret) = enrolled();
    let token = first_step(&world);
    let fields = json!({ "token": token, "code": world.code(&secret) });
    let request = Request::new("POST", "/api/auth/two-factor").json(&fields);
    let answers = world.ask_together(vec![request; 5]);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [200, 400, 401].contains(&answer.status)), "{answers:?}");
}

#[test]
fn a_code_counts_once_for_all_sign_ins() {
    let (world, secret) = enrolled();
    let (one, two) = (first_step(&world), first_step(&world));
    let code = world.code(&secret);
    let answer = world.post("/auth/two-factor", json!({ "token": one, "code": code })).expect_status(200);
    let (access, refresh) = (answer.field("access_token"), answer.field("refresh_token"));
    let expected = format!(r#"{{"access_token":"{access}","refresh_token":"{refresh}","twoFactor":true}}"#);
    assert_eq!(answer.text(), expected);
    assert_eq!(step(&world, &two, &code), WRONG_CODE);
}

#[test]
fn its_token_is_good_for_nothing_else() {
    let (world, _) = enrolled();
    let token = first_step(&world);
    assert!(!world.believes(&token));
    assert_eq!(line(&world.post("/auth/refresh", json!({ "refresh_token": token }))), "401 Unauthorized");
    assert_eq!(world.line(Request::new("POST", "/auth/logout").bearer(&token)), "401 Unauthorized");
    let link = format!("/user/activate-account/{token}");
    assert!(world.line(Request::new("PUT", &link)).contains("EXPIRED_OR_ALREADY_USED"));
}

#[test]
fn codes_in_the_query_are_not_read() {
    let (world, secret) = enrolled();
    let fields = [("token", first_step(&world)), ("code", world.code(&secret))];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = world.line(Request::new("POST", "/auth/two-factor").query(&fields));
    assert!(answer.starts_with("400 {\"code\":400,\"codes\":{\"token\":\"REQUIRED\""), "{answer}");
}
