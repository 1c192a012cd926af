//! Another address in the place of the old one.

use accounts::Limits;
use harness::http::Request;
use harness::server::Server;
use model::{Span, Throttle};
use serde_json::{Value, json};

use crate::world::{PASSWORD, World, line};

const SENT: &str = r#"200 {"code":"PENDING_CONFIRMATION","message":"Please check your new email address to complate the email change."}"#;
const CHANGED: &str = r#"200 {"code":"EMAIL_CHANGED","message":"Your email has been changed successfully."}"#;
const OVER: &str = r#"400 {"code":"EXPIRED_CONFIRMATION","error":"Either your new email confirmation link has expired or already has been used."}"#;
const NONE_WAITS: &str =
    r#"400 {"code":"EMAIL_CHANGE_NOT_REQUESTED","error":"You have not requsted a email change."}"#;
const SUBJECT: &str = "Verify your new email on WolfPal";

fn signed_in() -> (World, String) {
    let world = World::new();
    world.account("bob");
    let access = world.sign_in("bob").access;
    (world, access)
}

fn ask(world: &World, access: &str, fields: Value) -> String {
    world.line(Request::new("POST", "/account/change-email").bearer(access).json(&fields))
}

fn resend(world: &World, access: &str, path: &str) -> String {
    world.line(Request::new("POST", path).bearer(access))
}

fn confirm(world: &World, access: &str, token: &str) -> String {
    world.line(Request::new("PUT", &format!("/account/email-change/{token}")).bearer(access))
}

fn user(world: &World, access: &str) -> Value {
    world.ask(Request::new("GET", "/account").bearer(access)).expect_status(200).json()["user"].clone()
}

#[test]
fn fields_then_ones_own_then_those_of_others() {
    let (world, access) = signed_in();
    world.account("eve");
    let required = r#"400 {"codes":{"email":"REQUIRED"},"errors":{"email":"Email is required."}}"#;
    for fields in [json!({}), json!({ "email": null }), json!({ "email": " " }), json!({ "email": [] })] {
        assert_eq!(ask(&world, &access, fields), required);
    }
    let invalid = r#"400 {"codes":{"email":"INVALID"},"errors":{"email":"Email is invalid."}}"#;
    for email in ["bob", "bob@localhost", "a\r\nBcc: x@y.example", "a\0@a.example.com", &"x".repeat(90_000)] {
        assert_eq!(ask(&world, &access, json!({ "email": email })), invalid);
    }
    assert_eq!(
        ask(&world, &access, json!({ "email": "BOB@a.example.com" })),
        r#"409 {"code":"EMAIL_CONFLICT","error":"The email you are attempting to change to is the same as your current one."}"#
    );
    assert_eq!(
        ask(&world, &access, json!({ "email": "EVE@a.example.com" })),
        r#"409 {"code":"ALREADY_EXISTS","error":"The email you are attempting to change to is already in use."}"#
    );
    assert_eq!(user(&world, &access).get("newEmail"), None);
}

#[test]
fn the_address_is_another_once_its_link_was_opened() {
    let (world, access) = signed_in();
    let other = world.sign_in("bob").access;
    assert_eq!(ask(&world, &access, json!({ "email": "Robert@A.example.com" })), SENT);
    let text = world.newest_mail("robert@a.example.com", SUBJECT).unwrap();
    let token = world.mailed("robert", SUBJECT);
    assert!(text.contains(&format!("https://wolf.example/account/email-change/{token}")), "{text}");
    assert!(token.len() == 64 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    let waiting = user(&world, &access);
    assert_eq!(
        (&waiting["email"], &waiting["newEmail"]),
        (&json!("bob@a.example.com"), &json!("robert@a.example.com"))
    );
    assert_eq!(world.login_with("bob", PASSWORD).status, 200);
    assert_eq!(confirm(&world, &other, &token), CHANGED);
    assert_eq!(confirm(&world, &other, &token), OVER);
    let changed = user(&world, &access);
    assert_eq!(
        (&changed["email"], &changed["emailVerified"]),
        (&json!("robert@a.example.com"), &json!(true))
    );
    assert_eq!(changed.get("newEmail"), None);
    assert_eq!(world.login_with("bob", PASSWORD).status, 400);
    assert_eq!(world.login_with("robert", PASSWORD).status, 200);
    assert!(world.newest_mail("bob@a.example.com", "Your email has been changed on WolfPal").is_some());
    assert_eq!(resend(&world, &access, "/account/change-email/resend"), NONE_WAITS);
}

/// Kind and account both count, and a link alone is not enough (wolfpal.md 6).
#[test]
fn a_link_is_worth_nothing_to_others_and_nowhere_else() {
    let (world, bob) = signed_in();
    world.account("eve");
    let eve = world.sign_in("eve").access;
    ask(&world, &bob, json!({ "email": "robert@a.example.com" }));
    let token = world.mailed("robert", SUBJECT);
    assert_eq!(confirm(&world, &eve, &token), OVER);
    let nobody = world.line(Request::new("PUT", &format!("/account/change-email/{token}")));
    assert_eq!(nobody, "401 Unauthorized");
    let activate = world.ask(Request::new("PUT", &format!("/user/activate-account/{token}")));
    assert_eq!(activate.status, 400);
    let fields = json!({ "password": "password-2", "comfirmPassword": "password-2" });
    assert_eq!(world.post(&format!("/user/reset-password/{token}"), fields).status, 400);
    world.register("fresh");
    for foreign in [world.mailed("fresh", "Activate"), "resend".into(), "%00".into(), "x".repeat(8_000)] {
        assert_eq!(confirm(&world, &bob, &foreign), OVER);
    }
    assert_eq!(user(&world, &bob)["email"], "bob@a.example.com");
    assert_eq!(confirm(&world, &bob, &token), CHANGED, "all that used nothing up");
}

#[test]
fn links_last_three_hours_and_a_new_one_ends_the_one_before() {
    let (world, mut access) = signed_in();
    for path in ["/account/change-email/resend", "/account/email-change/resend"] {
        assert_eq!(resend(&world, &access, path), NONE_WAITS);
    }
    ask(&world, &access, json!({ "email": "robert@a.example.com" }));
    let first = world.mailed("robert", SUBJECT);
    assert_eq!(resend(&world, &access, "/account/change-email/resend"), SENT);
    let second = world.mailed("robert", SUBJECT);
    assert_ne!(first, second);
    assert_eq!(confirm(&world, &access, &first), OVER);
    world.advance(Span::hours(3));
    access = world.sign_in("bob").access;
    assert_eq!(confirm(&world, &access, &second), OVER);
    assert_eq!(user(&world, &access).get("newEmail"), None);
    assert_eq!(resend(&world, &access, "/api/account/email-change/resend/"), NONE_WAITS);
    ask(&world, &access, json!({ "email": "rob@a.example.com" }));
    let third = world.mailed("rob", SUBJECT);
    assert_eq!(resend(&world, &access, "/account/email-change/resend"), SENT);
    assert_eq!(confirm(&world, &access, &third), OVER);
    assert_eq!(confirm(&world, &access, &world.mailed("rob", SUBJECT)), CHANGED);
}

#[test]
fn an_address_that_somebody_took_meanwhile_is_not_given_twice() {
    let (world, access) = signed_in();
    ask(&world, &access, json!({ "email": "late@a.example.com" }));
    let token = world.mailed("late", SUBJECT);
    world.register("late");
    assert_eq!(confirm(&world, &access, &token), OVER);
    assert_eq!(user(&world, &access)["email"], "bob@a.example.com");
}

#[test]
fn of_two_who_confirm_at_once_one_does() {
    let (world, access) = signed_in();
    ask(&world, &access, json!({ "email": "robert@a.example.com" }));
    let token = world.mailed("robert", SUBJECT);
    let request = Request::new("PUT", &format!("/api/account/change-email/{token}")).bearer(&access);
    let mut lines: Vec<_> = world.ask_together(vec![request; 3]).iter().map(line).collect();
    lines.sort();
    assert_eq!(lines, [CHANGED, OVER, OVER]);
}

/// Each request may tell whether an address is taken, and mails somebody.
#[test]
fn asking_too_often_is_put_off() {
    let probes = Throttle { burst: 3, every: Span::minutes(20) };
    let mails = Throttle { burst: 3, every: Span::minutes(61) };
    let world = World::with(|setting| {
        let (registration, mail) = (Some(probes), Some(mails));
        setting.limits = Limits { registration, mail, ..Limits::default() };
    });
    world.account("bob");
    let access = world.sign_in("bob").access;
    assert_eq!(ask(&world, &access, json!({ "email": "robert@a.example.com" })), SENT);
    assert_eq!(resend(&world, &access, "/account/change-email/resend"), SENT);
    let late = r#"429 {"code":429,"error":"Too many attempts. Please try again later."}"#;
    assert_eq!(resend(&world, &access, "/account/change-email/resend"), late);
    assert_eq!(ask(&world, &access, json!({ "email": "rob@a.example.com" })), SENT);
    assert_eq!(ask(&world, &access, json!({ "email": "bert@a.example.com" })), late);
}
