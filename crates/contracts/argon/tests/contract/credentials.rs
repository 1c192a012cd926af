//! Registering and signing in: the order of checks, odd bodies, and who is refused.

use accounts::{Limits, Registration};
use harness::http::{Answer, Request};
use model::{Clock, Realm, Span, Throttle};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::stage::{PASSWORD, Stage};

const PATHS: [&str; 2] = ["/api/auth/register", "/api/auth/login"];

#[track_caller]
fn refused(answer: &Answer, status: u16, text: &str) {
    assert_eq!(answer.status, status, "{answer}");
    assert_eq!(answer.text(), json!({ "error": text }).to_string(), "{answer}");
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(answer.header("www-authenticate"), None);
}

#[test]
fn what_javascript_takes_for_false_was_not_given() {
    let stage = Stage::new();
    for falsy in [Value::Null, json!(""), json!(0), json!(-0.0), json!(false)] {
        for path in PATHS {
            for body in [
                json!({ "username": falsy, "password": PASSWORD }),
                json!({ "username": "ada", "password": falsy }),
                // Not given comes before wrong types.
                json!({ "username": 5, "password": falsy }),
            ] {
                refused(&stage.post(path, &body), 400, "Username and password required");
            }
        }
    }
}

#[test]
fn other_values_than_text_are_a_400_and_register_nobody() {
    let stage = Stage::new();
    for odd in [json!(5), json!(true), json!([]), json!(["ada"]), json!({ "$ne": "" })] {
        for path in PATHS {
            for body in [
                json!({ "username": odd, "password": PASSWORD }),
                json!({ "username": "ada", "password": odd }),
            ] {
                refused(&stage.post(path, &body), 400, "Username and password must be strings");
            }
        }
    }
    refused(&stage.login("5", PASSWORD), 401, "Invalid credentials");
    stage.register("ada");
}

#[test]
fn bodies_that_are_not_read_count_as_empty() {
    let stage = Stage::new();
    let body = json!({ "username": "ada", "password": PASSWORD }).to_string().into_bytes();
    let form = b"username=ada&password=correct+horse".to_vec();
    for path in PATHS {
        for (kind, body) in [
            ("application/x-www-form-urlencoded", form.clone()),
            ("text/plain", body.clone()),
            ("application/problem+json", body.clone()),
            ("application/json", Vec::new()),
            ("application/json; charset=latin1", Vec::new()),
            ("application/json", b" [{\"username\":\"ada\"}] ".to_vec()),
        ] {
            let mut request = Request::new("POST", path).header("Content-Type", kind);
            request.body = body;
            refused(&stage.ask(request), 400, "Username and password required");
        }
    }
}

#[test]
fn json_that_two_readers_could_read_differently_is_invalid() {
    let stage = Stage::new();
    let deep = format!("{{\"username\":{}", "[".repeat(50_000));
    for body in [
        "null",
        "5",
        "\"text\"",
        "{",
        " ",
        "{\"username\":\"ada\",}",
        "{\"username\":\"ada\",\"password\":\"correct horse\",\"username\":\"bob\"}",
        "[1",
        "\u{feff}{}",
        &deep,
    ] {
        for path in PATHS {
            let mut request = Request::new("POST", path).header("Content-Type", "application/json");
            request.body = body.as_bytes().to_vec();
            refused(&stage.ask(request), 400, "Invalid JSON");
        }
    }
    let mut request = Request::new("POST", PATHS[0]).header("Content-Type", "application/json");
    request.body = b"{\"username\":\"\xff\",\"password\":\"correct horse\"}".to_vec();
    refused(&stage.ask(request), 400, "Invalid JSON");
}

#[test]
fn json_in_a_charset_or_coding_that_is_not_read_is_a_415() {
    let stage = Stage::new();
    let body = json!({ "username": "ada", "password": PASSWORD });
    let coded = Request::new("POST", PATHS[0]).json(&body).header("Content-Encoding", "gzip");
    refused(&stage.ask(coded), 415, "Unsupported media type");
    let mut latin = Request::new("POST", PATHS[1]).header("Content-Type", "Application/JSON; charset=latin1");
    latin.body = body.to_string().into_bytes();
    refused(&stage.ask(latin), 415, "Unsupported media type");
}

#[test]
fn names_and_passwords_that_nobody_can_have_are_refused() {
    let stage = Stage::new();
    let register = |username: &str, password: &str| {
        stage.post(PATHS[0], &json!({ "username": username, "password": password }))
    };
    for name in ["a\0b", "a\nb", "\u{202e}ada", " ", &"x".repeat(256)] {
        refused(&register(name, PASSWORD), 400, "Invalid username");
        refused(&stage.login(name, PASSWORD), 401, "Invalid credentials");
    }
    refused(&register("ada", "1234567"), 400, "Password must be at least 8 characters");
    // Characters, not bytes.
    refused(&register("ada", "\u{1f980}\u{1f980}"), 400, "Password must be at least 8 characters");
    refused(&register("ada", &"x".repeat(1_025)), 400, "Password is too long");
    refused(&stage.login("ada", &"x".repeat(90_000)), 401, "Invalid credentials");
    register("ada", " \0pass word\n").expect_status(200);
    stage.login("ada", " \0pass word\n").expect_status(200);
    refused(&stage.login("ada", "pass word"), 401, "Invalid credentials");
}

#[test]
fn a_stricter_realm_says_its_own_minimum() {
    let stage = Stage::with(|settings| settings.min_password = 12);
    let body = json!({ "username": "ada", "password": "12345678901" });
    refused(&stage.post(PATHS[0], &body), 400, "Password must be at least 12 characters");
    let stage = Stage::with(|settings| settings.min_password = 1);
    let body = json!({ "username": "ada", "password": "1234567" });
    refused(&stage.post(PATHS[0], &body), 400, "Password must be at least 8 characters");
}

#[test]
fn a_taken_name_is_checked_after_the_password() {
    let stage = Stage::new();
    stage.register("ada");
    let body = json!({ "username": "ADA", "password": "short" });
    refused(&stage.post(PATHS[0], &body), 400, "Password must be at least 8 characters");
    let body = json!({ "username": "ADA", "password": PASSWORD });
    refused(&stage.post(PATHS[0], &body), 400, "Username already exists");
}

#[test]
fn nobody_becomes_administrator_by_being_first() {
    let stage = Stage::new();
    let body = json!({ "username": "ada", "password": PASSWORD, "permissions": ["admin"], "role": "admin" });
    let answer = stage.post(PATHS[0], &body).expect_status(200);
    assert_eq!(answer.json()["permissions"], json!(["user"]));
    assert!(answer.text().starts_with("{\"token\":\""), "{answer}");
}

#[test]
fn closed_registration_is_a_400() {
    for closed in [Registration::Closed, Registration::Invite] {
        let stage = Stage::with(|settings| settings.policy.registration = closed);
        let body = json!({ "username": "ada", "password": PASSWORD });
        refused(&stage.post(PATHS[0], &body), 400, "Registration is currently disabled");
    }
}

#[test]
fn disabled_accounts_and_second_factors_look_like_a_wrong_password() {
    let stage = Stage::new();
    let token = stage.register("ada");
    let mount = stage.mount("argon");
    let caller = stage.run(mount.check(&token)).unwrap();
    let prepared = stage.run(mount.prepare_two_factor(&caller, &client())).unwrap();
    let secret = harness::totp::secret_bytes(&prepared.secret).unwrap();
    let code = harness::totp::code_at(&secret, stage.clock.now().seconds());
    stage.run(mount.enable_two_factor(&caller, &code, &client())).unwrap();
    refused(&stage.login("ada", PASSWORD), 401, "Invalid credentials");
    stage.register("bob");
    stage.run(stage.accounts.disable(&Realm::new("default"), "bob")).unwrap();
    refused(&stage.login("bob", PASSWORD), 401, "Invalid credentials");
}

#[test]
fn an_unconfirmed_address_is_told_only_to_who_knows_the_password() {
    let stage = Stage::with(|settings| settings.policy.require_confirmed_email = true);
    let command = accounts::CreateAccount {
        realm: &Realm::new("default"),
        username: "ada",
        email: Some("ada@example.com"),
        email_confirmed: false,
        password: SecretString::from(PASSWORD),
        permissions: None,
    };
    stage.run(stage.accounts.create(command)).unwrap();
    let text = "Please confirm your email address to complete the registration.";
    refused(&stage.login("ada", PASSWORD), 401, text);
    refused(&stage.login("ada", "wrong horse"), 401, "Invalid credentials");
}

#[test]
fn too_many_tries_are_a_429_that_says_when() {
    let once = Some(Throttle { burst: 1, every: Span::minutes(1) });
    let limits = Limits { per_account: once, registration: once, ..Limits::default() };
    let stage = Stage::with(|settings| settings.limits = limits);
    let token = stage.register("ada");
    let again = stage.post(PATHS[0], &json!({ "username": "bob", "password": PASSWORD }));
    refused(&stage.login("ada", "wrong horse"), 401, "Invalid credentials");
    for answer in [again, stage.login("ada", PASSWORD)] {
        assert_eq!(answer.status, 429, "{answer}");
        assert_eq!(answer.text(), r#"{"code":429,"error":"Too many attempts, please try again later"}"#);
        assert_eq!(answer.header("retry-after"), Some("60"));
    }
    // The check of a token is never throttled: the panel would sign its user out.
    for _ in 0..20 {
        stage.state(&token).expect_status(200);
    }
    stage.clock.advance(Span::minutes(1));
    stage.login("ada", PASSWORD).expect_status(200);
}

fn client() -> accounts::Client {
    accounts::Client { address: std::net::Ipv4Addr::LOCALHOST.into(), user_agent: String::new() }
}
