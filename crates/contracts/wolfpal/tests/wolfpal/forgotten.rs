//! A forgotten password: what is told to whom, and what a link is good for.

use accounts::{Limits, Login, MailedToken, SignIn, SignedIn, UpdateMember};
use harness::http::Request;
use harness::server::Server;
use model::{Span, Throttle};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::world::{PASSWORD, World, line, tokens};

const OVER: &str = r#"400 {"code":"EXPIRED_OR_ALREADY_USED","error":"Either your reset link has expired or already has been used."}"#;
const UPDATED: &str = r#"200 {"code":"UPDATED","error":"Your passsword has been updated.  Please try logging in with your new password."}"#;

fn forget(world: &World, fields: Value) -> String {
    line(&world.post("/user/forgot-password", fields))
}

fn sent(email: &str) -> String {
    format!(
        r#"200 {{"code":"PENDING_CONFIRMATION","error":"An Email has been sent to {email} with further instructions on how to reset your password. Please check your email account."}}"#
    )
}

fn reset(world: &World, token: &str, password: &str) -> String {
    let fields = json!({ "password": password, "comfirmPassword": password });
    line(&world.post(&format!("/user/reset-password/{token}"), fields))
}

/// The token of a link that was just asked for.
fn link(world: &World, name: &str) -> String {
    let email = format!("{name}@a.example.com");
    assert_eq!(forget(world, json!({ "email": email })), sent(&email));
    world.mailed(name, "Reset your password on WolfPal")
}

#[test]
fn addresses_are_looked_at_but_not_looked_up() {
    let world = World::new();
    let required = r#"400 {"codes":{"email":"REQUIRED"},"errors":{"email":"Email is required."}}"#;
    for fields in
        [json!({}), json!({ "email": null }), json!({ "email": " " }), json!({ "email": { "$ne": "" } })]
    {
        assert_eq!(forget(&world, fields), required);
    }
    let invalid = r#"400 {"codes":{"email":"INVALID"},"errors":{"email":"Email is invalid."}}"#;
    for email in ["bob", "a\0@a.example.com", "a b@a.example.com", &"x".repeat(90_000)] {
        assert_eq!(forget(&world, json!({ "email": email })), invalid);
    }
    world.account("bob");
    world.register("fresh");
    world.account("gone");
    world.wait(world.accounts.disable(&world.realm, "gone")).unwrap();
    for email in ["nobody@a.example.com", "BOB@a.example.com", "fresh@a.example.com", "gone@a.example.com"] {
        assert_eq!(forget(&world, json!({ "email": email })), sent(email), "as typed");
    }
    assert!(world.newest_mail("gone@a.example.com", "Reset").is_none());
    assert!(world.newest_mail("nobody@a.example.com", "Reset").is_none());
    assert!(world.newest_mail("bob@a.example.com", "Reset").is_some());
    assert!(world.newest_mail("fresh@a.example.com", "Reset").is_some());
}

#[test]
fn asking_too_often_is_put_off_by_address_of_the_caller_and_silently_by_address_of_the_mail() {
    let per_caller = Throttle { burst: 3, every: Span::minutes(2) };
    // One was the mail that confirms the address, and the last is not for whoever asks.
    let per_mailbox = Throttle { burst: 3, every: Span::minutes(61) };
    let world = World::with(|setting| {
        let (mail, mail_per_address) = (Some(per_mailbox), Some(per_caller));
        setting.limits = Limits { mail, mail_per_address, ..Limits::default() };
    });
    world.account("bob");
    let first = link(&world, "bob");
    assert_eq!(link(&world, "bob"), first, "no second mail, and the first link stays good");
    assert_eq!(forget(&world, json!({ "email": "nobody@a.example.com" })), sent("nobody@a.example.com"));
    let answer = world.post("/api/user/forgot-password/", json!({ "email": "nobody@a.example.com" }));
    assert_eq!(
        line(&answer),
        r#"429 {"code":429,"error":"You either requested or changed your password recently.  Please try again later."}"#
    );
    assert_eq!(answer.header("retry-after"), Some("120"));
    assert_eq!(reset(&world, &first, "password-2"), UPDATED);
}

#[test]
fn every_field_says_what_is_wrong_with_it_before_the_link_is_looked_at() {
    let world = World::new();
    let ask = |fields: Value| line(&world.post("/user/reset-password/x", fields));
    let problems = |password: Option<(&str, &str)>, again: Option<(&str, &str)>| {
        let mut parts = [Vec::new(), Vec::new()];
        for (name, problem) in [("password", password), ("comfirmPassword", again)] {
            if let Some((code, text)) = problem {
                parts[0].push(format!(r#""{name}":"{code}""#));
                parts[1].push(format!(r#""{name}":"{text}""#));
            }
        }
        format!(r#"400 {{"codes":{{{}}},"errors":{{{}}}}}"#, parts[0].join(","), parts[1].join(","))
    };
    let required = Some(("REQUIRED", "Password is required."));
    let confirm = Some(("MUST_CONFIRM", "You must comfirm your new password."));
    let differ = Some(("NO_MATCH", "Both passwords must match."));
    let length = Some(("NOT_LONG_ENOUGH", "Password must be between 8 and 56 characters long"));
    for (fields, expected) in [
        (json!({}), problems(required, confirm)),
        (json!({ "password": 1, "comfirmPassword": 1 }), problems(required, confirm)),
        (json!({ "password": "  ", "comfirmPassword": "  " }), problems(required, confirm)),
        (json!({ "comfirmPassword": PASSWORD }), problems(required, differ)),
        (json!({ "password": PASSWORD }), problems(differ, confirm)),
        (json!({ "password": PASSWORD, "confirmPassword": PASSWORD }), problems(differ, confirm)),
        (json!({ "password": "short", "comfirmPassword": "other" }), problems(differ, differ)),
        (json!({ "password": PASSWORD, "comfirmPassword": "password-1 " }), problems(differ, differ)),
        (json!({ "password": "1234567", "comfirmPassword": "1234567" }), problems(length, None)),
        (
            json!({ "password": "x".repeat(1_025), "comfirmPassword": "x".repeat(1_025) }),
            problems(length, None),
        ),
    ] {
        assert_eq!(ask(fields.clone()), expected, "{fields}");
    }
    assert_eq!(reset(&world, "x", PASSWORD), OVER);
    let strict = World::with(|setting| setting.min_password = 12);
    assert_eq!(
        reset(&strict, "x", PASSWORD),
        r#"400 {"codes":{"password":"NOT_LONG_ENOUGH"},"errors":{"password":"Password must be between 12 and 56 characters long"}}"#
    );
}

#[test]
fn the_mail_links_to_the_page_of_the_client_for_a_quarter_of_an_hour() {
    let world = World::new();
    world.account("bob");
    let token = link(&world, "bob");
    assert!(token.len() == 64 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    let text = world.newest_mail("bob@a.example.com", "Reset").unwrap();
    assert!(text.contains(&format!("https://wolf.example/forgot-password/{token}")), "{text}");
    world.advance(Span::seconds(15 * 60 - 1));
    assert_eq!(reset(&world, &token, "password-2"), UPDATED);
    let token = link(&world, "bob");
    world.advance(Span::minutes(15));
    assert_eq!(reset(&world, &token, "password-3"), OVER);
    assert_eq!(world.login_with("bob", "password-2").status, 200);
}

#[test]
fn a_link_is_good_once_and_as_it_was_sent() {
    let world = World::new();
    world.account("bob");
    let old = link(&world, "bob");
    let token = link(&world, "bob");
    assert_eq!(reset(&world, &old, "password-2"), OVER, "a new link ends the one before");
    let lower = token.to_lowercase();
    for bad in [lower.as_str(), "%00", "%20", "a%2Fb", &"x".repeat(8_000), &format!("{token}%20")] {
        assert_eq!(reset(&world, bad, "password-2"), OVER, "{bad}");
    }
    let fields = json!({ "password": "password-2", "comfirmPassword": "password-2", "device": "any" });
    let request = Request::new("POST", &format!("/API/User/Reset-Password/{token}/")).json(&fields);
    let mut lines: Vec<_> = world.ask_together(vec![request; 4]).iter().map(line).collect();
    lines.sort();
    assert_eq!(lines, [UPDATED, OVER, OVER, OVER]);
}

#[test]
fn a_reset_ends_every_session_but_not_the_second_factor() {
    let world = World::new();
    world.account("bob");
    let tokens = world.sign_in("bob");
    world.enrol(&tokens.access);
    let token = link(&world, "bob");
    assert_eq!(reset(&world, &token, "password-2"), UPDATED);
    assert_eq!(world.line(Request::new("GET", "/account").bearer(&tokens.access)), "401 Unauthorized");
    let refresh = json!({ "refresh_token": tokens.refresh });
    assert_eq!(line(&world.post("/auth/refresh", refresh)), "401 Unauthorized");
    assert_eq!(world.login("bob").status, 400);
    let answer = world.login_with("bob", "password-2").expect_status(200);
    assert_eq!(answer.json()["twoFactor"], true);
    assert!(answer.json().get("access_token").is_none());
    assert!(world.newest_mail("bob@a.example.com", "Your password has been changed on WolfPal").is_some());
}

/// Asks for another address, that of `mallory`; the mailed token.
fn ask_for_another_address(world: &World, access: &str) -> String {
    let fields = json!({ "email": "mallory@a.example.com" });
    let request = Request::new("POST", "/account/change-email").bearer(access).json(&fields);
    world.ask(request).expect_status(200);
    world.mailed("mallory", "Verify your new email on WolfPal")
}

/// Whoever got into the account may have asked for its address to be another one: no way of shutting them
/// out leaves that link good, neither for a client nor for a page that needs no sign-in.
#[test]
fn a_new_password_ends_a_waiting_change_of_address() {
    let world = World::new();
    world.account("bob");
    let mount = world.accounts.mount("wolfpal").unwrap();
    let place = || accounts::Client { address: [192, 0, 2, 1].into(), user_agent: String::new() };
    let is_over = |token: &str| world.wait(mount.confirm_email_change(token, &place())).is_err();

    let waiting = ask_for_another_address(&world, &world.sign_in("bob").access);
    assert_eq!(reset(&world, &link(&world, "bob"), "password-2"), UPDATED);
    let access = world.login_with("bob", "password-2").expect_status(200).field("access_token");
    let confirm = Request::new("PUT", &format!("/account/change-email/{waiting}")).bearer(&access);
    assert_eq!(world.ask(confirm).status, 400);
    assert!(is_over(&waiting));

    let waiting = ask_for_another_address(&world, &access);
    let fields = json!({ "oldPassword": "password-2", "newPassword": "password-3" });
    let change = Request::new("PUT", "/account/change-password").bearer(&access).json(&fields);
    world.ask(change).expect_status(200);
    assert!(is_over(&waiting));

    let access = world.login_with("bob", "password-3").expect_status(200).field("access_token");
    let waiting = ask_for_another_address(&world, &access);
    let caller = world.wait(mount.check(&access)).unwrap();
    let change = UpdateMember { password: Some(SecretString::from("password-4")), ..UpdateMember::default() };
    world.wait(mount.update_member(&caller, &caller.account.id, change, &place())).unwrap();
    assert!(is_over(&waiting));

    let access = world.login_with("bob", "password-4").expect_status(200).field("access_token");
    let waiting = ask_for_another_address(&world, &access);
    let set = world.accounts.set_password(&world.realm, "bob", SecretString::from(PASSWORD));
    world.wait(set).unwrap();
    assert!(is_over(&waiting));
}

#[test]
fn saying_that_it_was_somebody_else_ends_a_waiting_change_of_address() {
    let world = World::with(|setting| {
        let policy = &mut setting.policies[0];
        let link = "https://wolf.example/not-me/{token}".to_owned();
        policy.not_me = policy.reset.clone().map(|form| MailedToken { link, ..form });
    });
    world.account("bob");
    world.sign_in("bob");
    let mount = world.accounts.mount("wolfpal").unwrap();
    let fields = json!({ "email": "bob@a.example.com", "password": PASSWORD });
    let place = |last| accounts::Client { address: [192, 0, 2, last].into(), user_agent: "other/1.0".into() };
    let command = SignIn {
        login: Login::Email(fields["email"].as_str().unwrap()),
        password: SecretString::from(PASSWORD),
        client: place(7),
    };
    let Ok(SignedIn::Complete(_)) = world.wait(mount.sign_in(command)) else { panic!("not signed in") };
    let not_me = world.mailed("bob", "New sign-in on WolfPal");
    let access = tokens(world.post("/auth/login", fields)).access;
    let waiting = ask_for_another_address(&world, &access);
    world.wait(mount.not_me(&not_me, &place(1))).unwrap();
    assert!(world.wait(mount.confirm_email_change(&waiting, &place(7))).is_err());
}
