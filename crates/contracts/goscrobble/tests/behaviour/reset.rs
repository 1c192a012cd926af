//! Choosing a new password by mail.

use model::Span;

use crate::server::{Server, Settings, error};

const SENT: (u16, &str) = (200, r#"{"message":"Password reset email sent"}"#);
const DONE: (u16, &str) = (200, r#"{"message":"Password updated successfully!"}"#);

fn with(token: &str, password: &str) -> String {
    format!(r#"{{"token":"{token}","password":"{password}"}}"#)
}

fn asking(token: &str) -> String {
    format!(r#"{{"token":"{token}"}}"#)
}

#[tokio::test]
async fn the_answer_never_tells_whether_there_is_an_account() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    server.register("gone", "password-1").await;
    server.accounts.disable(&server.mount.policy().realm, "gone").await.unwrap();
    let long = format!(r#"{{"email":"{}@test.com"}}"#, "a".repeat(90_000));
    for sent in [
        r#"{"email":"bob@test.com"}"#,
        r#"{"EMAIL":"BOB@Test.Com"}"#,
        r#"{"email":"gone@test.com"}"#,
        r#"{"email":"nobody@test.com"}"#,
        r#"{"email":"bob"}"#,
        r#"{"email":"bob@test.com\r\nBcc: eve@test.com"}"#,
        r#"{"email":"bob@test.com\u0000"}"#,
        r#"{"email":""}"#,
        r#"{"email":null}"#,
        "{}",
        &long,
    ] {
        assert_eq!(server.post("sendreset", sent.to_owned()).await.says(), SENT, "{sent:.60}");
    }
    assert_eq!(server.newest_mail("gone@test.com", "").await, None);
    assert_eq!(server.newest_mail("eve@test.com", "").await, None);
    assert!(server.newest_mail("bob@test.com", "reset").await.is_some());
}

#[tokio::test]
async fn the_mail_links_to_the_clients_page_whatever_the_request_says() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let evil =
        [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("origin", "https://evil.example")];
    let sent = r#"{"email":"bob@test.com"}"#;
    assert_eq!(server.send("POST", "/api/v1/sendreset", &evil, sent).await.says(), SENT);
    let text = server.newest_mail("bob@test.com", "reset").await.unwrap();
    assert!(!text.contains("evil.example"), "{text}");
    assert!(text.contains("GoScrobble") && text.contains("bob") && text.contains("60 minutes"), "{text}");
    let (_, rest) = text.split_once("https://music.example/reset/").unwrap();
    let token: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    assert_eq!(token.len(), 16, "{text}");
}

#[tokio::test]
async fn without_a_password_the_token_is_judged_and_kept() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let token = server.mailed_reset("bob").await;
    let good = [asking(&token), format!(r#"{{"TOKEN":"{token}","password":null}}"#), asking(&token)];
    for sent in good {
        assert_eq!(
            server.post("resetpassword", sent.clone()).await.says(),
            (200, r#"{"valid":true}"#),
            "{sent}"
        );
    }
    for sent in
        ["{}", r#"{"token":null}"#, r#"{"token":""}"#, &asking("abcdefghijklmnop"), &asking(r"a\u0000")]
    {
        assert_eq!(server.post("resetpassword", sent.to_owned()).await.says(), (200, "{}"), "{sent}");
    }
    assert_eq!(server.post("resetpassword", with(&token, "password-2")).await.says(), DONE);
}

#[tokio::test]
async fn a_short_password_comes_before_the_token_and_uses_nothing_up() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let token = server.mailed_reset("bob").await;
    let short = error("Password must be at least 8 characters");
    let long = error("Password is too long");
    let too_long = "x".repeat(1_025);
    for (password, said) in [("", &short), ("Hunter1", &short), ("éééé", &short), (too_long.as_str(), &long)]
    {
        for token in [token.as_str(), "abcdefghijklmnop"] {
            let answer = server.post("resetpassword", with(token, password)).await;
            assert_eq!(answer.says(), (200, said.as_str()), "{password:.20} {token}");
        }
    }
    for sent in [format!(r#"{{"token":"{token}","password":12345678}}"#), r#"{"token":5}"#.to_owned()] {
        let answer = server.post("resetpassword", sent).await;
        assert_eq!(answer.says(), (400, "{\"error\":\"Invalid JSON\"}\n"));
    }
    assert_eq!(server.post("resetpassword", with(&token, "password-2")).await.says(), DONE);
}

#[tokio::test]
async fn the_documents_eight_bytes_hold_where_the_realm_takes_less() {
    let server = Server::with(Settings { min_password: 4, ..Settings::default() }).await;
    server.register("bob", "password-1").await;
    let token = server.mailed_reset("bob").await;
    let short = error("Password must be at least 8 characters");
    assert_eq!(server.post("resetpassword", with(&token, "Hunter1")).await.says(), (200, short.as_str()));
    assert_eq!(server.post("resetpassword", with(&token, "éééé")).await.says(), DONE);
}

#[tokio::test]
async fn a_token_works_once_and_within_the_hour() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let spent = error("Invalid Token");
    let replaced = server.mailed_reset("bob").await;
    let token = server.mailed_reset("bob").await;
    assert_eq!(
        server.post("resetpassword", with(&replaced, "password-2")).await.says(),
        (200, spent.as_str())
    );
    server.clock.advance(Span::seconds(3_599));
    assert_eq!(server.post("resetpassword", with(&token, "password-2")).await.says(), DONE);
    assert_eq!(server.post("resetpassword", with(&token, "password-3")).await.says(), (200, spent.as_str()));
    let late = server.mailed_reset("bob").await;
    server.clock.advance(Span::hours(1));
    assert_eq!(server.post("resetpassword", with(&late, "password-3")).await.says(), (200, spent.as_str()));
    assert_eq!(server.post("resetpassword", asking(&late)).await.says(), (200, "{}"));
    assert!(!server.login("bob", "password-2").await.token().is_empty());
}

#[tokio::test]
async fn of_two_who_use_it_at_once_one_wins() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let token = server.mailed_reset("bob").await;
    let (one, other) = tokio::join!(
        server.post("resetpassword", with(&token, "password-2")),
        server.post("resetpassword", with(&token, "password-3")),
    );
    let wins = |answer: &crate::server::Answer| answer.says() == DONE;
    assert!(wins(&one) != wins(&other), "{one:?} {other:?}");
    let winner = if wins(&one) { "password-2" } else { "password-3" };
    assert!(!server.login("bob", winner).await.token().is_empty());
}

#[tokio::test]
async fn every_session_ends() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let before = server.login("bob", "password-1").await;
    let token = server.mailed_reset("bob").await;
    assert_eq!(server.post("resetpassword", with(&token, "password-2")).await.says(), DONE);
    assert_eq!(server.check(&before.token()).await.status, 401);
    let refused = error("Invalid refresh token");
    assert_eq!(server.refresh(&before.refresh_token()).await.says(), (200, refused.as_str()));
    let refused = error("Invalid Username or Password");
    assert_eq!(server.login("bob", "password-1").await.says(), (200, refused.as_str()));
    assert!(server.newest_mail("bob@test.com", "changed").await.is_some());
}
