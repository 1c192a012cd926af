//! What passes `/auth/check`, and how everything else is refused.

use accounts::{Grant, Login, Mount, SignIn, SignedIn, TokenUse};
use harness::http::{Answer, Request};
use model::Span;
use serde_json::{Value, json};

use crate::stage::{PASSWORD, Stage, client, realm};

const INVALID: &str = r#"Bearer error="invalid_token", error_description="The token is invalid""#;
const EXPIRED: &str = r#"Bearer error="invalid_token", error_description="The token expired""#;
const OVER: &str = r#"Bearer error="invalid_token", error_description="The token is no longer valid""#;

#[track_caller]
fn refused(answer: &Answer, challenge: &str) {
    assert_eq!((answer.status, answer.text().as_str()), (401, ""), "{answer}");
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
    assert_eq!(answer.header("content-type"), None);
}

fn grant(stage: &Stage, mount: &Mount) -> Grant {
    let command = SignIn { login: Login::Username("ada"), password: PASSWORD.into(), client: client() };
    match stage.run(mount.sign_in(command)).unwrap() {
        SignedIn::Complete(grant) => grant,
        SignedIn::SecondStep { .. } => panic!("a second step"),
    }
}

fn claims(grant: &Grant, purpose: TokenUse) -> Value {
    let mut claims = serde_json::to_value(grant.private_claims(purpose)).unwrap();
    claims["exp"] = json!(grant.access_expires_at());
    claims["role"] = json!("Admin");
    claims
}

#[test]
fn without_a_bearer_header_there_is_a_bare_challenge() {
    let stage = Stage::new();
    let token = stage.signed_in("ada", &[]);
    for path in ["/auth/check", "/check", "/auth/invite"] {
        let get = || Request::new("GET", path);
        for request in [
            get(),
            get().header("Authorization", &token),
            get().header("Authorization", "Bearer"),
            get().header("Authorization", "Bearer   "),
            get().header("Authorization", "Basic YWRhOng="),
            get().bearer(&token).bearer(&token),
            get().query(&[("jwt", &token)]),
        ] {
            refused(&stage.ask(request), "Bearer");
        }
    }
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let header = format!("{scheme}   {token}  ");
        stage.ask(Request::new("GET", "/check").header("Authorization", &header)).expect_status(200);
    }
}

#[test]
fn a_token_is_good_for_exactly_an_hour() {
    let stage = Stage::new();
    let token = stage.signed_in("ada", &[]);
    stage.clock.advance(Span::seconds(3_599));
    stage.get_as("/auth/check", &token).expect_status(200);
    stage.clock.advance(Span::seconds(1));
    refused(&stage.get_as("/auth/check", &token), EXPIRED);
}

#[test]
fn only_an_access_token_of_this_mount_passes() {
    let stage = Stage::new();
    stage.signed_in("ada", &["admin"]);
    let (ours, other) = (stage.mount("melon"), stage.mount("other"));
    let (here, there) = (grant(&stage, &ours), grant(&stage, &other));
    let sign = |mount: &Mount, claims: Value| mount.sign(&claims).unwrap();
    stage.get_as("/auth/check", &sign(&ours, claims(&here, TokenUse::Access))).expect_status(200);
    for token in [
        sign(&other, claims(&there, TokenUse::Access)),
        sign(&ours, claims(&there, TokenUse::Access)),
        sign(&ours, claims(&here, TokenUse::Refresh)),
        sign(&ours, claims(&here, TokenUse::Server)),
        // What the original took: a role and nothing else.
        sign(&ours, json!({ "unique_name": "ada", "role": "Admin", "exp": here.access_expires_at() })),
        stage.server_token(),
        "nonsense".to_owned(),
    ] {
        for path in ["/auth/check", "/check", "/auth/invite"] {
            refused(&stage.get_as(path, &token), INVALID);
        }
    }
}

#[test]
fn changed_roles_names_and_passwords_end_tokens_and_so_does_deletion() {
    let stage = Stage::new();
    let check = |token: &str| stage.get_as("/auth/check", token);
    let ada = stage.signed_in("ada", &["user"]);
    stage.run(stage.accounts.permit(&realm(), "ada", "workshop")).unwrap();
    check(&ada).expect_status(200);
    stage.run(stage.accounts.permit(&realm(), "ada", "admin")).unwrap();
    refused(&check(&ada), OVER);
    let admin = stage.login("ada", PASSWORD).text();
    stage.get_as("/auth/invite", &admin).expect_status(200);
    stage.run(stage.accounts.forbid(&realm(), "ada", "admin")).unwrap();
    refused(&stage.get_as("/auth/invite", &admin), OVER);
    let bob = stage.signed_in("bob", &[]);
    stage.run(stage.accounts.set_password(&realm(), "bob", "another horse".into())).unwrap();
    refused(&check(&bob), OVER);
    let eve = stage.signed_in("eve", &[]);
    stage.run(stage.accounts.delete(&realm(), "eve")).unwrap();
    refused(&check(&eve), OVER);
}
