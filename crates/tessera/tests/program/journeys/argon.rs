//! Argon's panel: one token in local storage, sent as it is on every call (argon.md 4).

use harness::process::TesseraProcess;
use serde_json::{Value, json};

use super::{Surfer, text};
use crate::stand::{PASSWORD, account, administrator, server, unique};

/// Signs in as the login page does: the panel's name, the token, who it is.
#[track_caller]
fn sign_in(server: &TesseraProcess, name: &str, password: &str) -> (Surfer, Value) {
    let mut panel = Surfer::new(server, &[("Accept", "*/*")]);
    assert!(!panel.get("/api/system").expect_status(200).field("name").is_empty());
    let fields = json!({ "username": name, "password": "no horse" });
    let wrong = panel.send("POST", "/api/auth/login", &fields).expect_status(401);
    assert!(!wrong.field("error").is_empty());
    let fields = json!({ "username": name, "password": password });
    panel.token = panel.send("POST", "/api/auth/login", &fields).expect_status(200).field("token");
    let state = load(&mut panel);
    (panel, state)
}

/// What every load of a page asks first. Anything but a 2xx signs the user out.
#[track_caller]
fn load(panel: &mut Surfer) -> Value {
    let state = panel.get("/api/auth/state").expect_status(200).json();
    text(&state, "username");
    assert!(state["permissions"].is_array(), "{state}");
    state
}

#[test]
fn a_panel_is_used_and_its_user_renamed() {
    let server = server();
    let name = account(&server, "panelist");
    let (mut panel, state) = sign_in(&server, &name, PASSWORD);
    assert_eq!(state["username"], name);
    assert_eq!(load(&mut panel), state);
    let new = unique("renamed");
    let renamed = panel.send("PUT", "/api/auth/profile", &json!({ "newUsername": new })).expect_status(200);
    assert!(!renamed.field("message").is_empty());
    let old = std::mem::replace(&mut panel.token, renamed.field("token"));
    // After a moment the page loads again, with the token that it was given.
    assert_eq!(load(&mut panel)["username"], new);
    let fields = json!({ "currentPassword": PASSWORD, "newPassword": "another horse 2" });
    let changed = panel.send("PUT", "/api/auth/profile", &fields).expect_status(200);
    panel.token = changed.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(load(&mut panel)["username"], new);
    panel.token = old;
    assert_eq!(panel.get("/api/auth/state").status, 401);
    // Logged out, the panel still asks, with the word that it has in the place of a token.
    panel.token = "null".to_owned();
    assert!(panel.get("/api/projects").status < 500);
    sign_in(&server, &new, "another horse 2");
}

#[test]
fn administrators_manage_users_and_keys() {
    let server = server();
    let boss = administrator(&server, "boss");
    let (mut panel, state) = sign_in(&server, &boss, PASSWORD);
    // Compared letter by letter.
    assert!(state["permissions"].as_array().unwrap().contains(&json!("admin")), "{state}");
    let name = unique("hired");
    // The page writes permissions in upper case, and reads them so.
    let fields = json!({ "username": name, "password": PASSWORD, "permissions": ["USER"] });
    let made = panel.send("POST", "/api/users", &fields).expect_status(201).json();
    let users = panel.get("/api/users").expect_status(200).json();
    let users = users.as_array().unwrap();
    for user in users {
        for field in ["id", "username", "createdAt", "updatedAt"] {
            text(user, field);
        }
    }
    let found = users.iter().find(|user| user["id"] == made["id"]).unwrap();
    assert_eq!((&found["username"], &found["permissions"]), (&json!(name), &json!(["USER"])));
    let (mut hired, _) = sign_in(&server, &name, PASSWORD);
    assert_eq!(hired.get("/api/users").status, 403);
    let path = format!("/api/users/{}", text(&made, "id"));
    let fields = json!({ "username": name, "permissions": ["USER", "ADMIN"] });
    panel.send("PATCH", &path, &fields).expect_status(200);
    hired.get("/api/users").expect_status(200);

    let key = panel.send("POST", "/api/api-keys", &json!({ "name": "backup", "permissions": ["admin"] }));
    let key = key.expect_status(201).json();
    let listed = panel.get("/api/api-keys").expect_status(200).json();
    let listed = listed.as_array().unwrap();
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &key["id"]));
    assert!(!listed[0].to_string().contains(text(&key, "key")), "the text of a key is shown again");
    let mut script = Surfer::new(&server, &[("X-API-Key", text(&key, "key"))]);
    script.get("/api/users").expect_status(200);
    let path_of_key = format!("/api/api-keys/{}", text(&key, "id"));
    panel.send("PATCH", &path_of_key, &json!({ "permissions": ["user"] })).expect_status(200);
    assert_eq!(script.get("/api/users").status, 403);
    let again = panel.bare("POST", &format!("{path_of_key}/regenerate")).expect_status(200);
    assert_eq!(script.get("/api/auth/state").status, 401, "the old text still opens");
    script = Surfer::new(&server, &[("X-API-Key", &again.field("key"))]);
    script.get("/api/auth/state").expect_status(200);
    panel.bare("DELETE", &path_of_key).expect_status(204);
    assert_eq!(script.get("/api/auth/state").status, 401);

    panel.bare("DELETE", &path).expect_status(200);
    assert_eq!(hired.get("/api/auth/state").status, 401);
}
