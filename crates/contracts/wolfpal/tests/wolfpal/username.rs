//! Changing one's name.

use harness::http::Request;
use serde_json::{Value, json};

use crate::world::{Tokens, World, line};

fn signed_in() -> (World, Tokens) {
    let world = World::new();
    world.account("bob");
    let tokens = world.sign_in("bob");
    (world, tokens)
}

fn change(world: &World, access: &str, fields: Value) -> String {
    world.line(Request::new("PUT", "/account/change-username").bearer(access).json(&fields))
}

fn changed_to(name: &str) -> String {
    format!(r#"200 {{"code":"USERNAME_CHANGED","message":"Your username has been changed to {name}"}}"#)
}

fn taken(name: &str) -> String {
    format!(r#"409 {{"code":"USERNAME_CONFLICT","error":"{name} is currently not available."}}"#)
}

#[test]
fn the_rules_are_those_of_registering() {
    let (world, tokens) = signed_in();
    let problem = |code: &str, text: &str| {
        format!(r#"400 {{"codes":{{"username":"{code}"}},"errors":{{"username":"{text}"}}}}"#)
    };
    let required = problem("REQUIRED", "Username is required.");
    for fields in
        [json!({}), json!({ "username": null }), json!({ "username": " " }), json!({ "username": 7 })]
    {
        assert_eq!(change(&world, &tokens.access, fields), required);
    }
    let length = problem("NOT_LONG_ENOUGH", "Username must be between 3 and 28 characters long.");
    for name in ["ab", &"a".repeat(29), &"a".repeat(90_000)] {
        assert_eq!(change(&world, &tokens.access, json!({ "username": name })), length);
    }
    let characters =
        problem("INVALID_CHARACTERS", "Username is invalid. Must only contain numbers or letters.");
    for name in ["bo b", "bob\0", "b\u{f6}b", "<b>"] {
        assert_eq!(change(&world, &tokens.access, json!({ "username": name })), characters);
    }
}

/// No token of this contract carries the name, so the client, which gets no new ones, stays signed in.
#[test]
fn a_new_name_ends_no_session() {
    let (world, tokens) = signed_in();
    let other = world.sign_in("bob");
    assert_eq!(change(&world, &tokens.access, json!({ "username": "Robert" })), changed_to("Robert"));
    assert!(world.believes(&tokens.access) && world.believes(&other.access));
    let account = world.ask(Request::new("GET", "/account").bearer(&tokens.access)).json();
    assert_eq!(
        (&account["user"]["username"], &account["user"]["slug"]),
        (&json!("Robert"), &json!("robert"))
    );
    let refresh = json!({ "refresh_token": tokens.refresh });
    assert_eq!(world.post("/auth/refresh", refresh).status, 200);
}

#[test]
fn taken_names_are_in_conflict_in_any_case_and_so_is_ones_own() {
    let (world, tokens) = signed_in();
    world.account("eve");
    for name in ["eve", "EVE", "bob"] {
        assert_eq!(change(&world, &tokens.access, json!({ "username": name })), taken(name));
    }
    assert_eq!(change(&world, &tokens.access, json!({ "username": "BOB" })), changed_to("BOB"));
    assert_eq!(change(&world, &tokens.access, json!({ "username": "BOB" })), taken("BOB"));
    assert_eq!(change(&world, &tokens.access, json!({ "username": "robert" })), changed_to("robert"));
    let eve = world.sign_in("eve").access;
    assert_eq!(change(&world, &eve, json!({ "username": "Bob" })), changed_to("Bob"));
}

#[test]
fn nobody_gets_more_than_a_name() {
    let (world, tokens) = signed_in();
    let fields = json!({ "username": "robert", "role": "admin", "permissions": ["admin"], "_id": "x" });
    assert_eq!(change(&world, &tokens.access, fields), changed_to("robert"));
    let account = world.wait(world.accounts.find(&world.realm, "robert")).unwrap().unwrap();
    assert_eq!(account.permissions.as_slice(), ["user"]);
}

#[test]
fn of_two_who_want_a_name_one_gets_it() {
    let (world, bob) = signed_in();
    world.account("eve");
    let eve = world.sign_in("eve");
    let request = |access: &str| {
        let request = Request::new("PUT", "/api/account/change-username").bearer(access);
        request.form(&[("username", "robert")])
    };
    let answers = world.ask_together(vec![request(&bob.access), request(&eve.access)]);
    let mut lines: Vec<_> = answers.iter().map(line).collect();
    lines.sort();
    assert_eq!(lines, [changed_to("robert"), taken("robert")]);
}
