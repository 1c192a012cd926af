//! Changing a known password.

use accounts::Limits;
use harness::http::Request;
use harness::server::Server;
use model::{Span, Throttle};
use serde_json::{Value, json};

use crate::world::{PASSWORD, Tokens, World, line};

const CHANGED: &str = r#"200 {"code":"PASSWORD_CHANGED","message":"Your password has been changed."}"#;
const WRONG: &str = r#"401 {"code":"INVALID_CREDENTIALS","error":"Wrong old password."}"#;
const SAME: &str =
    r#"409 {"code":"PASSWORD_CONFLICT","errors":{"newPassword":"New password can not match old password."}}"#;

fn signed_in() -> (World, Tokens) {
    let world = World::new();
    world.account("bob");
    let tokens = world.sign_in("bob");
    (world, tokens)
}

fn change(world: &World, access: &str, fields: Value) -> String {
    world.line(Request::new("PUT", "/account/change-password").bearer(access).json(&fields))
}

fn passwords(old: &str, new: &str) -> Value {
    json!({ "oldPassword": old, "newPassword": new })
}

#[test]
fn fields_come_before_passwords() {
    let (world, tokens) = signed_in();
    let ask = |fields| change(&world, &tokens.access, fields);
    let missing = r#"400 {"codes":{"oldPassword":"REQUIRED","newPassword":"REQUIRED"},"errors":{"oldPassword":"Old Password is required.","newPassword":"New Password is required."}}"#;
    for fields in [
        json!({}),
        json!({ "oldPassword": null, "newPassword": " " }),
        json!({ "oldPassword": 1, "newPassword": [] }),
    ] {
        assert_eq!(ask(fields), missing);
    }
    let short = r#"400 {"codes":{"newPassword":"NOT_LONG_ENOUGH"},"errors":{"newPassword":"New Password must be between 8 and 56 characters long"}}"#;
    for new in ["1234567", &"\u{e4}".repeat(1_025), &"x".repeat(90_000)] {
        assert_eq!(ask(passwords("wrong", new)), short);
        assert_eq!(ask(passwords(PASSWORD, new)), short);
    }
    assert!(world.believes(&tokens.access));
}

/// Otherwise whoever holds a token could try passwords by offering them as new ones (wolfpal.md 6).
#[test]
fn the_old_password_is_looked_at_first() {
    let (world, tokens) = signed_in();
    let ask = |old: &str, new: &str| change(&world, &tokens.access, passwords(old, new));
    assert_eq!(ask("password-2", "password-3"), WRONG);
    assert_eq!(ask("password-2", PASSWORD), WRONG);
    assert_eq!(ask("password-2", "password-2"), WRONG);
    assert_eq!(ask(" password-1", "password-2"), WRONG);
    let mails = world.newest_mail("bob@a.example.com", "password has been changed");
    assert_eq!(ask(PASSWORD, PASSWORD), SAME);
    assert!(world.believes(&tokens.access), "nothing was changed");
    assert_eq!((mails, world.newest_mail("bob@a.example.com", "password has been changed")), (None, None));
    assert_eq!(world.login("bob").status, 200);
}

#[test]
fn a_change_ends_every_session_and_tells_the_owner() {
    let (world, tokens) = signed_in();
    let other = world.sign_in("bob");
    world.account("eve");
    let eve = world.sign_in("eve");
    assert_eq!(change(&world, &tokens.access, passwords(PASSWORD, "  password-2")), CHANGED);
    let again = world.login_with("bob", "  password-2").expect_status(200).field("access_token");
    // Before old tokens come again, which would end sessions by itself.
    assert_eq!(world.ask(Request::new("GET", "/sessions").bearer(&again)).json()["total"], 1);
    for ended in [&tokens, &other] {
        assert!(!world.believes(&ended.access));
        let refresh = json!({ "refresh_token": ended.refresh });
        assert_eq!(line(&world.post("/auth/refresh", refresh)), "401 Unauthorized");
    }
    assert!(world.believes(&eve.access) && world.believes(&again));
    assert!(world.newest_mail("bob@a.example.com", "Your password has been changed on WolfPal").is_some());
    assert_eq!(world.login("bob").status, 400);
    assert_eq!(world.login_with("bob", "password-2").status, 400, "it is kept as it was typed");
}

#[test]
fn the_realm_may_ask_for_longer_passwords() {
    let world = World::with(|setting| setting.min_password = 10);
    world.account("bob");
    let access = world.sign_in("bob").access;
    assert_eq!(
        change(&world, &access, passwords(PASSWORD, "123456789")),
        r#"400 {"codes":{"newPassword":"NOT_LONG_ENOUGH"},"errors":{"newPassword":"New Password must be between 10 and 56 characters long"}}"#
    );
}

/// Both ways of guessing the old password share one counter with signing in.
#[test]
fn guessing_the_old_password_is_put_off() {
    let limit = Throttle { burst: 3, every: Span::minutes(1) };
    let world = World::with(|setting| {
        setting.limits = Limits { per_account: Some(limit), ..Limits::default() };
    });
    world.account("bob");
    let access = world.sign_in("bob").access;
    assert_eq!(change(&world, &access, passwords("guess-number-1", "password-9")), WRONG);
    assert_eq!(change(&world, &access, passwords("guess-number-2", "guess-number-2")), WRONG);
    assert_eq!(world.login_with("bob", "guess-number-3").status, 400);
    for fields in [passwords(PASSWORD, "password-9"), passwords(PASSWORD, PASSWORD)] {
        let request = Request::new("PUT", "/account/change-password").bearer(&access).json(&fields);
        let answer = world.ask(request);
        assert_eq!(line(&answer), r#"429 {"code":429,"error":"Too many attempts. Please try again later."}"#);
        assert_eq!(answer.header("retry-after"), Some("60"));
    }
    assert!(world.believes(&access));
    world.advance(Span::minutes(1));
    assert_eq!(change(&world, &access, passwords(PASSWORD, "password-9")), CHANGED);
}

#[test]
fn of_many_at_once_one_changes_it() {
    let (world, tokens) = signed_in();
    let request = |n: usize| {
        let fields = passwords(PASSWORD, &format!("password-of-{n}"));
        Request::new("PUT", "/account/change-password").bearer(&tokens.access).json(&fields)
    };
    let answers = world.ask_together((0..4).map(request).collect());
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [200, 401].contains(&answer.status)), "{answers:?}");
}
