//! Too much, too often, too late, and broken.

use std::time::Duration;

use accounts::Limits;
use model::{Span, Throttle};
use web::Missed;

use crate::server::{Answer, Server, Settings, error};

fn once() -> Option<Throttle> {
    Some(Throttle { burst: 1, every: Span::seconds(90) })
}

async fn limited(limits: Limits) -> Server {
    Server::with(Settings { limits, ..Settings::default() }).await
}

fn is_throttled(answer: &Answer) {
    assert_eq!(answer.says(), (429, r#"{"message":"Too many requests"}"#));
    assert_eq!(answer.header("retry-after"), "90");
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn too_many_wrong_passwords_are_a_200_that_the_client_shows() {
    let locked = error("Too many attempts, try again later");
    for limits in [
        Limits { per_account: once(), ..Limits::default() },
        Limits { per_address: once(), ..Limits::default() },
    ] {
        let server = limited(limits).await;
        server.register("bob", "password-1").await;
        for name in ["bob", "nobody"] {
            server.login(name, "password-2").await;
            for password in ["password-1", "password-2"] {
                let answer = server.login(name, password).await;
                assert_eq!(answer.says(), (200, locked.as_str()), "{name} {password}");
            }
        }
        server.clock.advance(Span::minutes(3));
        assert!(!server.login("bob@test.com", "password-1").await.token().is_empty());
    }
}

#[tokio::test]
async fn too_many_registrations_and_mails_are_a_429() {
    let limits = Limits { registration: once(), mail_per_address: once(), ..Limits::default() };
    let server = limited(limits).await;
    server.register("bob", "password-1").await;
    let sent = r#"{"username":"eve","email":"eve@test.com","password":"password-1"}"#;
    is_throttled(&server.post("register", sent).await);
    server.mailed_reset("bob").await;
    for email in ["bob@test.com", "nobody@test.com", ""] {
        is_throttled(&server.post("sendreset", format!(r#"{{"email":"{email}"}}"#)).await);
    }
}

#[tokio::test]
async fn too_many_refreshes_are_a_429_and_the_session_goes_on() {
    let server = limited(Limits { refresh: once(), ..Limits::default() }).await;
    server.register("bob", "password-1").await;
    let first = server.login("bob", "password-1").await;
    let next = server.refresh(&first.refresh_token()).await;
    is_throttled(&server.refresh(&next.refresh_token()).await);
    assert_eq!(server.check(&next.token()).await.status, 200);
    server.clock.advance(Span::seconds(90));
    assert!(!server.refresh(&next.refresh_token()).await.token().is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_a_registration_is_said_for_nothing() {
    let server = limited(Limits { registration: once(), ..Limits::default() }).await;
    for _ in 0..3 {
        let answer = server.post("register", r#"{"username":"bob","password":"short"}"#).await;
        assert_eq!(answer.status, 200);
    }
    server.register("bob", "password-1").await;
}

#[tokio::test]
async fn too_many_mails_to_one_address_look_like_success() {
    let server = limited(Limits { mail: once(), ..Limits::default() }).await;
    server.register("bob", "password-1").await;
    let token = server.mailed_reset("bob").await;
    let answer = server.post("sendreset", r#"{"email":"bob@test.com"}"#).await;
    assert_eq!(answer.says(), (200, r#"{"message":"Password reset email sent"}"#));
    let answer = server.post("resetpassword", format!(r#"{{"token":"{token}"}}"#)).await;
    assert_eq!(answer.says(), (200, r#"{"valid":true}"#), "the mail not sent did not replace the one before");
}

#[tokio::test]
async fn without_the_database_everybody_is_asked_to_come_back() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    server.accounts.permit(&server.mount.policy().realm, "bob", "admin").await.unwrap();
    let token = server.login("bob", "password-1").await.token();
    server.check(&token).await;
    server.database.clone().close().await;
    for (method, call, sent) in [
        ("GET", "user", ""),
        ("GET", "user/", ""),
        ("PATCH", "user", r#"{"timezone":"UTC"}"#),
        ("PATCH", "user", r#"{"token":""}"#),
        ("PATCH", "user", r#"{"active":0}"#),
        ("GET", "config", ""),
        ("POST", "config", r#"{"REGISTRATION_ENABLED":"0"}"#),
        ("GET", "profile/bob", ""),
    ] {
        let answer = server.call(method, call, &token, sent).await;
        let said = error("Service unavailable, try again later");
        assert_eq!(answer.says(), (503, said.as_str()), "{method} {call}");
        assert_eq!(answer.header("retry-after"), "1", "{method} {call}");
    }
    let valid_letters = "a".repeat(64);
    for (call, sent) in [
        ("login", r#"{"username":"bob","password":"password-1"}"#),
        ("register", r#"{"username":"bob","email":"bob@test.com","password":"password-1"}"#),
        ("sendreset", r#"{"email":"bob@test.com"}"#),
        ("resetpassword", r#"{"token":"abcdefghijklmnop"}"#),
        ("resetpassword", r#"{"token":"abcdefghijklmnop","password":"password-1"}"#),
    ] {
        let answer = server.post(call, sent).await;
        let said = error("Service unavailable, try again later");
        assert_eq!(answer.says(), (503, said.as_str()), "{call}");
        assert_eq!(answer.header("retry-after"), "1", "{call}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{call}");
    }
    let answer = server.refresh(&valid_letters).await;
    assert_eq!(answer.status, 200, "a forged token is refused without asking");
}

#[tokio::test]
async fn when_too_many_sign_in_at_once_some_are_turned_away() {
    let settings = Settings { memory_kib: 16_384, max_wait: Duration::ZERO, ..Settings::default() };
    let server = std::sync::Arc::new(Server::with(settings).await);
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let server = server.clone();
        callers.spawn(async move { server.login("nobody", "password-1").await });
    }
    let answers = callers.join_all().await;
    let turned_away: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!turned_away.is_empty() && turned_away.len() < 20, "{}", turned_away.len());
    for answer in turned_away {
        assert_eq!(answer.body, error("Service unavailable, try again later"));
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_a_413() {
    let server = Server::start().await;
    let sent = format!(r#"{{"username":"bob","password":"{}"}}"#, "x".repeat(102_400));
    for call in ["login", "register", "sendreset", "resetpassword", "refresh"] {
        let answer = server.post(call, sent.clone()).await;
        assert_eq!(answer.says(), (413, r#"{"error":"Request body too large"}"#), "{call}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{call}");
    }
    for (method, call) in [("PATCH", "user"), ("POST", "config")] {
        let answer = server.call(method, call, "nonsense", sent.clone()).await;
        assert_eq!(answer.says(), (413, r#"{"error":"Request body too large"}"#), "{call}");
    }
}

#[tokio::test]
async fn what_the_edge_answers_is_worded_like_the_rest() {
    let contract = goscrobble::contract(Server::start().await.mount);
    let [territory] = contract.territories.as_slice() else { panic!("one territory") };
    let late = (territory.miss)(&Missed::TimedOut);
    assert_eq!((late.status().as_u16(), &late.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    let broken = (territory.miss)(&Missed::Panicked);
    assert_eq!(broken.status(), 500);
    let body = axum::body::to_bytes(broken.into_body(), 1_000).await.unwrap();
    assert_eq!(body, r#"{"error":"Internal server error"}"#);
}
