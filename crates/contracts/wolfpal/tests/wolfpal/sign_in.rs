//! Signing in: exact shapes, and what they do not tell.

use accounts::{CreateAccount, Limits};
use harness::http::Request;
use harness::jwt;
use model::{Span, Throttle};
use secrecy::SecretString;
use serde_json::json;

use crate::world::{PASSWORD, World, line, tokens};

const WRONG: &str = r#"400 {"code":"INVALID_CREDENTIALS","error":"Either email or password is invalid. "}"#;
const UNCONFIRMED: &str = r#"400 {"code":"PENDING_CONFIRMATION","error":"Please confirm your email address to complete the registration."}"#;

#[test]
fn what_is_missing_is_told_under_the_names_of_the_original() {
    let world = World::new();
    let both = r#"400 {"code":400,"codes":{"email":"REQUIRED","password":"REQUIRED"},"errors":{"email":"Email is required.","username":"Username is required."}}"#;
    for fields in [
        json!({}),
        json!({ "email": null, "password": " " }),
        json!({ "email": ["a@a.example.com"], "password": true }),
        json!({ "email": { "$gt": "" }, "password": { "$gt": "" } }),
    ] {
        assert_eq!(line(&world.post("/auth/login", fields)), both);
    }
    assert_eq!(
        line(&world.post("/auth/login", json!({ "email": "a@a.example.com" }))),
        r#"400 {"code":400,"codes":{"password":"REQUIRED"},"errors":{"username":"Username is required."}}"#
    );
    for bad in ["bob", "a@b@c.example", "a b@c.example", "a\0@c.example", "a\u{200B}@c.example"] {
        assert_eq!(
            line(&world.post("/auth/login", json!({ "email": bad, "password": PASSWORD }))),
            r#"400 {"code":400,"codes":{"email":"INVALID"},"errors":{"email":"Email is invalid."}}"#,
            "{bad:?}"
        );
    }
}

#[test]
fn long_fields_are_refused_in_shape() {
    let world = World::new();
    world.account("bob");
    let long = "x".repeat(90_000);
    assert_eq!(line(&world.login_with("bob", &long)), WRONG);
    let fields = json!({ "email": format!("{long}@a.example.com"), "password": PASSWORD });
    assert_eq!(
        line(&world.post("/auth/login", fields)),
        r#"400 {"code":400,"codes":{"email":"INVALID"},"errors":{"email":"Email is invalid."}}"#
    );
}

#[test]
fn unknown_wrong_disabled_and_unconfirmed_look_alike_without_the_password() {
    let world = World::new();
    world.register("fresh");
    world.account("bob");
    world.account("gone");
    world.wait(world.accounts.disable(&world.realm, "gone")).unwrap();
    assert_eq!(line(&world.login_with("nobody", PASSWORD)), WRONG);
    assert_eq!(line(&world.login_with("bob", "password-2")), WRONG);
    assert_eq!(line(&world.login_with("bob", "password-1 ")), WRONG);
    assert_eq!(line(&world.login_with("fresh", "password-2")), WRONG);
    assert_eq!(line(&world.login_with("gone", PASSWORD)), WRONG);
    assert_eq!(line(&world.login_with("fresh", PASSWORD)), UNCONFIRMED);
    assert_eq!(world.login("bob").status, 200);
}

#[test]
fn an_address_of_another_contract_needs_no_top_level_domain() {
    let world = World::new();
    let create = CreateAccount {
        realm: &world.realm,
        username: "root",
        email: Some("root@localhost"),
        email_confirmed: true,
        password: SecretString::from(PASSWORD),
        permissions: None,
    };
    world.wait(world.accounts.create(create)).unwrap();
    let answer = world.post("/auth/login", json!({ "email": "ROOT@localhost", "password": PASSWORD }));
    assert_eq!(answer.status, 200, "{answer}");
}

#[test]
fn a_username_is_no_address() {
    let world = World::new();
    world.account("bob");
    let answer = world.post("/auth/login", json!({ "email": "bob", "password": PASSWORD }));
    assert_eq!(answer.json()["codes"]["email"], "INVALID");
}

#[test]
fn guessing_one_account_is_put_off_even_with_the_right_password() {
    let limit = Throttle { burst: 3, every: Span::minutes(1) };
    let world = World::with(|setting| {
        setting.limits = Limits { per_account: Some(limit), ..Limits::default() };
    });
    world.account("bob");
    world.account("eve");
    for _ in 0..3 {
        assert_eq!(line(&world.login_with("bob", "password-2")), WRONG);
    }
    let answer = world.login("bob");
    assert_eq!(line(&answer), r#"429 {"code":429,"error":"Too many attempts. Please try again later."}"#);
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(world.login("eve").status, 200);
    world.advance(Span::minutes(1));
    assert_eq!(world.login("bob").status, 200);
}

#[test]
fn tokens_carry_the_documented_claims_first_and_then_ours() {
    let world = World::new();
    world.account("bob");
    let pair = tokens(world.login("bob"));
    let now = harness::server::Server::totp_now(&world);
    for (token, purpose, life) in [(pair.access, "access", 1_800), (pair.refresh, "refresh", 86_400)] {
        let parts = jwt::parts(&token).unwrap();
        assert_eq!(parts.header.to_string(), r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims: serde_json::Value = serde_json::from_str(&parts.claims.to_string()).unwrap();
        let (sub, sid) = (claims["sub"].as_str().unwrap(), claims["sid"].as_str().unwrap());
        let expected = format!(
            r#"{{"sub":"{sub}","iat":{now},"exp":{},"sid":"{sid}","gen":0,"aid":"{sub}","mnt":"wolfpal","use":"{purpose}"}}"#,
            now + life
        );
        assert_eq!(parts.claims.to_string(), expected);
    }
}

#[test]
fn two_sign_ins_of_one_second_are_two_sessions() {
    let world = World::new();
    world.account("bob");
    let (one, two) = (world.sign_in("bob"), world.sign_in("bob"));
    assert_ne!(one.access, two.access);
    world.ask(Request::new("POST", "/auth/logout").bearer(&one.access)).expect_status(200);
    assert!(!world.believes(&one.access));
    assert!(world.believes(&two.access));
}

#[test]
fn bodies_that_cannot_be_read() {
    let world = World::new();
    let post = |content_type: &str, body: &[u8]| {
        let request = Request::new("POST", "/auth/login").header("Content-Type", content_type);
        world.line(Request { body: body.to_vec(), ..request })
    };
    let deep = "[".repeat(50_000);
    let bad: [&[u8]; 9] = [
        b"{",
        b"null",
        b"[]",
        b"\"text\"",
        b"{} {}",
        b"\xff\xfe",
        b"{\"email\":\"a@a.example.com\",\"email\":\"b@a.example.com\",\"password\":\"password-1\"}",
        deep.as_bytes(),
        b" ",
    ];
    for body in bad {
        assert_eq!(post("application/json", body), r#"400 {"error":"Invalid JSON"}"#);
    }
    for body in [&b"email=a&email=b"[..], b"email=%ff"] {
        let answer = post("application/x-www-form-urlencoded", body);
        assert_eq!(answer, r#"400 {"error":"Invalid form"}"#);
    }
    let missing = post("application/json", b"");
    assert!(missing.starts_with(r#"400 {"code":400,"codes":{"email":"REQUIRED""#), "{missing}");
    let whole = br#"{"email":"a@a.example.com","password":"password-1"}"#;
    for other in ["text/plain", "multipart/form-data; boundary=x", "application/json; charset=latin1"] {
        assert_eq!(post(other, whole), missing, "{other}");
    }
    assert_eq!(post("application/x-www-form-urlencoded", b"email[$ne]=&password[$ne]="), missing);
}
