//! Changing profile and role.

use harness::http::{Answer, Request};
use serde_json::{Value, json};

use crate::stage::{Stage, realm};

#[track_caller]
fn says(answer: &Answer, status: u16, text: &str) {
    assert_eq!((answer.status, answer.text().as_str()), (status, text), "{answer}");
}

fn current(stage: &Stage, token: &str) -> Value {
    serde_json::from_str(&stage.get_as("/api/users/current", token).expect_status(200).text()).unwrap()
}

fn permissions(stage: &Stage, name: &str) -> Vec<String> {
    stage.run(stage.accounts.find(&realm(), name)).unwrap().unwrap().permissions.as_slice().to_vec()
}

#[test]
fn what_is_given_is_set_and_the_rest_stays() {
    let stage = Stage::new();
    let ada = stage.signed_in("ada", &["user"]);
    let id = stage.id("ada");
    let update = |fields: &[(&str, &str)]| {
        says(&stage.users("PATCH", "update", &ada, &[&[("id", &*id)], fields].concat()), 200, "User Updated");
    };
    update(&[("bio", "Line one\nand \"two\" \u{1f980}"), ("favTrackId", "t1"), ("publicStats", "TRUE")]);
    update(&[("favAlbumId", "a1"), ("FAVARTISTID", "r1"), ("bio", "")]);
    update(&[]);
    let user = current(&stage, &ada);
    assert_eq!(user["bio"], "Line one\nand \"two\" \u{1f980}");
    assert_eq!(
        (&user["favTrack"], &user["favAlbum"], &user["favArtist"], &user["publicStats"]),
        (&json!("t1"), &json!("a1"), &json!("r1"), &json!(true))
    );
    // The session goes on: nothing that the token names has changed.
    stage.get_as("/auth/check", &ada).expect_status(200);
}

#[test]
fn parameters_come_in_the_query_or_a_body() {
    let stage = Stage::new();
    let ada = stage.signed_in("ada", &["user"]);
    let id = stage.id("ada");
    let patch = || Request::new("PATCH", "/api/users/update").bearer(&ada);
    for (bio, request) in [
        ("form", patch().form(&[("id", &id), ("bio", "form")])),
        ("json", patch().json(&json!({ "Id": id, "BIO": "json", "publicStats": null }))),
        ("both", patch().query(&[("id", &id)]).json(&json!({ "id": "other", "bio": "both" }))),
    ] {
        stage.ask(request).expect_status(200);
        assert_eq!(current(&stage, &ada)["bio"], bio);
    }
    let quoted = patch().query(&[("id", &id)]).header("Accept", "application/json");
    says(&stage.ask(quoted), 200, r#""User Updated""#);
    let broken = Request { body: b"{".to_vec(), ..patch().query(&[("id", &id)]).json(&json!({})) };
    assert_eq!(stage.ask(broken).status, 400);
}

#[test]
fn the_order_is_bearer_then_id_then_right_then_values_then_account() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let ada = stage.signed_in("ada", &["user"]);
    let server = stage.server_token();
    stage.signed_in("bob", &[]);
    let (own, bob) = (stage.id("ada"), stage.id("bob"));
    let update = |token: &str, fields: &[(&str, &str)]| stage.users("PATCH", "update", token, fields);
    says(&stage.ask(Request::new("PATCH", "/api/users/update")), 401, "");
    for token in ["nonsense", &server] {
        says(&update(token, &[("id", &own), ("bio", "x")]), 401, "");
    }
    let answer = update(&ada, &[("role", "King")]);
    assert!(answer.status == 400 && answer.text().contains("The id field is required."), "{answer}");
    for id in [&*bob, "nobody", "a\0b"] {
        says(&update(&ada, &[("id", id), ("bio", "x"), ("publicStats", "maybe")]), 401, "Invalid Auth");
    }
    for role in ["User", "Admin", "King"] {
        says(&update(&ada, &[("id", &own), ("bio", "x"), ("role", role)]), 401, "Invalid Auth");
    }
    for id in [&*bob, "nobody"] {
        says(&update(&admin, &[("id", id), ("role", "King")]), 400, "Role must be Admin, User or Pass");
        says(&update(&admin, &[("id", id), ("publicStats", "1")]), 400, "Invalid publicStats");
        says(&update(&admin, &[("id", id), ("bio", &"x".repeat(2_049))]), 400, "Invalid bio");
        says(&update(&admin, &[("id", id), ("favTrackId", "\0")]), 400, "Invalid favTrackId");
    }
    for id in ["nobody", "a\0b"] {
        says(&update(&admin, &[("id", id), ("bio", "x"), ("role", "Pass")]), 404, "User Not Found");
    }
    assert_eq!(current(&stage, &ada)["bio"], "", "nothing was saved");
    assert_eq!(permissions(&stage, "bob"), [""; 0]);
}

#[test]
fn an_administrator_changes_others_and_their_role() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let bob = stage.signed_in("bob", &["nodes.*", "User"]);
    let id = stage.id("bob");
    let role =
        |role: &str| stage.users("PATCH", "update", &admin, &[("id", &id), ("role", role), ("bio", role)]);
    says(&role("User"), 200, "User Updated");
    assert_eq!(permissions(&stage, "bob"), ["nodes.*", "User"]);
    assert_eq!(current(&stage, &bob)["bio"], "User", "the same role ends no session");
    says(&role("Pass"), 200, "User Updated");
    assert_eq!(permissions(&stage, "bob"), ["nodes.*", "pass"]);
    says(&stage.get_as("/auth/check", &bob), 401, "");
    let bob = stage.login("bob", "correct horse").expect_status(200).text();
    assert_eq!(current(&stage, &bob)["type"], "Pass");
    says(&role("Admin"), 200, "User Updated");
    assert_eq!(permissions(&stage, "bob"), ["nodes.*", "admin"]);
    says(&role("User"), 200, "User Updated");
    assert_eq!(permissions(&stage, "bob"), ["nodes.*", "user"]);
}

#[test]
fn the_last_administrator_stays_one_and_then_nothing_is_saved() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let id = stage.id("root");
    let step_down =
        || stage.users("PATCH", "update", &admin, &[("id", &id), ("role", "User"), ("bio", "gone")]);
    says(&step_down(), 400, "The last Admin cannot be removed");
    stage.signed_in("second", &["ADMIN"]);
    stage.run(stage.accounts.disable(&realm(), "second")).unwrap();
    says(&step_down(), 400, "The last Admin cannot be removed");
    assert_eq!(
        (&current(&stage, &admin)["bio"], &current(&stage, &admin)["type"]),
        (&json!(""), &json!("Admin"))
    );
    stage.run(stage.accounts.enable(&realm(), "second")).unwrap();
    says(&step_down(), 200, "User Updated");
    says(&stage.get_as("/auth/check", &admin), 401, "");
    let former = stage.login("root", "correct horse").expect_status(200).text();
    assert_eq!(
        (&current(&stage, &former)["bio"], &current(&stage, &former)["type"]),
        (&json!("gone"), &json!("User"))
    );
    says(&stage.users("PATCH", "update", &former, &[("id", &id), ("role", "Admin")]), 401, "Invalid Auth");
}
