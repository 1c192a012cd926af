//! Making accounts.

use accounts::{MountPolicy, Registration};
use model::Span;

use crate::server::{Server, Settings, error};

const DONE: &str = r#"{"message":"User created succesfully. You may now login"}"#;

fn body(username: &str, email: &str, password: &str) -> String {
    format!(r#"{{"username":{username},"email":{email},"password":{password}}}"#)
}

async fn closed(registration: Registration) -> Server {
    let policy = MountPolicy { registration, ..Settings::default().policy };
    Server::with(Settings { policy, ..Settings::default() }).await
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_documented_order() {
    let server = Server::start().await;
    server.register("taken", "password-1").await;
    let long = format!(r#""{}""#, "a".repeat(65));
    let table = [
        // Each line mends what the line before was refused for; all else stays as wrong as can be.
        (body(r#""""#, r#""bad""#, r#""1234567""#), "Password must be at least 8 characters"),
        (body("null", r#""bad""#, r#""eight ch""#), "A username is required"),
        (body(&long, r#""bad""#, r#""eight ch""#), "Username contains invalid characters"),
        (body(r#""TAKEN""#, r#""bad""#, r#""eight ch""#), "Invalid email address"),
        (body(r#""TAKEN""#, r#""a@test.com""#, r#""eight ch""#), "Username or email already exists"),
        (body(r#""new""#, r#""Taken@TEST.com""#, r#""eight ch""#), "Username or email already exists"),
    ];
    for (sent, said) in table {
        assert_eq!(server.post("register", sent.clone()).await.says(), (200, error(said).as_str()), "{sent}");
    }
    let sent = body(r#""new""#, r#""a@test.com""#, r#""eight ch""#);
    assert_eq!(server.post("register", sent).await.says(), (200, DONE));
}

#[tokio::test]
async fn usernames_are_ascii_letters_digits_dots_and_underscores() {
    let server = Server::start().await;
    let refused = error("Username contains invalid characters");
    for bad in [r"a\u0000b", r"a\nb", "a b", "a@b", "a-b", "ä", "ａ", " ", r"a\u200bb", "<b>", "a%00"] {
        let sent = body(&format!(r#""{bad}""#), r#""x@test.com""#, r#""password-1""#);
        assert_eq!(server.post("register", sent).await.says(), (200, refused.as_str()), "{bad}");
    }
    let longest = format!(r#""{}""#, "a".repeat(64));
    let sent = body(&longest, r#""x@test.com""#, r#""password-1""#);
    assert_eq!(server.post("register", sent).await.says(), (200, DONE));
    let sent = body(r#""._9Z""#, r#""y@test.com""#, r#""password-1""#);
    assert_eq!(server.post("register", sent).await.says(), (200, DONE));
}

#[tokio::test]
async fn an_address_must_be_one() {
    let server = Server::start().await;
    let refused = error("Invalid email address");
    let long = format!("{}@test.com", "a".repeat(300));
    for bad in [
        "",
        " ",
        "x",
        "x@localhost",
        "x@test.com ",
        r"x@test.com\r\nBcc: y@z.com",
        r"x\u0000@test.com",
        &long,
    ] {
        let sent = body(r#""bob""#, &format!(r#""{bad}""#), r#""password-1""#);
        assert_eq!(server.post("register", sent).await.says(), (200, refused.as_str()), "{bad}");
    }
    for absent in
        [r#"{"username":"bob","password":"password-1"}"#, &body(r#""bob""#, "null", r#""password-1""#)]
    {
        assert_eq!(server.post("register", absent.to_owned()).await.says(), (200, refused.as_str()));
    }
}

#[tokio::test]
async fn password_lengths_count_bytes_and_then_the_realms_characters() {
    let server = Server::start().await;
    let short = error("Password must be at least 8 characters");
    let long = error("Password is too long");
    let most = "x".repeat(1_024);
    let too_long = "x".repeat(1_025);
    // Seven bytes; eight bytes of four characters; one more than any password may have.
    for (password, said) in [("1234567", &short), ("éééé", &short), (too_long.as_str(), &long)] {
        let sent = body(r#""bob""#, r#""bob@test.com""#, &format!(r#""{password}""#));
        assert_eq!(server.post("register", sent).await.says(), (200, said.as_str()));
    }
    server.register("bob", &most).await;
    assert!(!server.login("bob", &most).await.token().is_empty());
    let lax = Server::with(Settings { min_password: 4, ..Settings::default() }).await;
    let sent = body(r#""bob""#, r#""bob@test.com""#, r#""1234567""#);
    assert_eq!(lax.post("register", sent).await.says(), (200, short.as_str()));
    let sent = body(r#""bob""#, r#""bob@test.com""#, r#""éééé""#);
    assert_eq!(lax.post("register", sent).await.says(), (200, DONE), "eight bytes, and the realm takes four");
    let realm = Server::with(Settings { min_password: 12, ..Settings::default() }).await;
    let sent = body(r#""bob""#, r#""bob@test.com""#, r#""password-1""#);
    let said = error("Password must be at least 12 characters");
    assert_eq!(realm.post("register", sent).await.says(), (200, said.as_str()));
}

#[tokio::test]
async fn when_it_is_closed_nothing_else_is_looked_at() {
    for registration in [Registration::Closed, Registration::Invite] {
        let server = closed(registration).await;
        for sent in ["", "{bad", r#"{"username":"bob","email":"bob@test.com","password":"password-1"}"#] {
            let said = error("Registration is currently disabled");
            assert_eq!(server.post("register", sent).await.says(), (200, said.as_str()), "{sent}");
        }
        let info = server.send("GET", "/api/v1/serverinfo", &[], "").await;
        assert_eq!(info.says(), (200, r#"{"version":"0.2.0","registration_enabled":"0"}"#));
    }
}

#[tokio::test]
async fn nobody_becomes_more_than_a_user_by_asking() {
    let server = Server::start().await;
    let sent = r#"{"username":"eve","email":"eve@test.com","password":"password-1","admin":true,"mod":true,"permissions":["admin"],"verified":true,"active":false}"#;
    assert_eq!(server.post("register", sent).await.says(), (200, DONE));
    let account = server.accounts.find(&server.mount.policy().realm, "eve").await.unwrap().unwrap();
    assert_eq!(account.permissions.as_slice(), ["user"]);
    assert!(!account.email_confirmed && !account.disabled);
}

#[tokio::test]
async fn no_mail_is_sent_to_a_newcomer() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    assert_eq!(server.newest_mail("bob@test.com", "").await, None);
}

#[test]
fn the_policy_is_the_documents() {
    let policy = goscrobble::policy("https://music.example");
    assert_eq!((policy.name.as_str(), policy.realm.as_str()), ("goscrobble", "default"));
    assert_eq!(policy.algorithm, crypto::JwtAlgorithm::HS512);
    assert_eq!((policy.access, policy.refresh), (Span::days(7), Some(Span::days(7))));
    assert_eq!(policy.registration, Registration::Open);
    assert!(!policy.second_step && !policy.require_confirmed_email && policy.confirmation.is_none());
    assert!(policy.claims_username && policy.claims_permissions == ["admin", "mod"]);
    assert_eq!(policy.reset.unwrap().link, "https://music.example/reset/{token}");
}
