//! Seeing and ending one's own sessions.

use accounts::{Login, SignIn, SignedIn};
use aws_lc_rs::digest::{SHA512, digest};
use crypto::JwtAlgorithm;
use harness::http::Request;
use model::Span;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::world::{PASSWORD, Tokens, World, line, tokens};

const REVOKED: &str = r#"200 {"code":"SESSION_REVOKED","error":"Session has been revoked."}"#;
const NOT_FOUND: &str = r#"404 {"code":"SESSION_NOT_FOUND","error":"Session not found."}"#;
const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36";

fn sign_in_with(world: &World, name: &str, user_agent: &str) -> Tokens {
    let fields = json!({ "email": format!("{name}@a.example.com"), "password": PASSWORD });
    let request = Request::new("POST", "/auth/login").header("User-Agent", user_agent);
    tokens(world.ask(request.json(&fields)))
}

/// As the client makes it (wolfpal.md 4).
fn sha512(text: &str) -> String {
    digest(&SHA512, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn list(world: &World, access: &str) -> Vec<Value> {
    let answer = world.ask(Request::new("GET", "/sessions").bearer(access)).expect_status(200);
    let sessions = answer.json()["sessions"].as_array().unwrap().clone();
    assert_eq!(answer.json()["total"], sessions.len());
    sessions
}

fn hashes(world: &World, access: &str) -> Vec<String> {
    let hash = |one: &Value| one["accessTokenHash"].as_str().unwrap().to_owned();
    list(world, access).iter().map(hash).collect()
}

fn sid(access: &str) -> String {
    harness::jwt::parts(access).unwrap().claims.get("sid").unwrap().to_string().replace('"', "")
}

fn end(world: &World, access: &str, id: &str) -> String {
    world.line(Request::new("DELETE", &format!("/sessions/{id}")).bearer(access))
}

#[test]
fn the_list_is_as_the_documents_example() {
    let world = World::new();
    world.account("bob");
    let chrome = sign_in_with(&world, "bob", CHROME);
    world.advance(Span(1_234_567));
    let postman = sign_in_with(&world, "bob", "PostmanRuntime/7.26.8");
    let expected = format!(
        r#"200 {{"sessions":[{{"device":{{"browser":"PostmanRuntime","version":"7.26.8","platform":"unknown","os":"unknown","isDev":true}},"location":"unknown","_id":"{}","accessTokenHash":"{}","expireAt":"2026-02-01T12:00:01.000Z","createdAt":"2026-01-31T12:00:01.234Z"}},{{"device":{{"browser":"Chrome","version":"87.0.4280.88","platform":"unknown","os":"Linux","isDev":false}},"location":"unknown","_id":"{}","accessTokenHash":"{}","expireAt":"2026-02-01T12:00:00.000Z","createdAt":"2026-01-31T12:00:00.000Z"}}],"total":2}}"#,
        sid(&postman.access),
        sha512(&postman.access),
        sid(&chrome.access),
        sha512(&chrome.access),
    );
    for path in ["/sessions", "/api/sessions/", "/account/sessions", "/api/account/sessions"] {
        for access in [&chrome.access, &postman.access] {
            assert_eq!(world.line(Request::new("GET", path).bearer(access)), expected, "{path}");
        }
    }
}

/// Of every session, whoever asks: tokens are not stored, they are made again.
#[test]
fn the_hash_is_of_the_token_that_was_handed_out_last() {
    let world = World::new();
    world.account("bob");
    let secret = world.enrol(&world.sign_in("bob").access);
    world.advance(Span::minutes(10));
    let ticket = world.login("bob").field("token");
    let step = json!({ "token": ticket, "code": world.code(&secret) });
    let first = tokens(world.post("/auth/two-factor", step));
    world.advance(Span(7_777_777));
    let ticket = world.login("bob").field("token");
    world.advance(Span::seconds(60));
    let step = json!({ "token": ticket, "code": world.code(&secret) });
    let second = tokens(world.post("/auth/two-factor", step));
    assert!(hashes(&world, &first.access).contains(&sha512(&second.access)));
    assert!(hashes(&world, &second.access).contains(&sha512(&first.access)));
    world.advance(Span(333_333));
    let refreshed = tokens(world.post("/auth/refresh", json!({ "refresh_token": first.refresh })));
    for access in [&refreshed.access, &second.access] {
        let hashes = hashes(&world, access);
        assert!(hashes.contains(&sha512(&refreshed.access)) && hashes.contains(&sha512(&second.access)));
        assert!(!hashes.contains(&sha512(&first.access)));
    }
}

/// Such a signature is another each time, so only the token that was shown can be recognised.
#[test]
fn with_other_algorithms_one_still_recognises_ones_own() {
    for algorithm in JwtAlgorithm::all() {
        let world = World::with(|setting| setting.policies[0].algorithm = algorithm);
        world.account("bob");
        let (one, two) = (world.sign_in("bob").access, world.sign_in("bob").access);
        for (own, other) in [(&one, &two), (&two, &one)] {
            let hashes = hashes(&world, own);
            let repeats = matches!(algorithm, JwtAlgorithm::HS256 | JwtAlgorithm::HS512);
            let expected = if repeats { sha512(other) } else { sha512(&sid(other)) };
            assert!(hashes.contains(&sha512(own)) && hashes.contains(&expected), "{algorithm:?}");
        }
    }
}

#[test]
fn sessions_of_other_contracts_are_shown_and_ended_too() {
    let world = World::with(|setting| {
        let mut other = wolfpal::policy("https://other.example");
        other.name = "other".to_owned();
        setting.policies.push(other);
    });
    world.account("bob");
    let access = world.sign_in("bob").access;
    let elsewhere = world.accounts.mount("other").unwrap();
    let client = accounts::Client { address: [192, 0, 2, 1].into(), user_agent: "panel/1.0".into() };
    let password = SecretString::from(PASSWORD);
    let command = SignIn { login: Login::Username("bob"), password, client };
    let Ok(SignedIn::Complete(_)) = world.wait(elsewhere.sign_in(command)) else { panic!("not signed in") };
    let sessions = list(&world, &access);
    assert_eq!(sessions.len(), 2);
    let foreign = sessions.iter().find(|one| one["device"]["browser"] == "panel").unwrap();
    let id = foreign["_id"].as_str().unwrap();
    assert_eq!(foreign["accessTokenHash"], sha512(id));
    assert_eq!(end(&world, &access, id), REVOKED);
    assert_eq!(list(&world, &access).len(), 1);
}

#[test]
fn only_live_sessions_of_ones_own_are_seen() {
    let world = World::new();
    world.account("bob");
    world.account("eve");
    let old = world.sign_in("bob");
    world.advance(Span::hours(23));
    let gone = world.sign_in("bob");
    let live = world.sign_in("bob");
    let eve = world.sign_in("eve");
    world.ask(Request::new("POST", "/auth/logout").bearer(&gone.access)).expect_status(200);
    let ids = |access: &str| -> Vec<String> {
        list(&world, access).iter().map(|one| one["_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&live.access), [sid(&live.access), sid(&old.access)]);
    world.advance(Span::hours(1));
    let live = tokens(world.post("/auth/refresh", json!({ "refresh_token": live.refresh })));
    assert_eq!(ids(&live.access), [sid(&live.access)]);
    let eve = tokens(world.post("/auth/refresh", json!({ "refresh_token": eve.refresh })));
    assert_eq!(ids(&eve.access), [sid(&eve.access)]);
}

#[test]
fn a_session_is_ended_by_its_owner_and_nobody_else() {
    let mut world = World::new();
    world.account("bob");
    world.account("eve");
    harness::server::Server::permit(&mut world, "eve", "admin", true);
    let (one, two, eve) = (world.sign_in("bob"), world.sign_in("bob"), world.sign_in("eve"));
    let id = sid(&one.access);
    assert_eq!(end(&world, &eve.access, &id), NOT_FOUND);
    assert!(world.believes(&one.access));
    assert_eq!(world.line(Request::new("DELETE", &format!("/sessions/{id}"))), "401 Unauthorized");
    for bad in [
        "x",
        "%00",
        "%20",
        &id.replace('-', ""),
        &format!("{id}%20"),
        &"x".repeat(8_000),
        "5fe00728d0adc5576af8684f",
        "01890a5d-ac96-774b-bcce-b302099a8057",
    ] {
        assert_eq!(end(&world, &one.access, bad), NOT_FOUND, "{bad}");
    }
    assert_eq!(end(&world, &two.access, &id), REVOKED);
    assert_eq!(end(&world, &two.access, &id), NOT_FOUND);
    assert!(!world.believes(&one.access));
    let refresh = json!({ "refresh_token": one.refresh });
    assert_eq!(line(&world.post("/auth/refresh", refresh)), "401 Unauthorized");
    let own = format!("/API/Account/Sessions/{}/", sid(&two.access));
    assert_eq!(world.line(Request::new("DELETE", &own).bearer(&two.access)), REVOKED);
    assert!(!world.believes(&two.access) && world.believes(&eve.access));
}

#[test]
fn all_of_them_at_once_and_ones_own_with_them() {
    let world = World::new();
    world.account("eve");
    let eve = world.sign_in("eve");
    world.account("bob");
    for (path, code) in [
        ("/sessions", "ALL_SESSIONS_REVOKED"),
        ("/api/sessions", "ALL_SESSIONS_REVOKED"),
        ("/account/sessions", "ALL_SESSIONS_REVOKE"),
        ("/api/account/sessions", "ALL_SESSIONS_REVOKE"),
    ] {
        let (one, two) = (world.sign_in("bob"), world.sign_in("bob"));
        let expected = format!(r#"200 {{"code":"{code}","error":"All Sessions has been revoked."}}"#);
        assert_eq!(world.line(Request::new("DELETE", path).bearer(&one.access)), expected);
        for ended in [one, two] {
            assert!(!world.believes(&ended.access));
            let refresh = json!({ "refresh_token": ended.refresh });
            assert_eq!(line(&world.post("/auth/refresh", refresh)), "401 Unauthorized");
        }
    }
    assert!(world.believes(&eve.access));
}

#[test]
fn a_hostile_user_agent_is_only_text() {
    let world = World::new();
    world.account("bob");
    for user_agent in
        ["<script>alert(1)</script>", "\" onload=\"x", "Mozilla/5.0 (", "a/b/c", &"x".repeat(4_000)]
    {
        let access = sign_in_with(&world, "bob", user_agent).access;
        let sessions = list(&world, &access);
        assert_eq!(sessions[0]["device"]["browser"], "unknown", "{user_agent}");
        world.advance(Span::seconds(1));
    }
}
