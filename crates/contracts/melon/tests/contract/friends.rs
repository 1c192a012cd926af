//! Adding friends and taking them away.

use harness::http::{Answer, Request};
use serde_json::{Value, json};

use crate::stage::Stage;

#[track_caller]
fn says(answer: &Answer, status: u16, text: &str) {
    assert_eq!((answer.status, answer.text().as_str()), (status, text), "{answer}");
}

fn friends(stage: &Stage, token: &str) -> Value {
    let user: Value = serde_json::from_str(&stage.get_as("/api/users/current", token).text()).unwrap();
    user["friends"].clone()
}

#[test]
fn friends_are_listed_in_the_order_they_were_added_and_once() {
    let stage = Stage::new();
    let ada = stage.signed_in("ada", &["pass"]);
    stage.signed_in("bob", &[]);
    stage.signed_in("carol", &[]);
    let (bob, carol) = (stage.id("bob"), stage.id("carol"));
    assert_eq!(friends(&stage, &ada), Value::Null);
    for id in [&bob, &carol, &bob] {
        says(&stage.users("POST", "add-friend", &ada, &[("id", id)]), 200, "Friend Added");
    }
    assert_eq!(friends(&stage, &ada), json!([bob, carol]));
    for id in [&bob, &bob, &carol] {
        says(&stage.users("POST", "remove-friend", &ada, &[("id", id)]), 200, "Friend Removed");
    }
    assert_eq!(friends(&stage, &ada), json!([]));
}

#[test]
fn a_friend_exists_when_added_but_need_not_when_removed() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let ada = stage.signed_in("ada", &[]);
    stage.signed_in("bob", &[]);
    let bob = stage.id("bob");
    for unknown in ["nobody", "a\0b", &"x".repeat(5_000)] {
        says(&stage.users("POST", "add-friend", &ada, &[("id", unknown)]), 404, "User Not Found");
        says(&stage.users("POST", "remove-friend", &ada, &[("id", unknown)]), 200, "Friend Removed");
    }
    stage.users("POST", "add-friend", &ada, &[("id", &bob)]).expect_status(200);
    stage.users("POST", "delete", &admin, &[("id", &bob)]).expect_status(200);
    assert_eq!(friends(&stage, &ada), json!([bob]));
    says(&stage.users("POST", "remove-friend", &ada, &[("id", &bob)]), 200, "Friend Removed");
    assert_eq!(friends(&stage, &ada), json!([]));
}

#[test]
fn the_id_comes_in_the_query_or_a_body_and_the_bearer_before_it() {
    let stage = Stage::new();
    let ada = stage.signed_in("ada", &[]);
    let server = stage.server_token();
    stage.signed_in("bob", &[]);
    let bob = stage.id("bob");
    for name in ["add-friend", "remove-friend"] {
        let post = || Request::new("POST", &format!("/api/users/{name}"));
        for request in
            [post().query(&[("ID", &bob)]), post().form(&[("id", &bob)]), post().json(&json!({ "Id": bob }))]
        {
            stage.ask(request.bearer(&ada)).expect_status(200);
        }
        for request in [post(), post().query(&[("jwt", &ada), ("id", &bob)])] {
            let answer = stage.ask(request);
            says(&answer, 401, "");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
        says(&stage.ask(post().bearer(&server).query(&[("id", &bob)])), 401, "");
        for request in [post(), post().query(&[("id", "")]), post().json(&json!({ "id": [bob] }))] {
            let answer = stage.ask(request.bearer(&ada));
            assert_eq!(answer.status, 400);
            assert!(answer.text().starts_with(r#"{"errors":{"id":["The id field is required."]},"#));
        }
    }
}

#[test]
fn nobody_has_more_than_two_hundred() {
    let stage = Stage::new();
    let ada = stage.signed_in("ada", &[]);
    stage.signed_in("bob", &[]);
    let (own, bob) = (stage.id("ada"), stage.id("bob"));
    let mount = stage.mount("melon");
    let caller = stage.run(mount.check(&ada)).unwrap();
    let many: Vec<String> = (0..200).map(|n| format!("{n:036}")).collect();
    let fill = |kept: &mut serde_json::Map<String, Value>| {
        kept.insert("friends".to_owned(), many.clone().into());
    };
    let id = model::AccountId::from_text(own);
    stage.run(mount.change_document(&caller, &id, &crate::stage::client(), fill)).unwrap();
    says(&stage.users("POST", "add-friend", &ada, &[("id", &bob)]), 400, "Profile is too large");
    stage.users("POST", "remove-friend", &ada, &[("id", &many[7])]).expect_status(200);
    says(&stage.users("POST", "add-friend", &ada, &[("id", &bob)]), 200, "Friend Added");
}
