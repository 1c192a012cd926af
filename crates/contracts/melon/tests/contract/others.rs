//! New names and passwords, and the end of accounts.

use harness::http::{Answer, Request};
use serde_json::json;

use crate::stage::{PASSWORD, Stage, realm};

const OVER: &str = r#"Bearer error="invalid_token", error_description="The token is no longer valid""#;

#[track_caller]
fn says(answer: &Answer, status: u16, text: &str) {
    assert_eq!((answer.status, answer.text().as_str()), (status, text), "{answer}");
}

#[track_caller]
fn over(stage: &Stage, token: &str) {
    let answer = stage.get_as("/auth/check", token);
    says(&answer, 401, "");
    assert_eq!(answer.header("www-authenticate"), Some(OVER));
}

#[test]
fn a_new_name_ends_every_token_that_has_the_old_one() {
    let stage = Stage::new();
    let ada = stage.signed_in("ada", &["user"]);
    let again = stage.login("ada", PASSWORD).expect_status(200).text();
    let id = stage.id("ada");
    let rename = |token: &str, name: &str| {
        stage.users("PATCH", "change-username", token, &[("id", &id), ("username", name)])
    };
    says(&rename(&ada, "ada"), 200, "Username Changed");
    stage.get_as("/auth/check", &ada).expect_status(200);
    says(&rename(&ada, "Ada"), 200, "Username Changed");
    over(&stage, &ada);
    over(&stage, &again);
    let token = stage.login("Ada", PASSWORD).expect_status(200).text();
    let answer = stage.get_as("/api/users/current", &token).expect_status(200);
    assert!(answer.text().contains(&format!(r#"{{"_id":"{id}","username":"Ada""#)));
    says(&rename(&token, "Lovelace"), 200, "Username Changed");
    says(&stage.login("ada", PASSWORD), 401, "Invalid username or password");
    stage.login("lovelace", PASSWORD).expect_status(200);
}

#[test]
fn a_name_that_cannot_be_had_changes_nothing() {
    let stage = Stage::new();
    let ada = stage.signed_in("ada", &[]);
    stage.signed_in("Bob", &[]);
    let id = stage.id("ada");
    let rename =
        |name: &str| stage.users("PATCH", "change-username", &ada, &[("id", &id), ("username", name)]);
    for name in ["bob", "BOB", "\u{ff42}ob"] {
        says(&rename(name), 400, "Username already exists");
    }
    for name in [" ", "a\0b", "a\u{200b}b", &"x".repeat(256)] {
        says(&rename(name), 400, "Invalid username");
    }
    stage.get_as("/auth/check", &ada).expect_status(200);
    stage.login("ada", PASSWORD).expect_status(200);
}

#[test]
fn a_new_password_ends_every_token_and_is_as_long_as_any() {
    let stage = Stage::with(|settings| settings.min_password = 10);
    let ada = stage.signed_in("ada", &["pass"]);
    let again = stage.login("ada", PASSWORD).expect_status(200).text();
    let id = stage.id("ada");
    let change = |password: &str| {
        stage.users("PATCH", "change-password", &ada, &[("id", &id), ("password", password)])
    };
    says(&change("123456789"), 400, "Password must be at least 10 characters");
    says(&change(&"x".repeat(1_025)), 400, "Password is too long");
    stage.get_as("/auth/check", &ada).expect_status(200);
    let new = " 100% & \u{1f980}+\0";
    says(&change(new), 200, "Password Changed");
    over(&stage, &ada);
    over(&stage, &again);
    says(&stage.login("ada", PASSWORD), 401, "Invalid username or password");
    stage.login("ada", new).expect_status(200);
}

#[test]
fn an_administrator_renames_and_repasswords_others_and_keeps_the_session() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let bob = stage.signed_in("bob", &[]);
    let id = stage.id("bob");
    let patch = |name: &str| Request::new("PATCH", &format!("/api/users/{name}")).bearer(&admin);
    let renamed = stage.ask(patch("change-username").json(&json!({ "id": id, "username": "robert" })));
    says(&renamed, 200, "Username Changed");
    over(&stage, &bob);
    let bob = stage.login("robert", PASSWORD).expect_status(200).text();
    let changed =
        stage.ask(patch("change-password").query(&[("id", &id)]).form(&[("password", "battery staple")]));
    says(&changed, 200, "Password Changed");
    over(&stage, &bob);
    stage.login("robert", "battery staple").expect_status(200);
    stage.get_as("/auth/check", &admin).expect_status(200);
}

#[test]
fn nobody_changes_somebody_else() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let ada = stage.signed_in("ada", &["user"]);
    let wild = stage.signed_in("wild", &["admin.*", "pass"]);
    let server = stage.server_token();
    let bob = stage.signed_in("bob", &[]);
    let (own, id) = (stage.id("ada"), stage.id("bob"));
    for (name, field, value) in
        [("change-username", "username", "mallory"), ("change-password", "password", "battery staple")]
    {
        let change = |token: &str, id: &str| stage.users("PATCH", name, token, &[("id", id), (field, value)]);
        for token in [&ada, &wild] {
            for id in [&*id, "nobody", "a\0b"] {
                says(&change(token, id), 401, "Invalid Auth");
            }
        }
        for token in ["nonsense", &server] {
            says(&change(token, &id), 401, "");
        }
        says(&stage.ask(Request::new("PATCH", &format!("/api/users/{name}"))), 401, "");
        for id in ["nobody", "a\0b"] {
            says(&change(&admin, id), 404, "User Not Found");
        }
        let answer = stage.users("PATCH", name, &ada, &[]);
        assert_eq!(answer.status, 400);
        let field_missing = format!(r#""{field}":["The {field} field is required."]"#);
        assert!(answer.text().contains(r#""id":["The id field is required."]"#), "{answer}");
        assert!(answer.text().contains(&field_missing), "{answer}");
        let answer = stage.users("PATCH", name, &ada, &[("id", &own), (field, "")]);
        assert!(answer.status == 400 && answer.text().contains(&field_missing), "{answer}");
    }
    stage.get_as("/auth/check", &bob).expect_status(200);
    stage.login("bob", PASSWORD).expect_status(200);
}

#[test]
fn only_administrators_delete_and_never_the_last_of_them() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let ada = stage.signed_in("ada", &["user"]);
    let wild = stage.signed_in("wild", &["admin.*"]);
    let server = stage.server_token();
    let (root, id) = (stage.id("root"), stage.id("ada"));
    let delete = |token: &str, id: &str| stage.users("POST", "delete", token, &[("id", id)]);
    for token in [&ada, &wild, &server, &"nonsense".to_owned()] {
        for id in [&*id, "nobody", ""] {
            says(&delete(token, id), 401, "");
        }
    }
    assert_eq!(delete(&ada, &id).header("www-authenticate"), Some("Bearer"));
    assert_eq!(delete(&admin, "").status, 400);
    for id in ["nobody", "a\0b"] {
        says(&delete(&admin, id), 404, "User Not Found");
    }
    says(&delete(&admin, &root), 400, "The last Admin cannot be removed");
    says(&delete(&admin, &id), 200, "User Deleted");
    says(&delete(&admin, &id), 404, "User Not Found");
    over(&stage, &ada);
    says(&stage.login("ada", PASSWORD), 401, "Invalid username or password");
    assert!(stage.run(stage.accounts.find(&realm(), "ada")).unwrap().is_none());
    stage.signed_in("second", &["Admin"]);
    let body = Request::new("POST", "/api/users/delete").bearer(&admin).json(&json!({ "id": root }));
    says(&stage.ask(body), 200, "User Deleted");
    over(&stage, &admin);
}
