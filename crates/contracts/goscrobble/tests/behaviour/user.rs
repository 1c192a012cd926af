//! One's own account: seen, changed, given up.

use harness::json::Json;
use model::Span;

use crate::server::{Answer, Server, error};

const DONE: (u16, &str) = (200, r#"{"message":"User updated successfully"}"#);
const REFUSED: (u16, &str) = (401, "{\"error\":\"Invalid JWT Token\"}\n");

fn field(answer: &Answer, name: &str) -> String {
    match Json::parse(&answer.body).unwrap().get(name) {
        Some(Json::Text(text)) => text.clone(),
        other => panic!("{name} is {other:?} in {answer:?}"),
    }
}

#[tokio::test]
async fn an_account_is_shown_with_all_fields_in_order() {
    let server = Server::start().await;
    let token = server.signed_in("Bob", "").await;
    let id = server.accounts.find(&server.mount.policy().realm, "bob").await.unwrap().unwrap().id;
    let made = "2024-10-04T00:00:00.123Z";
    let expected = |modified: &str, timezone: &str| {
        format!(
            r#"{{"uuid":"{id}","created_at":"{made}","created_ip":"","modified_at":"{modified}","ModifiedIP":"","username":"Bob","email":"Bob@test.com","verified":false,"spotify_username":"","timezone":"{timezone}","token":"","navidrome_server":"","valid":true}}"#
        )
    };
    for call in ["user", "user/"] {
        let answer = server.call("GET", call, &format!("Bearer {token}"), "").await;
        assert_eq!(answer.says(), (200, expected(made, "Pacific/Auckland").as_str()), "{call}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    server.clock.advance(Span::seconds(60));
    assert_eq!(server.call("PATCH", "user", &token, r#"{"timezone":"UTC"}"#).await.says(), DONE);
    let answer = server.check(&token).await;
    assert_eq!(answer.body, expected("2024-10-04T00:01:00.123Z", "UTC"));
}

#[tokio::test]
async fn an_address_that_was_confirmed_is_verified() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let reset = server.mailed_reset("bob").await;
    let sent = format!(r#"{{"token":"{reset}","password":"password-2"}}"#);
    server.post("resetpassword", sent).await;
    let token = server.login("bob", "password-2").await.token();
    assert!(server.check(&token).await.body.contains(r#""verified":true"#));
}

#[tokio::test]
async fn without_a_good_token_nothing_is_shown_or_changed() {
    let server = Server::start().await;
    let token = server.signed_in("bob", "").await;
    let other = server.signed_in("eve", "").await;
    for sent in [r#"{"active":0}"#, r#"{"token":""}"#, "nonsense"] {
        for (method, headers) in [
            ("GET", &[][..]),
            ("PATCH", &[]),
            ("PATCH", &[("authorization", "nonsense")]),
            ("PATCH", &[("authorization", "bearer x")]),
        ] {
            let target = format!("/api/v1/user?token={token}");
            let answer = server.send(method, &target, headers, sent).await;
            assert_eq!(answer.says(), REFUSED, "{method} {headers:?}");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
    }
    server
        .call("PATCH", "user", &other, r#"{"token":"","timezone":"UTC","uuid":"bob","username":"bob"}"#)
        .await;
    let answer = server.check(&token).await;
    assert_eq!(
        (field(&answer, "token"), field(&answer, "timezone")),
        (String::new(), "Pacific/Auckland".into())
    );
    assert_eq!(field(&server.check(&other).await, "username"), "eve");
}

#[tokio::test]
async fn a_time_zone_is_one_of_the_iana_database_or_stays() {
    let server = Server::start().await;
    let token = server.signed_in("bob", "").await;
    for (sent, timezone) in [
        (r#"{"timezone":"Europe/Berlin"}"#, "Europe/Berlin"),
        (r#"{"timezone":"Mars/Olympus"}"#, "Europe/Berlin"),
        (r#"{"timezone":""}"#, "Europe/Berlin"),
        (r#"{"timezone":"UTC\u0000"}"#, "Europe/Berlin"),
        (r#"{"timezone":5}"#, "Europe/Berlin"),
        (r#"{"timezone":null}"#, "Europe/Berlin"),
        (r#"{"timezone":"UTC","timezone":"UTC"}"#, "Europe/Berlin"),
        ("{\"timezone\":\"UTC\"", "Europe/Berlin"),
        ("", "Europe/Berlin"),
        (r#"{"timezone":"america/new_york","other":{}}"#, "America/New_York"),
    ] {
        assert_eq!(server.call("PATCH", "user", &token, sent).await.says(), DONE, "{sent}");
        assert_eq!(field(&server.check(&token).await, "timezone"), timezone, "{sent}");
    }
}

#[tokio::test]
async fn an_api_token_is_new_each_time_it_is_asked_for_and_opens_nothing() {
    let server = Server::start().await;
    let token = server.signed_in("bob", "").await;
    let mut seen = vec![String::new()];
    for sent in [r#"{"token":""}"#, r#"{"token":"mine"}"#, r#"{"token":0}"#, r#"{"token":false,"active":1}"#]
    {
        assert_eq!(server.call("PATCH", "user", &token, sent).await.says(), DONE, "{sent}");
        let api = field(&server.check(&token).await, "token");
        assert!(api.len() == 32 && api.bytes().all(|byte| byte.is_ascii_alphabetic()), "{api}");
        assert!(!seen.contains(&api), "{sent}");
        assert_eq!(server.check(&api).await.says(), REFUSED);
        seen.push(api);
    }
    for sent in ["{}", r#"{"token":null}"#, r#"{"timezone":"UTC"}"#] {
        server.call("PATCH", "user", &token, sent).await;
        assert_eq!(&field(&server.check(&token).await, "token"), seen.last().unwrap(), "{sent}");
    }
}

#[tokio::test]
async fn an_account_is_given_up_only_on_purpose_and_everywhere() {
    let server = Server::start().await;
    let token = server.signed_in("bob", "").await;
    for active in ["1", "true", "\"1\"", "\"\"", "null", "\"false\"", "[]", "{}", "0.5", "-1", "\"00\""] {
        let sent = format!(r#"{{"active":{active}}}"#);
        assert_eq!(server.call("PATCH", "user", &token, sent).await.says(), DONE, "{active}");
        assert_eq!(server.check(&token).await.status, 200, "{active}");
    }
    for (name, active) in [("ann", "0"), ("ben", "\"0\""), ("cat", "false")] {
        let first = server.signed_in(name, "").await;
        let second = server.login(name, "password-1").await;
        let mailed = server.mailed_reset(name).await;
        let sent = format!(r#"{{"active":{active}}}"#);
        assert_eq!(server.call("PATCH", "user", &first, sent).await.says(), DONE);
        assert_eq!(server.check(&first).await.says(), REFUSED, "{active}");
        assert_eq!(server.check(&second.token()).await.says(), REFUSED, "{active}");
        let refreshed = server.refresh(&second.refresh_token()).await;
        assert_eq!(refreshed.body, error("Invalid refresh token"));
        let login = server.login(name, "password-1").await;
        assert_eq!(login.says(), (200, error("Invalid Username or Password").as_str()));
        let reset =
            server.post("resetpassword", format!(r#"{{"token":"{mailed}","password":"password-2"}}"#));
        assert_eq!(reset.await.body, error("Invalid Token"));
        let account = server.accounts.find(&server.mount.policy().realm, name).await.unwrap().unwrap();
        assert!(account.disabled);
        let sessions = server.accounts.sessions(&account, 10).await.unwrap();
        assert!(sessions.iter().all(|session| session.ended.is_some()) && sessions.len() == 2);
    }
    assert_eq!(server.check(&token).await.status, 200, "nobody else was");
}

#[tokio::test]
async fn the_last_administrator_stays_and_nothing_else_is_changed() {
    let server = Server::start().await;
    let root = server.signed_in("root", "admin").await;
    let give_up = r#"{"active":0,"timezone":"UTC","token":""}"#;
    let answer = server.call("PATCH", "user", &root, give_up).await;
    assert_eq!(answer.says(), (200, error("The last admin cannot be removed").as_str()));
    let shown = server.check(&root).await;
    assert_eq!(
        (field(&shown, "token"), field(&shown, "timezone")),
        (String::new(), "Pacific/Auckland".into())
    );
    server.signed_in("second", "admin").await;
    assert_eq!(server.call("PATCH", "user", &root, give_up).await.says(), DONE);
    assert_eq!(server.check(&root).await.says(), REFUSED);
}
