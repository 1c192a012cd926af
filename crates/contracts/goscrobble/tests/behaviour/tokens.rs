//! What is in an access token, and what is not taken for one.

use accounts::{Grant, Login, Mount, SignIn, SignedIn, TokenUse};
use harness::jwt;
use model::Span;
use serde::Serialize;

use crate::server::{Server, claim, somebody};

const REFUSED: (u16, &str) = (401, "{\"error\":\"Invalid JWT Token\"}\n");

async fn grant(mount: &Mount) -> Grant {
    let asked = SignIn { login: Login::Username("bob"), password: "password-1".into(), client: somebody() };
    let SignedIn::Complete(grant) = mount.sign_in(asked).await.unwrap() else { panic!("no second factor") };
    grant
}

/// The least that a verifier looks at.
#[derive(Serialize)]
struct Bare {
    exp: i64,
    iat: i64,
    #[serde(flatten)]
    private: accounts::PrivateClaims,
}

fn signed(mount: &Mount, grant: &Grant, purpose: TokenUse) -> String {
    let (exp, iat) = (grant.access_expires_at(), grant.issued_at());
    mount.sign(&Bare { exp, iat, private: grant.private_claims(purpose) }).unwrap()
}

#[tokio::test]
async fn claims_come_in_the_documented_order_with_ours_behind() {
    let server = Server::start().await;
    server.register("Bob", "password-1").await;
    let realm = &server.mount.policy().realm;
    let account = server.accounts.find(realm, "bob").await.unwrap().unwrap();
    let answer = server.login("bob", "password-1").await;
    let parts = jwt::parts(&answer.token()).unwrap();
    assert_eq!(parts.header.to_string(), r#"{"alg":"HS512","typ":"JWT"}"#);
    let (now, id, refresh) = (server.mount.now().seconds(), account.id, answer.refresh_token());
    let until = now + 604_800;
    let sid = claim(&answer.token(), "sid");
    assert_eq!(
        parts.claims.to_string(),
        format!(
            r#"{{"admin":false,"email":"Bob@test.com","exp":{until},"iat":{now},"mod":false,"refresh_exp":{until},"refresh_token":"{refresh}","sub":"{id}","username":"Bob","sid":{sid},"gen":0,"aid":"{id}","mnt":"goscrobble","use":"access"}}"#
        )
    );
    assert!(refresh.len() == 64 && refresh.bytes().all(|byte| byte.is_ascii_alphabetic()));
}

#[tokio::test]
async fn roles_are_the_permissions_of_their_names_and_end_the_session_when_they_change() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let realm = server.mount.policy().realm.clone();
    for (permission, admin, moderator) in [("MOD", "false", "true"), ("Admin", "true", "true")] {
        let before = server.login("bob", "password-1").await;
        server.accounts.permit(&realm, "bob", permission).await.unwrap();
        assert_eq!(server.check(&before.token()).await.says(), REFUSED, "{permission}");
        let stale = server.refresh(&before.refresh_token()).await;
        assert_eq!(stale.says(), (200, r#"{"error":"Invalid refresh token"}"#));
        let token = server.login("bob", "password-1").await.token();
        assert_eq!(claim(&token, "admin").to_string(), admin);
        assert_eq!(claim(&token, "mod").to_string(), moderator);
    }
    server.accounts.forbid(&realm, "bob", "mod").await.unwrap();
    let token = server.login("bob", "password-1").await.token();
    assert_eq!(claim(&token, "mod").to_string(), "false", "being admin does not make one mod");
}

#[tokio::test]
async fn the_scheme_may_be_missing_but_not_be_another() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let token = server.login("bob", "password-1").await.token();
    for authorization in [token.clone(), format!("Bearer {token}")] {
        assert_eq!(server.check(&authorization).await.status, 200, "{authorization}");
    }
    for authorization in [
        String::new(),
        "Bearer ".to_owned(),
        "Bearer undefined".to_owned(),
        format!("bearer {token}"),
        format!("Bearer  {token}"),
        format!("Basic {token}"),
        format!("Bearer Bearer {token}"),
        format!("{token} {token}"),
        "x".repeat(20_000),
    ] {
        let answer = server.check(&authorization).await;
        assert_eq!(answer.says(), REFUSED, "{authorization:.40}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    let twice = [("authorization", token.as_str()), ("authorization", token.as_str())];
    assert_eq!(server.send("GET", "/api/v1/user/", &twice, "").await.says(), REFUSED);
    let target = format!("/api/v1/user/?token={token}&jwt={token}");
    let answer = server.send("GET", &target, &[("authorization", "x")], "").await;
    assert_eq!(answer.says(), REFUSED, "a token in the query is not read");
}

#[tokio::test]
async fn no_other_token_passes_for_an_access_token() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let good = grant(&server.mount).await;
    let foreign = grant(&server.other).await;
    assert_eq!(server.check(&signed(&server.mount, &good, TokenUse::Access)).await.status, 200);
    for (why, token) in [
        ("the refresh token", server.mount.refresh_letters(&good)),
        ("use refresh", signed(&server.mount, &good, TokenUse::Refresh)),
        ("use server", signed(&server.mount, &good, TokenUse::Server)),
        ("another mount's", signed(&server.other, &foreign, TokenUse::Access)),
        ("another mount's claims, our key", signed(&server.mount, &foreign, TokenUse::Access)),
        ("our claims, another mount's key", signed(&server.other, &good, TokenUse::Access)),
    ] {
        assert_eq!(server.check(&token).await.says(), REFUSED, "{why}");
    }
}

#[tokio::test]
async fn a_token_that_was_tampered_with_is_refused() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let token = server.login("bob", "password-1").await.token();
    let pieces: Vec<&str> = token.split('.').collect();
    let (header, claims, signature) = (pieces[0], pieces[1], pieces[2]);
    // {"alg":"none","typ":"JWT"} and {"alg":"HS256","typ":"JWT"}
    let (none, weaker) = ("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
    for bad in [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{weaker}.{claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        format!("{header}..{signature}"),
        format!("{token}="),
        format!("{token}.{signature}"),
    ] {
        assert_eq!(server.check(&bad).await.says(), REFUSED, "{bad}");
    }
    assert_eq!(server.check(&token).await.status, 200);
}

#[tokio::test]
async fn a_token_ends_after_seven_days_and_with_its_account() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let token = server.login("bob", "password-1").await.token();
    server.clock.advance(Span::seconds(604_799));
    assert_eq!(server.check(&token).await.status, 200);
    server.clock.advance(Span::seconds(1));
    assert_eq!(server.check(&token).await.says(), REFUSED);
    let realm = server.mount.policy().realm.clone();
    let token = server.login("bob", "password-1").await.token();
    server.accounts.delete(&realm, "bob").await.unwrap();
    assert_eq!(server.check(&token).await.says(), REFUSED);
}
