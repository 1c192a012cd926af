//! Registering: the order of checks, the exact texts, hostile fields.

use accounts::{Limits, Registration};
use harness::http::Request;
use model::{Span, Throttle};
use serde_json::{Value, json};

use crate::world::{PASSWORD, World, line};

const DONE: &str = r#"201 {"code":"PENDING_CONFIRMATION","error":"Please confirm your email address to complete the registration."}"#;
const TAKEN: &str = r#"409 {"code":"ALREADY_EXISTS","error":"This username or email already exists."}"#;
const CLOSED: &str = r#"409 {"code":"REGISTRATION_DISABLED","error":"Currently registration are disabled."}"#;

fn register(world: &World, fields: Value) -> String {
    line(&world.post("/auth/register", fields))
}

#[test]
fn a_closed_door_is_told_before_the_fields_are_read() {
    for registration in [Registration::Closed, Registration::Invite] {
        let world = World::with(|setting| setting.policies[0].registration = registration);
        assert_eq!(register(&world, json!({})), CLOSED);
        let fields = json!({ "username": "bob", "email": "bob@a.example.com", "password": PASSWORD });
        assert_eq!(register(&world, fields), CLOSED);
        let broken = Request::new("POST", "/auth/register").header("Content-Type", "application/json");
        assert_eq!(world.line(Request { body: b"{".to_vec(), ..broken }), CLOSED);
    }
}

#[test]
fn everything_wrong_is_told_at_once_and_fields_before_names() {
    let world = World::new();
    world.register("bob");
    let missing = r#"400 {"codes":{"username":"REQUIRED","password":"REQUIRED","email":"REQUIRED"},"errors":{"username":"Username is required.","password":"Password is required.","email":"Email is required."}}"#;
    for fields in [
        json!({}),
        json!({ "username": "", "email": " \t", "password": "\n" }),
        json!({ "username": null, "email": null, "password": null }),
        json!({ "username": 1, "email": { "$ne": "" }, "password": ["password-1"] }),
        json!({ "Username": "bobby", "EMAIL": "x@a.example.com", "Password": PASSWORD }),
    ] {
        assert_eq!(register(&world, fields), missing);
    }
    let short = json!({ "username": "bob", "email": "bob@a.example.com", "password": "1234567" });
    assert_eq!(
        register(&world, short),
        r#"400 {"codes":{"password":"NOT_LONG_ENOUGH"},"errors":{"password":"Password must be between 8 and 56 characters long."}}"#
    );
}

#[test]
fn usernames() {
    let world = World::new();
    let name = |name: &str| {
        let answer = world
            .post("/auth/register", json!({ "username": name, "email": "x@a.example.com", "password": "1" }));
        answer.json()["codes"]["username"].as_str().unwrap_or("fine").to_owned()
    };
    for (text, code) in [
        ("ab", "NOT_LONG_ENOUGH"),
        ("a-", "NOT_LONG_ENOUGH"),
        ("abc", "fine"),
        (&"a".repeat(28), "fine"),
        (&"a".repeat(29), "NOT_LONG_ENOUGH"),
        (&"a".repeat(90_000), "NOT_LONG_ENOUGH"),
        ("a b", "INVALID_CHARACTERS"),
        (" abc", "INVALID_CHARACTERS"),
        ("ab\0c", "INVALID_CHARACTERS"),
        ("änne", "INVALID_CHARACTERS"),
        ("a\u{202E}bc", "INVALID_CHARACTERS"),
        ("<b>x</b>", "INVALID_CHARACTERS"),
    ] {
        assert_eq!(name(text), code, "{:?}", &text[..text.len().min(40)]);
    }
}

#[test]
fn addresses() {
    let world = World::new();
    for bad in [
        "plain",
        "a@b",
        "a@localhost",
        "a@[127.0.0.1]",
        " a@a.example.com",
        "a@a.example.com ",
        "a\0@a.example.com",
        "a@a.example.com\r\nBcc: x@y.example",
        "\"a b\"@a.example.com",
        "a@b@a.example.com",
        "ä@a.example.com",
        &format!("{}@a.example.com", "a".repeat(300)),
    ] {
        assert_eq!(
            register(&world, json!({ "username": "bob", "email": bad, "password": PASSWORD })),
            r#"400 {"codes":{"email":"INVALID"},"errors":{"email":"Email is invalid."}}"#,
            "{bad:?}"
        );
    }
    let fields = json!({ "username": "bob", "email": "Bob@A.Example.COM", "password": PASSWORD });
    assert_eq!(register(&world, fields), DONE);
    let kept = world.wait(world.accounts.find(&world.realm, "bob")).unwrap().unwrap();
    assert_eq!(kept.email.as_deref(), Some("bob@a.example.com"));
}

#[test]
fn passwords_are_counted_in_characters_and_kept_as_they_are() {
    let world = World::new();
    let text = |length| "ä".repeat(length);
    for (name, password, fits) in [
        ("one", text(7), false),
        ("two", text(8), true),
        ("three", text(56), true),
        ("four", text(512), true),
        ("six", text(513), false),
        ("five", "  spaced  ".to_owned(), true),
    ] {
        let email = format!("{name}@a.example.com");
        let answer =
            world.post("/auth/register", json!({ "username": name, "email": email, "password": password }));
        assert_eq!(answer.status == 201, fits, "{name}: {answer}");
    }
    let token = world.mailed("five", "Activate");
    world.ask(Request::new("PUT", &format!("/user/activate-account/{token}"))).expect_status(200);
    assert_eq!(world.login_with("five", "spaced").status, 400);
    assert_eq!(world.login_with("five", "  spaced  ").status, 200);
}

#[test]
fn the_realm_may_ask_for_longer_passwords() {
    let world = World::with(|setting| setting.min_password = 12);
    let fields = json!({ "username": "bob", "email": "bob@a.example.com", "password": PASSWORD });
    assert_eq!(
        register(&world, fields),
        r#"400 {"codes":{"password":"NOT_LONG_ENOUGH"},"errors":{"password":"Password must be between 12 and 56 characters long."}}"#
    );
}

#[test]
fn nobody_makes_themselves_more_than_a_user() {
    let world = World::new();
    let fields = json!({ "username": "bob", "email": "bob@a.example.com", "password": PASSWORD,
        "role": "admin", "permissions": ["admin"], "emailVerified": true });
    assert_eq!(register(&world, fields), DONE);
    let account = world.wait(world.accounts.find(&world.realm, "bob")).unwrap().unwrap();
    assert_eq!(account.permissions.as_slice(), ["user"]);
    assert!(!account.email_confirmed);
}

#[test]
fn of_many_at_once_one_gets_the_name() {
    let world = World::new();
    let request = |n: usize| {
        let fields =
            json!({ "username": "bob", "email": format!("bob{n}@a.example.com"), "password": PASSWORD });
        Request::new("POST", "/auth/register").json(&fields)
    };
    let mut lines: Vec<_> = world.ask_together((0..8).map(request).collect()).iter().map(line).collect();
    lines.sort();
    assert_eq!(lines[0], DONE);
    assert!(lines[1..].iter().all(|line| line == TAKEN), "{lines:?}");
}

#[test]
fn too_many_registrations_are_put_off() {
    let limit = Throttle { burst: 2, every: Span::minutes(20) };
    let world = World::with(|setting| {
        setting.limits = Limits { registration: Some(limit), ..Limits::default() };
    });
    world.register("one");
    world.register("two");
    let fields = json!({ "username": "three", "email": "three@a.example.com", "password": PASSWORD });
    let answer = world.post("/auth/register", fields.clone());
    assert_eq!(line(&answer), r#"429 {"code":429,"error":"Too many attempts. Please try again later."}"#);
    assert_eq!(answer.header("retry-after"), Some("1200"));
    world.advance(Span::minutes(20));
    assert_eq!(register(&world, fields), DONE);
}
