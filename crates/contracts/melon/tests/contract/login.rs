//! Signing in by a query, and what is not counted against anybody.

use accounts::Limits;
use harness::http::{Answer, Request};
use harness::json::Json;
use harness::jwt;
use model::{Clock, Span, Throttle};
use secrecy::SecretString;

use crate::stage::{PASSWORD, Stage, client, realm};

const WRONG: &str = "Invalid username or password";

#[track_caller]
fn refused(answer: &Answer, status: u16, text: &str) {
    assert_eq!((answer.status, answer.text().as_str()), (status, text), "{answer}");
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
}

#[test]
fn the_claims_are_the_documented_ones_then_ours() {
    let stage = Stage::new();
    let token = stage.signed_in("Ada", &["user"]);
    // The name as stored, whatever was typed.
    stage.login("ADA", PASSWORD).expect_status(200);
    let parts = jwt::parts(&token).unwrap();
    let Json::Object(claims) = &parts.claims else { panic!("no claims") };
    let names: Vec<_> = claims.iter().map(|(name, _)| name.as_str()).collect();
    let userdata = "http://schemas.microsoft.com/ws/2008/06/identity/claims/userdata";
    let documented = ["unique_name", "role", userdata, "nbf", "exp", "iat"];
    assert_eq!(names, [&documented[..], &["sid", "gen", "aid", "mnt", "use"]].concat());
    let id = stage.run(stage.accounts.find(&realm(), "ada")).unwrap().unwrap().id;
    assert_eq!(parts.claims.get(userdata), Some(&Json::Text(id.to_string())));
    assert_eq!(parts.claims.get("unique_name"), Some(&Json::Text("Ada".to_owned())));
    let now = stage.clock.now().seconds();
    let of = |name| parts.claims.get(name).unwrap().as_i64().unwrap();
    assert_eq!((of("nbf"), of("exp"), of("iat")), (now, now + 3_600, now));
}

#[test]
fn the_role_is_that_of_the_stored_permissions() {
    let stage = Stage::new();
    for (name, permissions, role) in [
        ("a", &["user", "ADMIN"][..], "Admin"),
        ("b", &["pass", "admin"], "Admin"),
        ("c", &["Pass"], "Pass"),
        ("d", &["user"], "User"),
        ("e", &[], "User"),
        ("f", &["Server"], "User"),
    ] {
        let token = stage.signed_in(name, permissions);
        let claims = jwt::parts(&token).unwrap().claims;
        assert_eq!(claims.get("role"), Some(&Json::Text(role.to_owned())), "{permissions:?}");
    }
}

#[test]
fn missing_and_empty_parameters_are_named_in_a_problem() {
    let stage = Stage::new();
    let one = |name: &str| format!(r#""{name}":["The {name} field is required."]"#);
    let (username, password) = (one("username"), one("password"));
    for (query, errors) in [
        ("?username=ada", password.clone()),
        ("?username=ada&password=", password.clone()),
        ("?username=ada&password=&password=x", password.clone()),
        ("?username&password=x", username.clone()),
        ("", format!("{password},{username}")),
        ("?user=ada&pass=x", format!("{password},{username}")),
    ] {
        let answer = stage.get(&format!("/auth/login{query}"));
        assert_eq!(answer.status, 400, "{query}: {answer}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json; charset=utf-8"));
        let id = answer.header("x-request-id").unwrap();
        let span = &id[..16];
        let expected = format!(
            r#"{{"errors":{{{errors}}},"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"traceId":"00-{id}-{span}-00"}}"#
        );
        assert_eq!(answer.text(), expected, "{query}");
    }
}

#[test]
fn only_the_query_is_read() {
    let stage = Stage::new();
    stage.signed_in("ada", &[]);
    let fields = [("username", "ada"), ("password", PASSWORD)];
    assert_eq!(stage.ask(Request::new("GET", "/auth/login").form(&fields)).status, 400);
    // The other contract's method: not even with the query.
    assert_eq!(stage.ask(Request::new("POST", "/auth/login").query(&fields)).status, 405);
    assert_eq!(stage.ask(Request::new("POST", "/auth/login").form(&fields)).status, 405);
}

#[test]
fn queries_are_decoded_once_and_must_be_text() {
    let stage = Stage::new();
    let command = accounts::CreateAccount {
        realm: &realm(),
        username: "a%41 +b",
        email: None,
        email_confirmed: false,
        password: SecretString::from("p&q=1#%20+\u{e9}\0"),
        permissions: None,
    };
    stage.run(stage.accounts.create(command)).unwrap();
    stage.login("a%41 +b", "p&q=1#%20+\u{e9}\0").expect_status(200);
    for query in ["username=%ff&password=x", "username=ada&password=%C3%28"] {
        let answer = stage.get(&format!("/auth/login?{query}"));
        assert_eq!(answer.status, 400);
        assert_eq!(answer.header("content-type"), Some("application/problem+json; charset=utf-8"));
        assert!(!answer.text().contains("ada"));
    }
}

#[test]
fn whoever_may_not_sign_in_here_has_a_wrong_password() {
    let stage = Stage::new();
    for name in ["nobody", "a\0b", "a\nb", "\u{202e}", &"x".repeat(5_000)] {
        refused(&stage.login(name, PASSWORD), 401, WRONG);
    }
    let ada = stage.signed_in("ada", &[]);
    refused(&stage.login("ada", "wrong horse"), 401, WRONG);
    refused(&stage.login("ada", &"x".repeat(20_000)), 401, WRONG);
    let mount = stage.mount("melon");
    let caller = stage.run(mount.check(&ada)).unwrap();
    let prepared = stage.run(mount.prepare_two_factor(&caller, &client())).unwrap();
    let secret = harness::totp::secret_bytes(&prepared.secret).unwrap();
    let code = harness::totp::code_at(&secret, stage.clock.now().seconds());
    stage.run(mount.enable_two_factor(&caller, &code, &client())).unwrap();
    refused(&stage.login("ada", PASSWORD), 401, WRONG);
    stage.signed_in("bob", &[]);
    stage.run(stage.accounts.disable(&realm(), "bob")).unwrap();
    refused(&stage.login("bob", PASSWORD), 401, WRONG);
}

#[test]
fn an_unconfirmed_address_is_told_only_to_who_knows_the_password() {
    let stage = Stage::with(|settings| settings.policy.require_confirmed_email = true);
    let command = accounts::CreateAccount {
        realm: &realm(),
        username: "ada",
        email: Some("ada@example.com"),
        email_confirmed: false,
        password: PASSWORD.into(),
        permissions: None,
    };
    stage.run(stage.accounts.create(command)).unwrap();
    refused(&stage.login("ada", PASSWORD), 401, "Email address not confirmed");
    refused(&stage.login("ada", "wrong horse"), 401, WRONG);
}

#[test]
fn a_stale_token_beside_the_credentials_is_not_looked_at() {
    let stage = Stage::new();
    let token = stage.signed_in("ada", &[]);
    stage.clock.advance(Span::hours(2));
    let login = || Request::new("GET", "/auth/login").query(&[("username", "ada"), ("password", PASSWORD)]);
    for stale in [token.as_str(), "nonsense", ""] {
        stage.ask(login().bearer(stale)).expect_status(200);
    }
}

#[test]
fn the_probe_is_free_and_everything_else_is_counted() {
    let limits =
        Limits { per_address: Some(Throttle { burst: 2, every: Span::minutes(1) }), ..Limits::default() };
    let stage = Stage::with(|settings| settings.limits = limits);
    for _ in 0..10 {
        refused(&stage.login("NA", "NA"), 401, WRONG);
    }
    refused(&stage.login("NA", "NB"), 401, WRONG);
    refused(&stage.login("na", "na"), 401, WRONG);
    let answer = stage.login("ada", PASSWORD);
    refused(&answer, 429, "Too many attempts, try again later");
    assert_eq!(answer.header("retry-after"), Some("60"));
    let quoted =
        Request::new("GET", "/auth/login?username=ada&password=x").header("Accept", "application/json");
    assert_eq!(stage.ask(quoted).text(), r#""Too many attempts, try again later""#);
    refused(&stage.login("NA", "NA"), 401, WRONG);
}
