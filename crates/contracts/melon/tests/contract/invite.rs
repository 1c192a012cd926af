//! Codes and Server tokens: who makes them, how long they last, and that each is used once.

use accounts::{Limits, Registration};
use harness::http::{Answer, Request};
use harness::json::Json;
use harness::jwt;
use model::{Clock, Span, Throttle};
use serde_json::json;

use crate::stage::{Stage, realm};

const INVALID: &str = "Invalid invite code";

fn redeem(stage: &Stage, code: &str) -> Answer {
    stage.ask(Request::new("GET", "/auth/code-authenticate").query(&[("code", code)]))
}

#[test]
fn only_administrators_invite_and_the_refusal_is_an_empty_401() {
    let stage = Stage::new();
    for (name, permissions) in
        [("user", &["user"][..]), ("pass", &["pass"]), ("none", &[]), ("wild", &["admin.*"])]
    {
        let token = stage.signed_in(name, permissions);
        for accept in ["*/*", "application/json"] {
            let answer =
                stage.ask(Request::new("GET", "/auth/invite").bearer(&token).header("Accept", accept));
            assert_eq!((answer.status, answer.text().as_str()), (401, ""), "{answer}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    assert!(stage.run(stage.accounts.invites(&realm())).unwrap().is_empty());
    let code = stage.get_as("/auth/invite", &stage.signed_in("admin", &["Admin"])).expect_status(200).text();
    assert!(code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
}

#[test]
fn the_claims_of_a_server_token() {
    let stage = Stage::new();
    let parts = jwt::parts(&stage.server_token()).unwrap();
    let Json::Object(claims) = &parts.claims else { panic!("no claims") };
    let names: Vec<_> = claims.iter().map(|(name, _)| name.as_str()).collect();
    let userdata = "http://schemas.microsoft.com/ws/2008/06/identity/claims/userdata";
    assert_eq!(names, ["unique_name", "role", userdata, "nbf", "exp", "iat", "jti", "mnt", "use"]);
    for (name, text) in [("unique_name", "NA"), ("role", "Server"), (userdata, "NA")] {
        assert_eq!(parts.claims.get(name), Some(&Json::Text(text.to_owned())));
    }
    let now = stage.clock.now().seconds();
    let of = |name| parts.claims.get(name).unwrap().as_i64().unwrap();
    assert_eq!((of("nbf"), of("exp"), of("iat")), (now, now + 600, now));
}

#[test]
fn a_code_lasts_ten_minutes_and_so_does_what_it_becomes() {
    let stage = Stage::new();
    let make = || stage.run(stage.accounts.create_invite(&realm())).unwrap();
    let (late, in_time) = (make(), make());
    stage.clock.advance(Span::seconds(599));
    let server = redeem(&stage, &in_time).expect_status(200).text();
    stage.clock.advance(Span::seconds(1));
    assert_eq!((redeem(&stage, &late).status, redeem(&stage, &late).text().as_str()), (401, INVALID));
    stage.clock.advance(Span::seconds(598));
    let fields = [("username", "guest"), ("password", "correct horse")];
    let other = stage.server_token();
    stage.clock.advance(Span::seconds(1));
    let answer = stage.create(&server, &fields);
    assert_eq!((answer.status, answer.text().as_str()), (401, ""), "{answer}");
    stage.create(&other, &fields).expect_status(200);
}

#[test]
fn of_many_who_send_one_code_at_once_one_gets_a_token() {
    let stage = Stage::new();
    let code = stage.run(stage.accounts.create_invite(&realm())).unwrap();
    let request = Request::new("GET", &format!("/auth/code-authenticate?code={code}"));
    let answers = stage.ask_all(vec![request; 20]);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.text() == INVALID).count(), 19);
}

#[test]
fn a_code_counts_as_it_was_told() {
    let stage = Stage::new();
    let code = stage.run(stage.accounts.create_invite(&realm())).unwrap();
    let wrong = [
        format!("{code} "),
        format!("{code}\0"),
        format!("0{code}"),
        "%".to_owned(),
        "\u{1f980}".to_owned(),
        "A".repeat(20_000),
    ];
    for guess in wrong {
        let answer = redeem(&stage, &guess);
        assert_eq!((answer.status, answer.text().as_str()), (401, INVALID), "{guess:?}");
    }
    let lower = code.to_lowercase();
    if lower != code {
        assert_eq!(redeem(&stage, &lower).status, 401);
    }
    redeem(&stage, &code).expect_status(200);
}

#[test]
fn nobody_spends_a_code_without_meaning_to() {
    let stage = Stage::new();
    let code = stage.run(stage.accounts.create_invite(&realm())).unwrap();
    let target = format!("/auth/code-authenticate?code={code}");
    assert_eq!(stage.ask(Request::new("HEAD", &target)).status, 405);
    assert_eq!(stage.ask(Request::new("OPTIONS", &target)).status, 204);
    for (name, value) in [
        ("Sec-Purpose", "prefetch;prerender"),
        ("Purpose", "Prefetch"),
        ("X-Purpose", "preview"),
        ("X-Moz", "prefetch"),
    ] {
        let answer = stage.ask(Request::new("GET", &target).header(name, value));
        assert_eq!((answer.status, answer.text().as_str()), (503, ""), "{name}: {answer}");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    stage.get(&target).expect_status(200);
}

#[test]
fn a_code_also_comes_in_a_body() {
    let stage = Stage::new();
    let code = || stage.run(stage.accounts.create_invite(&realm())).unwrap();
    let post = || Request::new("POST", "/auth/code-authenticate");
    for request in [
        post().form(&[("Code", &code())]),
        post().json(&json!({ "code": code() })),
        post().query(&[("code", &code())]),
    ] {
        let token = stage.ask(request).expect_status(200).text();
        assert!(jwt::parts(&token).is_some());
    }
    for request in [
        post(),
        post().form(&[("code", "")]),
        post().json(&json!({ "code": 1234 })),
        post().json(&json!({ "code": null })),
        post().header("Content-Type", "text/plain"),
    ] {
        let answer = stage.ask(request);
        assert_eq!(answer.status, 400, "{answer}");
        assert!(answer.text().starts_with(r#"{"errors":{"code":["The code field is required."]},"#));
    }
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", r#"{"code":"A","code":"B"}"#),
        ("application/x-www-form-urlencoded", "code=A&code=B"),
        ("application/x-www-form-urlencoded", "code=%ff"),
    ] {
        let mut request = post().header("Content-Type", kind);
        request.body = body.as_bytes().to_vec();
        let answer = stage.ask(request);
        assert_eq!(answer.status, 400, "{body}: {answer}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json; charset=utf-8"));
        assert!(answer.text().starts_with(r#"{"errors":{"":["The request could not be read."]},"#));
    }
}

#[test]
fn guesses_are_budgeted_and_a_right_code_costs_nothing() {
    let limits = Limits {
        invite_per_address: Some(Throttle { burst: 3, every: Span::minutes(10) }),
        ..Limits::default()
    };
    let stage = Stage::with(|settings| settings.limits = limits);
    for _ in 0..5 {
        stage.server_token();
    }
    let code = stage.run(stage.accounts.create_invite(&realm())).unwrap();
    for _ in 0..3 {
        assert_eq!(redeem(&stage, "zzzz").status, 401);
    }
    let answer = redeem(&stage, &code);
    assert_eq!((answer.status, answer.text().as_str()), (429, "Too many attempts, try again later"));
    assert_eq!(answer.header("retry-after"), Some("600"));
}

#[test]
fn twenty_five_codes_may_wait() {
    let stage = Stage::new();
    let admin = stage.signed_in("admin", &["admin"]);
    let codes: Vec<_> =
        (0..25).map(|_| stage.get_as("/auth/invite", &admin).expect_status(200).text()).collect();
    let text = "Timeout, too many invite codes active";
    let answer = stage.get_as("/auth/invite", &admin);
    assert_eq!((answer.status, answer.text().as_str()), (408, text));
    let quoted = Request::new("GET", "/auth/invite").bearer(&admin).header("Accept", "application/json");
    assert_eq!(stage.ask(quoted).text(), format!("\"{text}\""));
    redeem(&stage, &codes[7]).expect_status(200);
    stage.get_as("/auth/invite", &admin).expect_status(200);
    assert_eq!(stage.get_as("/auth/invite", &admin).status, 408);
    stage.clock.advance(Span::minutes(10));
    stage.get_as("/auth/invite", &admin).expect_status(200);
}

#[test]
fn closed_registration_closes_invitation() {
    let stage = Stage::with(|settings| settings.policy.registration = Registration::Closed);
    let admin = stage.signed_in("admin", &["admin"]);
    let answer = stage.get_as("/auth/invite", &admin);
    assert_eq!((answer.status, answer.text().as_str()), (403, "Registration is closed"));
    let code = stage.run(stage.accounts.create_invite(&realm())).unwrap();
    assert_eq!((redeem(&stage, &code).status, redeem(&stage, &code).text().as_str()), (401, INVALID));
}
