//! Refreshing and signing out: which token is good for what, and for how long.

use accounts::Limits;
use harness::http::Request;
use model::{Span, Throttle};
use serde_json::json;

use crate::world::{Tokens, World, line, tokens};

const UNAUTHORIZED: &str = "401 Unauthorized";
const SIGNED_OUT: &str = r#"200 {"code":"LOGGED_OUT","error":"You are now logged out."}"#;

fn signed_in() -> (World, Tokens) {
    let world = World::new();
    world.account("bob");
    let tokens = world.sign_in("bob");
    (world, tokens)
}

fn refresh(world: &World, token: &str) -> String {
    line(&world.post("/auth/refresh", json!({ "refresh_token": token })))
}

fn sign_out(world: &World, authorization: &str) -> String {
    world.line(Request::new("POST", "/auth/logout").header("Authorization", authorization))
}

#[test]
fn a_missing_refresh_token_is_a_missing_field() {
    let world = World::new();
    let missing = r#"400 {"codes":{"refresh_token":"REQUIRED"},"errors":{"refresh_token":"Refresh token is required."}}"#;
    for fields in [
        json!({}),
        json!({ "refresh_token": null }),
        json!({ "refresh_token": 7 }),
        json!({ "refresh_token": " " }),
    ] {
        assert_eq!(line(&world.post("/auth/refresh", fields)), missing);
    }
}

#[test]
fn a_session_that_is_refreshed_too_often_waits_and_goes_on() {
    let limit = Throttle { burst: 1, every: Span::minutes(1) };
    let world = World::with(|setting| {
        setting.limits = Limits { refresh: Some(limit), ..Limits::default() };
    });
    world.account("bob");
    let first = world.sign_in("bob");
    let answer = world.post("/auth/refresh", json!({ "refresh_token": first.refresh }));
    let next = tokens(answer.expect_status(200));
    let answer = world.post("/auth/refresh", json!({ "refresh_token": next.refresh }));
    assert_eq!(line(&answer), r#"429 {"code":429,"error":"Too many attempts. Please try again later."}"#);
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert!(world.believes(&next.access));
}

#[test]
fn a_pair_follows_a_pair() {
    let (world, old) = signed_in();
    let answer = world.post("/auth/refresh", json!({ "refresh_token": old.refresh })).expect_status(200);
    let new = tokens(answer.clone());
    assert_eq!(
        answer.text(),
        format!(r#"{{"access_token":"{}","refresh_token":"{}"}}"#, new.access, new.refresh)
    );
    assert!(!world.believes(&old.access));
    assert!(world.believes(&new.access));
}

#[test]
fn a_token_that_comes_again_at_once_gets_the_same_and_later_ends_the_session() {
    let (world, old) = signed_in();
    let first = refresh(&world, &old.refresh);
    world.advance(Span::seconds(9));
    assert_eq!(refresh(&world, &old.refresh), first);
    world.advance(Span::seconds(2));
    assert_eq!(refresh(&world, &old.refresh), UNAUTHORIZED);
    let new: serde_json::Value = serde_json::from_str(&first[4..]).unwrap();
    assert!(!world.believes(new["access_token"].as_str().unwrap()));
    assert_eq!(refresh(&world, new["refresh_token"].as_str().unwrap()), UNAUTHORIZED);
}

#[test]
fn no_token_stands_for_another() {
    let (world, tokens) = signed_in();
    assert!(!world.believes(&tokens.refresh));
    assert_eq!(refresh(&world, &tokens.access), UNAUTHORIZED);
    assert_eq!(sign_out(&world, &format!("Bearer {}", tokens.refresh)), UNAUTHORIZED);
    assert!(world.believes(&tokens.access));
}

#[test]
fn a_token_of_another_mount_is_none_here() {
    let world = World::with(|setting| {
        let mut other = wolfpal::policy("https://other.example");
        other.name = "other".to_owned();
        setting.policies.push(other);
    });
    world.account("bob");
    let elsewhere = world.accounts.mount("other").unwrap();
    let limits = web::Limits::default();
    let router = web::compose(vec![wolfpal::contract(elsewhere)], limits, axum::Router::new()).unwrap();
    let fields = json!({ "email": "bob@a.example.com", "password": crate::world::PASSWORD });
    let login = Request::new("POST", "/auth/login").json(&fields);
    let foreign = tokens(world.wait(crate::world::answered(router, login)));
    assert!(!world.believes(&foreign.access));
    assert_eq!(refresh(&world, &foreign.refresh), UNAUTHORIZED);
    assert_eq!(sign_out(&world, &format!("Bearer {}", foreign.access)), UNAUTHORIZED);
}

#[test]
fn what_is_no_token_is_refused() {
    let (world, tokens) = signed_in();
    let parts: Vec<&str> = tokens.refresh.split('.').collect();
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
    let cut = &tokens.refresh[..tokens.refresh.len() - 2];
    let long = "a.".repeat(45_000);
    for bad in ["nonsense", "..", "a.b.c", "\u{0}", &unsigned, cut, &long] {
        assert_eq!(refresh(&world, bad), UNAUTHORIZED);
    }
    assert_eq!(refresh(&world, &tokens.refresh)[..4], *"200 ");
}

#[test]
fn times_are_over_when_they_say_so() {
    let (world, tokens) = signed_in();
    world.advance(Span::seconds(1_799));
    assert!(world.believes(&tokens.access));
    world.advance(Span::seconds(1));
    assert!(!world.believes(&tokens.access));
    world.advance(Span::seconds(86_400 - 1_801));
    let pair = refresh(&world, &tokens.refresh);
    assert!(pair.starts_with("200 "), "{pair}");
    let other = world.sign_in("bob");
    world.advance(Span::hours(24));
    assert_eq!(refresh(&world, &other.refresh), UNAUTHORIZED);
}

#[test]
fn signing_out_needs_no_live_access_token_but_a_live_session() {
    let (world, tokens) = signed_in();
    world.advance(Span::hours(2));
    assert_eq!(sign_out(&world, &format!("Bearer {}", tokens.access)), SIGNED_OUT);
    assert_eq!(sign_out(&world, &format!("Bearer {}", tokens.access)), UNAUTHORIZED);
    assert_eq!(refresh(&world, &tokens.refresh), UNAUTHORIZED);
}

#[test]
fn the_scheme_in_any_case_and_no_other() {
    let (world, tokens) = signed_in();
    let access = &tokens.access;
    for bad in [
        access.clone(),
        format!("JWT {access}"),
        format!("Basic {access}"),
        "Bearer".into(),
        "Bearer ".into(),
    ] {
        assert_eq!(sign_out(&world, &bad), UNAUTHORIZED, "{bad}");
    }
    let twice = Request::new("POST", "/auth/logout").bearer(access).bearer(access);
    assert_eq!(world.line(twice), UNAUTHORIZED);
    assert_eq!(world.line(Request::new("POST", "/auth/logout")), UNAUTHORIZED);
    let in_query = Request::new("POST", "/auth/logout").query(&[("access_token", access), ("jwt", access)]);
    assert_eq!(world.line(in_query), UNAUTHORIZED);
    assert_eq!(sign_out(&world, &format!("bEaReR \t {access} ")), SIGNED_OUT);
}

#[test]
fn signing_out_reads_no_body() {
    let (world, tokens) = signed_in();
    let request = Request::new("POST", "/api/auth/logout").bearer(&tokens.access);
    let request = request.header("Content-Type", "application/json");
    assert_eq!(world.line(Request { body: b"{nonsense".to_vec(), ..request }), SIGNED_OUT);
}

#[test]
fn a_disabled_account_has_no_tokens() {
    let (world, tokens) = signed_in();
    assert!(world.believes(&tokens.access));
    world.wait(world.accounts.disable(&world.realm, "bob")).unwrap();
    assert!(!world.believes(&tokens.access));
    assert_eq!(refresh(&world, &tokens.refresh), UNAUTHORIZED);
}
