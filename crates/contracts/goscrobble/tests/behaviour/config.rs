//! What administrators set while the server runs.

use accounts::Registration;

use crate::server::{Server, Settings, error};

const SAVED: (u16, &str) = (200, r#"{"message":"Config updated successfully"}"#);
const NO_TOKEN: (u16, &str) = (401, "{\"error\":\"Invalid JWT Token\"}\n");
const NO_ADMIN: (u16, &str) = (401, "{\"error\":\"User is not admin\"}\n");

fn shown(registration: &str) -> String {
    format!(
        r#"{{"configs":{{"LASTFM_API_KEY":"","REGISTRATION_ENABLED":"{registration}","SPOTIFY_API_ID":"","SPOTIFY_API_SECRET":""}}}}"#
    )
}

#[tokio::test]
async fn an_administrator_closes_and_opens_registration() {
    let server = Server::start().await;
    let admin = server.signed_in("root", "Admin").await;
    assert_eq!(server.call("GET", "config", &admin, "").await.says(), (200, shown("1").as_str()));
    for (value, registration) in
        [("0", "Registration is currently disabled"), ("1", "A username is required")]
    {
        let sent = format!(r#"{{"REGISTRATION_ENABLED":"{value}","SPOTIFY_API_ID":"x","other":[5]}}"#);
        assert_eq!(server.call("POST", "config", &admin, sent).await.says(), SAVED);
        assert_eq!(server.call("GET", "config", &admin, "").await.says(), (200, shown(value).as_str()));
        let info = server.send("GET", "/api/v1/serverinfo", &[], "").await;
        assert_eq!(info.body, format!(r#"{{"version":"0.2.0","registration_enabled":"{value}"}}"#));
        let answer = server.post("register", r#"{"password":"password-1"}"#).await;
        assert_eq!(answer.says(), (200, error(registration).as_str()));
    }
}

#[tokio::test]
async fn nobody_else_sees_or_sets_anything_whatever_they_send() {
    let server = Server::start().await;
    let bob = server.signed_in("bob", "mod").await;
    let wild = server.signed_in("wild", "admin.*").await;
    for sent in [r#"{"REGISTRATION_ENABLED":"0"}"#, "nonsense", ""] {
        for (method, sent) in [("GET", ""), ("POST", sent)] {
            for token in [&bob, &wild] {
                assert_eq!(server.call(method, "config", token, sent).await.says(), NO_ADMIN, "{method}");
            }
            assert_eq!(server.call(method, "config", "nonsense", sent).await.says(), NO_TOKEN, "{method}");
            assert_eq!(server.send(method, "/api/v1/config", &[], sent).await.says(), NO_TOKEN, "{method}");
        }
    }
    let admin = server.signed_in("root", "admin").await;
    assert_eq!(server.call("GET", "config", &admin, "").await.body, shown("1"));
    server.accounts.forbid(&server.mount.policy().realm, "root", "admin").await.unwrap();
    assert_eq!(server.call("GET", "config", &admin, "").await.says(), NO_TOKEN, "its session has ended");
}

#[tokio::test]
async fn values_that_mean_nothing_change_nothing() {
    let server = Server::start().await;
    let admin = server.signed_in("root", "admin").await;
    let malformed = (400, "{\"error\":\"Invalid JSON\"}\n");
    for sent in [
        "",
        "[]",
        "nonsense",
        r#"{"REGISTRATION_ENABLED":0}"#,
        r#"{"REGISTRATION_ENABLED":false}"#,
        r#"{"REGISTRATION_ENABLED":"1","REGISTRATION_ENABLED":"0"}"#,
    ] {
        assert_eq!(server.call("POST", "config", &admin, sent).await.says(), malformed, "{sent}");
    }
    for value in ["", "false", "00", " 0", "2"] {
        let sent = format!(r#"{{"REGISTRATION_ENABLED":"{value}"}}"#);
        let answer = server.call("POST", "config", &admin, sent).await;
        assert_eq!(answer.says(), (200, error("REGISTRATION_ENABLED must be 0 or 1").as_str()), "{value:?}");
    }
    for sent in ["{}", r#"{"REGISTRATION_ENABLED":null}"#, r#"{"registration_enabled":"0"}"#] {
        assert_eq!(server.call("POST", "config", &admin, sent).await.says(), SAVED, "{sent}");
    }
    assert_eq!(server.call("GET", "config", &admin, "").await.body, shown("1"));
}

#[tokio::test]
async fn what_the_settings_file_closed_stays_closed_and_that_is_said() {
    for registration in [Registration::Closed, Registration::Invite] {
        let mut settings = Settings::default();
        settings.policy.registration = registration;
        let server = Server::with(settings).await;
        let realm = server.mount.policy().realm.clone();
        let root = accounts::CreateAccount {
            realm: &realm,
            username: "root",
            email: None,
            email_confirmed: false,
            password: "password-1".into(),
            permissions: Some(model::Permissions::new(["admin".to_owned()])),
        };
        server.accounts.create(root).await.unwrap();
        let admin = server.login("root", "password-1").await.token();
        let answer = server.call("POST", "config", &admin, r#"{"REGISTRATION_ENABLED":"1"}"#).await;
        let said = error("Registration is closed in the settings of the server");
        assert_eq!(answer.says(), (200, said.as_str()));
        assert_eq!(server.call("GET", "config", &admin, "").await.body, shown("0"));
        let answer = server.call("POST", "config", &admin, r#"{"REGISTRATION_ENABLED":"0"}"#).await;
        assert_eq!(answer.says(), SAVED);
    }
}
