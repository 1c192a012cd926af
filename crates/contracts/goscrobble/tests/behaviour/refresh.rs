//! Exchanging refresh tokens.

use model::Span;

use crate::server::{Server, error, somebody};

const REFUSED: &str = r#"{"error":"Invalid refresh token"}"#;

#[tokio::test]
async fn whatever_holds_no_token_is_an_invalid_one() {
    let server = Server::start().await;
    let long = format!(r#"{{"token":"{}"}}"#, "a".repeat(90_000));
    for sent in [
        "",
        "nonsense",
        "null",
        "[]",
        "{}",
        r#"{"token":null}"#,
        r#"{"token":5}"#,
        r#"{"token":""}"#,
        r#"{"token":"a\u0000b"}"#,
        r#"{"token":"abcdefghijklmnopqrstuvwxyz"}"#,
        &long,
    ] {
        let answer = server.post("refresh", sent.to_owned()).await;
        assert_eq!(answer.says(), (200, REFUSED), "{sent:.40}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    }
}

#[tokio::test]
async fn a_lost_answer_is_given_again_to_the_letter() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let first = server.login("bob", "password-1").await;
    server.clock.advance(Span::hours(1));
    let next = server.refresh(&first.refresh_token()).await;
    assert_ne!(next.refresh_token(), first.refresh_token());
    server.clock.advance(Span::seconds(10));
    let again = server.refresh(&first.refresh_token()).await;
    assert_eq!(again.body, next.body);
    assert_eq!(server.check(&first.token()).await.status, 401, "its successor was given out");
    assert_eq!(server.check(&next.token()).await.status, 200);
}

#[tokio::test]
async fn a_token_that_comes_again_later_ends_the_session() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let first = server.login("bob", "password-1").await;
    let next = server.refresh(&first.refresh_token()).await;
    server.clock.advance(Span::seconds(11));
    assert_eq!(server.refresh(&first.refresh_token()).await.says(), (200, REFUSED));
    assert_eq!(server.check(&next.token()).await.status, 401);
    assert_eq!(server.refresh(&next.refresh_token()).await.says(), (200, REFUSED));
}

#[tokio::test]
async fn it_works_until_its_last_second() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let first = server.login("bob", "password-1").await;
    server.clock.advance(Span::seconds(604_799));
    let next = server.refresh(&first.refresh_token()).await;
    assert!(!next.token().is_empty());
    server.clock.advance(Span::days(7));
    assert_eq!(server.refresh(&next.refresh_token()).await.says(), (200, REFUSED));
}

#[tokio::test]
async fn one_letter_more_less_or_other_is_not_the_token() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let token = server.login("bob", "password-1").await.refresh_token();
    let mut swapped = token.clone().into_bytes();
    swapped[63] = if swapped[63] == b'a' { b'b' } else { b'a' };
    let swapped = String::from_utf8(swapped).unwrap();
    for bad in [&token[..63], &format!("{token}a"), &swapped, &token.to_lowercase(), &format!(" {token}")] {
        assert_eq!(server.refresh(bad).await.says(), (200, REFUSED), "{bad}");
    }
    assert!(!server.refresh(&token).await.token().is_empty(), "none of that used it up");
}

#[tokio::test]
async fn a_disabled_account_and_another_mount_refresh_nothing() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let asked = accounts::SignIn {
        login: accounts::Login::Username("bob"),
        password: "password-1".into(),
        client: somebody(),
    };
    let accounts::SignedIn::Complete(foreign) = server.other.sign_in(asked).await.unwrap() else { panic!() };
    let foreign = server.other.refresh_letters(&foreign);
    assert_eq!(server.refresh(&foreign).await.says(), (200, REFUSED));
    let token = server.login("bob", "password-1").await.refresh_token();
    server.accounts.disable(&server.mount.policy().realm, "bob").await.unwrap();
    assert_eq!(server.refresh(&token).await.says(), (200, REFUSED));
    let refused = error("Invalid Username or Password");
    assert_eq!(server.login("bob", "password-1").await.says(), (200, refused.as_str()));
}
