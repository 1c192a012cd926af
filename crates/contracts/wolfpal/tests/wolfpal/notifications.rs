//! Which mails somebody wants.

use harness::http::Request;
use serde_json::{Value, json};

use crate::world::World;

const CHANGED: &str = r#"200 {"code":"EMAIL_NOTIFICATIONS_CHANGED","message":"Your notifications preferences for email has been changed."}"#;

fn show(world: &World, access: &str) -> String {
    world.line(Request::new("GET", "/notifications").bearer(access))
}

fn shown(weekly: bool, yearly: bool) -> String {
    format!(r#"200 {{"notifications":{{"email":{{"weeklyGoals":{weekly},"yearlyGoals":{yearly}}}}}}}"#)
}

fn put(world: &World, access: &str, fields: Value) -> String {
    world.line(Request::new("PUT", "/notifications/email").bearer(access).json(&fields))
}

#[test]
fn they_are_kept_with_the_account_and_with_no_other() {
    let world = World::new();
    world.account("bob");
    world.account("eve");
    let (bob, eve) = (world.sign_in("bob").access, world.sign_in("eve").access);
    assert_eq!(show(&world, &bob), shown(false, false));
    assert_eq!(put(&world, &bob, json!({ "weeklyGoals": true, "yearlyGoals": true })), CHANGED);
    assert_eq!(show(&world, &bob), shown(true, true));
    assert_eq!(show(&world, &eve), shown(false, false));
    let form = Request::new("PUT", "/api/notifications/email").bearer(&bob);
    assert_eq!(world.line(form.form(&[("weeklyGoals", "false")])), CHANGED);
    assert_eq!(show(&world, &bob), shown(false, true), "what the document leaves out stays");
    assert_eq!(show(&world, &world.sign_in("bob").access), shown(false, true));
}

#[test]
fn a_boolean_may_be_text_or_a_number() {
    let world = World::new();
    world.account("bob");
    let access = world.sign_in("bob").access;
    for (value, on) in [
        (json!(true), true),
        (json!(false), false),
        (json!("true"), true),
        (json!("false"), false),
        (json!("1"), true),
        (json!("0"), false),
        (json!(1), true),
        (json!(0), false),
    ] {
        assert_eq!(put(&world, &access, json!({ "weeklyGoals": !on, "yearlyGoals": !on })), CHANGED);
        assert_eq!(put(&world, &access, json!({ "weeklyGoals": value, "yearlyGoals": value })), CHANGED);
        assert_eq!(show(&world, &access), shown(on, on), "{value}");
    }
}

#[test]
fn what_is_no_boolean_changes_nothing() {
    let world = World::new();
    world.account("bob");
    let access = world.sign_in("bob").access;
    let required =
        r#"400 {"codes":{"weeklyGoals":"REQUIRED"},"errors":{"weeklyGoals":"Weekly Goals is required."}}"#;
    for fields in
        [json!({}), json!({ "weeklyGoals": null }), json!({ "weeklyGoals": " ", "yearlyGoals": true })]
    {
        assert_eq!(put(&world, &access, fields), required);
    }
    let boolean = r#"400 {"codes":{"weeklyGoals":"BOOLEAN","yearlyGoals":"BOOLEAN"},"errors":{"weeklyGoals":"Weekly Goals must be a boolean","yearlyGoals":"Yearly Goals must be a boolean"}}"#;
    let long = "x".repeat(40_000);
    for bad in [json!("yes"), json!(2), json!([true]), json!({ "$ne": true }), json!("True"), json!(long)] {
        assert_eq!(put(&world, &access, json!({ "weeklyGoals": bad, "yearlyGoals": bad })), boolean);
    }
    assert_eq!(show(&world, &access), shown(false, false));
}

/// Nothing but two booleans is ever kept.
#[test]
fn other_fields_are_not_kept() {
    let world = World::new();
    world.account("bob");
    let access = world.sign_in("bob").access;
    let fields = json!({ "weeklyGoals": true, "more": "x".repeat(50_000), "role": "admin" });
    assert_eq!(put(&world, &access, fields), CHANGED);
    let mount = world.accounts.mount("wolfpal").unwrap();
    let id = world.wait(world.accounts.find(&world.realm, "bob")).unwrap().unwrap().id;
    let kept = Value::from(world.wait(mount.document(&id)).unwrap());
    assert_eq!(kept, json!({ "notifications": { "email": { "weeklyGoals": true, "yearlyGoals": false } } }));
}
