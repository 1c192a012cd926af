//! What opens `GET /api/auth/state`, and in which words everything else is refused.

use accounts::{Client, Grant, Login, Mount, SignIn, SignedIn, TokenUse};
use harness::http::{Answer, Request};
use harness::jwt;
use model::{Clock, Realm, Span};
use serde_json::{Value, json};

use crate::stage::{PASSWORD, Stage};

#[track_caller]
fn refused(answer: &Answer, text: &str) {
    assert_eq!(answer.status, 401, "{answer}");
    assert_eq!(answer.text(), json!({ "error": text }).to_string());
    assert_eq!(answer.header("www-authenticate"), None);
}

fn grant(stage: &Stage, mount: &Mount, username: &str) -> Grant {
    let client = Client { address: std::net::Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
    let command = SignIn { login: Login::Username(username), password: PASSWORD.into(), client };
    match stage.run(mount.sign_in(command)).unwrap() {
        SignedIn::Complete(grant) => grant,
        SignedIn::SecondStep { .. } => panic!("a second step"),
    }
}

/// The private claims of a grant as JSON, for tokens that a test makes up.
fn private(grant: &Grant, purpose: TokenUse) -> Value {
    serde_json::to_value(grant.private_claims(purpose)).unwrap()
}

fn with_exp(mut claims: Value, seconds: i64) -> Value {
    claims["exp"] = json!(seconds);
    claims
}

#[test]
fn the_claims_are_the_documented_ones_then_ours() {
    let stage = Stage::new();
    let token = stage.register("Ada");
    let parts = jwt::parts(&token).unwrap();
    assert_eq!(parts.header.to_string(), r#"{"alg":"HS256","typ":"JWT"}"#);
    let harness::json::Json::Object(claims) = &parts.claims else { panic!("no claims") };
    let names: Vec<_> = claims.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["username", "iat", "exp", "sid", "gen", "aid", "mnt", "use"]);
    let now = stage.clock.now().seconds();
    assert_eq!(parts.claims.get("iat").unwrap().as_i64(), Some(now));
    assert_eq!(parts.claims.get("exp").unwrap().as_i64(), Some(now + 86_400));
}

#[test]
fn a_token_is_good_for_exactly_a_day() {
    let stage = Stage::new();
    let token = stage.register("ada");
    stage.clock.advance(Span::seconds(86_399));
    stage.state(&token).expect_status(200);
    stage.clock.advance(Span::seconds(1));
    refused(&stage.state(&token), "Token has expired");
}

#[test]
fn headers_that_are_no_bearer_header_ask_for_authentication() {
    let stage = Stage::new();
    let token = stage.register("ada");
    let get = || Request::new("GET", "/api/auth/state");
    for request in [
        get(),
        get().header("Authorization", &format!("bearer {token}")),
        get().header("Authorization", &token),
        get().header("Authorization", "Bearer"),
        get().header("Authorization", "Basic YWRhOmNvcnJlY3QgaG9yc2U="),
        get().header("X-API-Key", ""),
        get().bearer(&token).bearer(&token),
        Request::new("GET", &format!("/api/auth/state?jwt={token}&token={token}")),
        get().header("Cookie", &format!("token={token}")),
    ] {
        refused(&stage.ask(request), "Authentication required");
    }
}

#[test]
fn only_the_second_word_is_the_token() {
    let stage = Stage::new();
    let token = stage.register("ada");
    let get =
        |value: String| stage.ask(Request::new("GET", "/api/auth/state").header("Authorization", &value));
    get(format!("Bearer {token} trailing words")).expect_status(200);
    refused(&get(format!("Bearer  {token}")), "Invalid token format");
    refused(&get("Bearer ".to_owned()), "Invalid token format");
    refused(&get(format!("Bearer x {token}")), "Invalid token format");
}

#[test]
fn altered_tokens_are_invalid() {
    let stage = Stage::new();
    let token = stage.register("ada");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let claims = signed.split_once('.').unwrap().1;
    // {"alg":"none","typ":"JWT"}, {"alg":"HS512","typ":"JWT"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let hs512 = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9";
    for bad in [
        String::new(),
        "a.b.c".to_owned(),
        "..".to_owned(),
        format!("{signed}."),
        format!("{token}x"),
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{hs512}.{claims}.{signature}"),
        "x".repeat(60_000),
    ] {
        refused(&stage.state(&bad), "Invalid token format");
    }
    stage.state(&token).expect_status(200);
}

#[test]
fn only_an_access_token_of_this_mount_opens_it() {
    let stage = Stage::new();
    stage.register("ada");
    let (ours, other) = (stage.mount("argon"), stage.mount("other"));
    let (grant_here, grant_there) = (grant(&stage, &ours, "ada"), grant(&stage, &other, "ada"));
    let end = grant_here.access_expires_at();
    let sign = |mount: &Mount, claims: Value| mount.sign(&claims).unwrap();
    stage.state(&sign(&ours, with_exp(private(&grant_here, TokenUse::Access), end))).expect_status(200);
    let mut not_yet = with_exp(private(&grant_here, TokenUse::Access), end);
    not_yet["nbf"] = json!(end - 1);
    for token in [
        // Of the other mount, with its key and with ours.
        sign(&other, with_exp(private(&grant_there, TokenUse::Access), end)),
        sign(&ours, with_exp(private(&grant_there, TokenUse::Access), end)),
        // Of another use.
        sign(&ours, with_exp(private(&grant_here, TokenUse::Refresh), end)),
        sign(&ours, with_exp(private(&grant_here, TokenUse::Server), end)),
        // What the original took: a name and nothing else, or no end.
        sign(&ours, json!({ "username": "ada", "exp": end })),
        sign(&ours, private(&grant_here, TokenUse::Access)),
        sign(&ours, not_yet),
    ] {
        refused(&stage.state(&token), "Invalid token format");
    }
}

#[test]
fn a_user_who_is_gone_no_longer_exists() {
    let stage = Stage::new();
    let realm = Realm::new("default");
    let (ada, bob) = (stage.register("ada"), stage.register("bob"));
    stage.run(stage.accounts.delete(&realm, "ada")).unwrap();
    refused(&stage.state(&ada), "User no longer exists");
    stage.register("ada");
    refused(&stage.state(&ada), "User no longer exists");
    stage.run(stage.accounts.disable(&realm, "bob")).unwrap();
    refused(&stage.state(&bob), "User no longer exists");
}

#[test]
fn permissions_are_told_as_they_were_written() {
    let stage = Stage::new();
    let token = stage.register("ada");
    let realm = Realm::new("default");
    for permission in ["ADMIN", "Nodes.*", "a \"quoted\" one"] {
        stage.run(stage.accounts.permit(&realm, "ada", permission)).unwrap();
    }
    let answer = stage.state(&token).expect_status(200);
    let expected = r#"{"authenticated":true,"username":"ada","permissions":["user","ADMIN","Nodes.*","a \"quoted\" one"]}"#;
    assert_eq!(answer.text(), expected);
}

#[test]
fn a_key_tells_whose_it_is_and_what_it_may_do_with_its_owner() {
    let stage = Stage::new();
    let token = stage.administrator("ada");
    let (_, key) = stage.api_key(&token, &["Servers.View", "user"]);
    let get = || Request::new("GET", "/api/auth/state").header("x-api-key", &key);
    let answer = stage.ask(get()).expect_status(200);
    let expected = r#"{"authenticated":true,"username":"ada","permissions":["Servers.View","user"]}"#;
    assert_eq!(answer.text(), expected);
    stage.run(stage.accounts.forbid(&Realm::new("default"), "ada", "admin")).unwrap();
    assert_eq!(stage.ask(get()).expect_status(200).json()["permissions"], json!(["user"]));
    // A key does not make up for a token that is not believed, and a token needs no key.
    refused(&stage.ask(get().bearer("x")), "Invalid token format");
    let both = Request::new("GET", "/api/auth/state").bearer(&token).header("x-api-key", "ARGX_0");
    assert_eq!(stage.ask(both).expect_status(200).json()["permissions"], json!(["user"]));
}
