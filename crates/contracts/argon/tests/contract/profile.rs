//! Changing name and password: order of checks, and what ends.

use accounts::Limits;
use harness::http::{Answer, Request};
use model::{Span, Throttle};
use serde_json::{Value, json};

use crate::stage::{PASSWORD, Stage};

const NOTHING: &str = "At least one of newUsername or newPassword (with currentPassword) must be provided";

#[track_caller]
fn refused(answer: &Answer, status: u16, text: &str) {
    assert_eq!(answer.status, status, "{answer}");
    assert_eq!(answer.text(), json!({ "error": text }).to_string(), "{answer}");
}

#[test]
fn the_token_is_looked_at_before_the_body() {
    let stage = Stage::new();
    let put = || Request::new("PUT", "/api/auth/profile");
    let mut malformed = put().header("Content-Type", "application/json");
    malformed.body = b"{".to_vec();
    refused(&stage.ask(malformed.clone()), 401, "Authentication required");
    refused(&stage.ask(put().bearer("x").json(&json!({}))), 401, "Invalid token format");
    // Only an API key: the original fell over.
    let keyed = put().header("X-API-Key", "ARGX_0").json(&json!({ "newUsername": "eve" }));
    refused(&stage.ask(keyed), 401, "Authentication required");
    let token = stage.administrator("ada");
    refused(&stage.ask(malformed.bearer(&token)), 400, "Invalid JSON");
    // A good key changes its owner's credentials no more than a bad one.
    let (_, key) = stage.api_key(&token, &["admin"]);
    let keyed = put().header("X-API-Key", &key).json(&json!({ "newUsername": "eve" }));
    refused(&stage.ask(keyed), 401, "Authentication required");
    assert_eq!(stage.state(&token).expect_status(200).json()["username"], "ada");
}

#[test]
fn nothing_to_change_is_a_400() {
    let stage = Stage::new();
    let token = stage.register("ada");
    for body in [
        json!({}),
        json!([]),
        json!({ "newUsername": "" }),
        json!({ "newUsername": null, "newPassword": false, "currentPassword": 0 }),
        json!({ "currentPassword": PASSWORD }),
        json!({ "newPassword": "another horse" }),
        json!({ "newPassword": "another horse", "currentPassword": "" }),
        json!({ "newPassword": "", "currentPassword": PASSWORD }),
        json!({ "username": "eve", "password": "another horse" }),
    ] {
        refused(&stage.profile(&token, &body), 400, NOTHING);
    }
    refused(&stage.ask(Request::new("PUT", "/api/auth/profile").bearer(&token)), 400, NOTHING);
    stage.state(&token).expect_status(200);
}

#[test]
fn wrong_types_and_unusable_values_change_nothing() {
    let stage = Stage::new();
    let token = stage.register("ada");
    for odd in [json!(5), json!(true), json!(["x"]), json!({ "$ne": "" })] {
        for body in [
            json!({ "newUsername": odd }),
            json!({ "newUsername": "eve", "newPassword": odd }),
            json!({ "newPassword": "another horse", "currentPassword": odd }),
        ] {
            let text = "newUsername, currentPassword and newPassword must be strings";
            refused(&stage.profile(&token, &body), 400, text);
        }
    }
    for name in ["a\0b", "a\r\nb", " ", "\u{200b}", &"x".repeat(256)] {
        refused(&stage.profile(&token, &json!({ "newUsername": name })), 400, "Invalid username");
    }
    let both = |new: &str| json!({ "newUsername": "eve", "newPassword": new, "currentPassword": PASSWORD });
    refused(&stage.profile(&token, &both("1234567")), 400, "Password must be at least 8 characters");
    refused(&stage.profile(&token, &both(&"x".repeat(2_000))), 400, "Password is too long");
    let answer = stage.state(&token).expect_status(200);
    assert_eq!(answer.json()["username"], "ada");
}

#[test]
fn a_taken_name_comes_before_a_wrong_password_and_both_save_nothing() {
    let stage = Stage::new();
    stage.register("bob");
    let token = stage.register("ada");
    let body = |name: &str, current: &str| json!({ "newUsername": name, "currentPassword": current, "newPassword": "another horse" });
    refused(&stage.profile(&token, &body("BOB", "wrong horse")), 400, "Username already taken");
    refused(&stage.profile(&token, &body("eve", "wrong horse")), 401, "Current password is incorrect");
    assert_eq!(stage.state(&token).expect_status(200).json()["username"], "ada");
    stage.login("ada", PASSWORD).expect_status(200);
    stage.register("eve");
}

#[test]
fn a_new_password_without_the_current_one_is_ignored_beside_a_new_name() {
    let stage = Stage::new();
    let token = stage.register("ada");
    let answer = stage.profile(&token, &json!({ "newUsername": "eve", "newPassword": "short" }));
    assert_eq!(answer.expect_status(200).json()["message"], "Profile updated successfully");
    stage.login("eve", PASSWORD).expect_status(200);
}

#[test]
fn the_answer_has_message_token_permissions_or_the_message_alone() {
    let stage = Stage::new();
    let token = stage.register("ada");
    let unchanged = stage.profile(&token, &json!({ "newUsername": "ada" })).expect_status(200);
    assert_eq!(unchanged.text(), r#"{"message":"No changes made to profile"}"#);
    stage.state(&token).expect_status(200);
    let renamed = stage.profile(&token, &json!({ "newUsername": "Ada" })).expect_status(200);
    let fresh = renamed.field("token");
    let expected =
        format!(r#"{{"message":"Profile updated successfully","token":"{fresh}","permissions":["user"]}}"#);
    assert_eq!(renamed.text(), expected);
    assert_eq!(stage.state(&fresh).expect_status(200).json()["username"], "Ada");
}

#[test]
fn renaming_ends_earlier_tokens_and_frees_the_name_for_somebody_else() {
    let stage = Stage::new();
    let (token, elsewhere) = (stage.register("ada"), stage.login("ada", PASSWORD).field("token"));
    let fresh = stage.profile(&token, &json!({ "newUsername": "eve" })).field("token");
    for old in [&token, &elsewhere] {
        refused(&stage.state(old), 401, "User no longer exists");
        refused(&stage.profile(old, &json!({ "newUsername": "x" })), 401, "User no longer exists");
    }
    stage.register("ada");
    refused(&stage.state(&token), 401, "User no longer exists");
    assert_eq!(stage.state(&fresh).expect_status(200).json()["username"], "eve");
}

#[test]
fn a_new_password_ends_every_other_session_and_the_old_token() {
    let stage = Stage::new();
    let (token, elsewhere) = (stage.register("ada"), stage.login("ada", PASSWORD).field("token"));
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "another horse" });
    let fresh = stage.profile(&token, &body).expect_status(200).field("token");
    for old in [&token, &elsewhere] {
        assert_eq!(stage.state(old).status, 401);
    }
    stage.state(&fresh).expect_status(200);
    refused(&stage.login("ada", PASSWORD), 401, "Invalid credentials");
    stage.login("ada", "another horse").expect_status(200);
}

#[test]
fn of_two_changes_at_once_with_one_token_one_or_both_in_turn_hold_but_no_account_is_torn() {
    let stage = Stage::new();
    let token = stage.register("ada");
    let put = |body: &Value| Request::new("PUT", "/api/auth/profile").bearer(&token).json(body);
    let names = ["eve", "mallory"];
    let answers = stage.ask_all(names.map(|name| put(&json!({ "newUsername": name }))).to_vec());
    let tokens: Vec<_> =
        answers.iter().filter(|answer| answer.status == 200).map(|won| won.field("token")).collect();
    assert!(!tokens.is_empty());
    let live = tokens.iter().filter(|token| stage.state(token).status == 200).count();
    assert_eq!(live, 1);
    let signs_in = names.iter().filter(|name| stage.login(name, PASSWORD).status == 200).count();
    assert_eq!(signs_in, 1);
}

#[test]
fn guessing_the_current_password_is_throttled() {
    let limits =
        Limits { per_account: Some(Throttle { burst: 2, every: Span::minutes(1) }), ..Limits::default() };
    let stage = Stage::with(|settings| settings.limits = limits);
    let token = stage.register("ada");
    let body = json!({ "currentPassword": "wrong horse", "newPassword": "another horse" });
    for _ in 0..2 {
        refused(&stage.profile(&token, &body), 401, "Current password is incorrect");
    }
    let answer = stage.profile(&token, &body);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("60")), "{answer}");
    assert_eq!(answer.json()["code"], 429);
}
