//! Confirming an address, and asking for another link.

use accounts::Limits;
use harness::http::Request;
use harness::server::Server;
use model::{Span, Throttle};
use serde_json::{Value, json};

use crate::world::{World, line};

const OVER: &str = r#"400 {"code":"EXPIRED_OR_ALREADY_USED","error":"Either your account activate link has expired or already has been used."}"#;
const ACTIVATED: &str = r#"200 {"code":"ACTIVATED","message":"Good job! Your account is now activated and you can start using WolfPal."}"#;
const SENT: &str = r#"200 {"code":"PENDING_CONFIRMATION","message":"Please check your email address to complete the registration."}"#;

fn activate(world: &World, token: &str) -> String {
    world.line(Request::new("PUT", &format!("/user/activate-account/{token}")))
}

fn resend(world: &World, fields: Value) -> String {
    line(&world.post("/user/activate-account/resend", fields))
}

#[test]
fn the_mail_links_to_the_page_of_the_client() {
    let world = World::new();
    world.register("bob");
    let text = world.newest_mail("bob@a.example.com", "Activate your account on WolfPal").unwrap();
    let token = world.mailed("bob", "Activate");
    assert!(text.contains(&format!("https://wolf.example/activate-account/{token}")), "{text}");
    assert!(token.len() == 32 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
}

#[test]
fn a_link_is_good_for_three_hours() {
    let world = World::new();
    world.register("one");
    world.register("two");
    let (one, two) = (world.mailed("one", "Activate"), world.mailed("two", "Activate"));
    world.advance(Span::seconds(3 * 3_600 - 1));
    assert_eq!(activate(&world, &one), ACTIVATED);
    world.advance(Span::seconds(1));
    assert_eq!(activate(&world, &two), OVER);
}

#[test]
fn a_link_is_taken_as_it_was_sent_and_once() {
    let world = World::new();
    world.register("bob");
    let token = world.mailed("bob", "Activate");
    let swapped: String = token
        .chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    for bad in [&swapped, "resend", "%00", "a%2Fb", "%20", &"x".repeat(8_000), &format!("{token}%20")] {
        assert_eq!(activate(&world, bad), OVER, "{bad}");
    }
    let request = Request::new("PUT", &format!("/API/User/Activate-Account/{token}/"));
    let answers = world.ask_together(vec![request; 4]);
    let mut lines: Vec<_> = answers.iter().map(line).collect();
    lines.sort();
    assert_eq!(lines, [ACTIVATED, OVER, OVER, OVER]);
}

#[test]
fn asking_again_says_the_same_to_everybody() {
    let world = World::new();
    world.register("bob");
    world.account("eve");
    let first = world.mailed("bob", "Activate");
    for fields in [
        json!({ "email": "nobody@a.example.com" }),
        json!({ "email": "eve@a.example.com" }),
        json!({ "email": "no address" }),
        json!({ "email": "a\0@a.example.com" }),
        json!({ "email": "x".repeat(90_000) }),
        json!({ "email": { "$ne": null } }),
        json!({ "email": null }),
        json!({}),
    ] {
        assert_eq!(resend(&world, fields), SENT);
    }
    assert_eq!(world.mailed("bob", "Activate"), first, "nobody asked for bob");
    assert_eq!(resend(&world, json!({ "email": "BOB@a.example.com" })), SENT);
    let second = world.mailed("bob", "Activate");
    assert_eq!(activate(&world, &first), OVER);
    assert_eq!(activate(&world, &second), ACTIVATED);
}

#[test]
fn asking_too_often_is_put_off_by_address_of_the_caller() {
    let limit = Throttle { burst: 1, every: Span::seconds(30) };
    let world = World::with(|setting| {
        setting.limits = Limits { mail_per_address: Some(limit), ..Limits::default() };
    });
    assert_eq!(resend(&world, json!({ "email": "nobody@a.example.com" })), SENT);
    let answer = world.post("/api/user/activate-account/resend", json!({ "email": "x@a.example.com" }));
    assert_eq!(line(&answer), r#"429 {"code":429,"error":"Too many attempts. Please try again later."}"#);
    assert_eq!(answer.header("retry-after"), Some("30"));
}
