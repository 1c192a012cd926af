//! GoScrobble's web client: axios from another origin (goscrobble.md 4).

use harness::http::{Answer, Request};
use harness::process::TesseraProcess;
use serde_json::{Value, json};

use super::{Surfer, claims, text};
use crate::stand::{PASSWORD, address_of, administrator, mailed, server, unique};

const ORIGIN: &str = "http://localhost:3000";

fn page(server: &TesseraProcess) -> Surfer {
    Surfer::new(server, &[("Accept", "application/json, text/plain, */*"), ("Origin", ORIGIN)])
}

/// An answer that a browser hands to the page: a 200 that names its origin.
#[track_caller]
fn seen(answer: Answer) -> Value {
    let answer = answer.expect_status(200);
    let allowed = answer.header("access-control-allow-origin");
    assert!(allowed == Some("*") || allowed == Some(ORIGIN), "{answer}");
    answer.json()
}

/// What a browser asks before it sends a request with JSON or a token from elsewhere.
#[track_caller]
fn preflight(page: &mut Surfer, method: &str, target: &str) {
    let request = Request::new("OPTIONS", target)
        .header("Access-Control-Request-Method", method)
        .header("Access-Control-Request-Headers", "authorization,content-type");
    let answer = page.ask(request);
    assert!(matches!(answer.status, 200 | 204), "{answer}");
    let headers = answer.header("access-control-allow-headers").unwrap_or_default().to_lowercase();
    assert!(
        headers == "*" || headers.contains("authorization") && headers.contains("content-type"),
        "{answer}"
    );
    let methods = answer.header("access-control-allow-methods").unwrap_or_default();
    assert!(methods.contains(method) || methods == "*", "{answer}");
}

/// Keeps a token if its claims are all that the client stores.
#[track_caller]
fn keep(page: &mut Surfer, answer: &Value) -> Value {
    text(answer, "token").clone_into(&mut page.token);
    let claims = claims(&page.token);
    assert!(claims["exp"].is_u64() && claims["refresh_exp"].is_u64(), "{claims}");
    assert!(claims["admin"].is_boolean() && claims["mod"].is_boolean(), "{claims}");
    assert_eq!(text(&claims, "refresh_token").len(), text(&claims, "refresh_token").trim().len());
    text(&claims, "sub");
    text(&claims, "username");
    claims
}

#[track_caller]
fn sign_in(page: &mut Surfer, name: &str, password: &str) -> Value {
    page.token.clear();
    preflight(page, "POST", "/api/v1/login");
    let fields = json!({ "username": name, "password": password });
    let answer = seen(page.send("POST", "/api/v1/login", &fields));
    keep(page, &answer)
}

#[track_caller]
fn register(page: &mut Surfer, name: &str) {
    assert_eq!(seen(page.get("/api/v1/serverinfo"))["registration_enabled"], "1");
    let fields = json!({
        "username": name, "email": address_of(name), "password": PASSWORD, "passwordconfirm": PASSWORD,
    });
    preflight(page, "POST", "/api/v1/register");
    text(&seen(page.send("POST", "/api/v1/register", &fields)), "message");
}

#[test]
fn a_listener_joins_and_stays_signed_in() {
    let server = server();
    let (name, mut page) = (unique("listener"), page(&server));
    register(&mut page, &name);
    let wrong = json!({ "username": name, "password": "no horse 1" });
    text(&seen(page.send("POST", "/api/v1/login", &wrong)), "error");
    let stored = sign_in(&mut page, &name, PASSWORD);
    assert_eq!((&stored["username"], &stored["admin"]), (&json!(name), &json!(false)));

    // The user page: what is shown, what is changed, what is shown again.
    preflight(&mut page, "PATCH", "/api/v1/user");
    let user = seen(page.get("/api/v1/user"));
    assert_eq!((text(&user, "username"), text(&user, "email")), (&*name, &*address_of(&name)));
    assert_eq!(user["uuid"], stored["sub"]);
    text(&seen(page.send("PATCH", "/api/v1/user", &json!({ "timezone": "Europe/Berlin" }))), "message");
    text(&seen(page.send("PATCH", "/api/v1/user", &json!({ "token": "" }))), "message");
    let changed = seen(page.get("/api/v1/user"));
    assert_eq!(changed["timezone"], "Europe/Berlin");
    assert_ne!(changed["token"], user["token"]);
    assert_eq!(seen(page.get(&format!("/api/v1/profile/{name}")))["username"], name);

    // Loaded again after `exp`: the stored refresh token is exchanged, without the old access token.
    page.token.clear();
    let answer = seen(page.send("POST", "/api/v1/refresh", &json!({ "token": stored["refresh_token"] })));
    let restored = keep(&mut page, &answer);
    assert_ne!(restored["refresh_token"], stored["refresh_token"]);
    assert_eq!(seen(page.get("/api/v1/user"))["uuid"], stored["sub"]);
    assert_eq!(page.get("/api/v1/config").status, 401);

    seen(page.send("PATCH", "/api/v1/user", &json!({ "active": 0 })));
    assert_eq!(page.get("/api/v1/user").status, 401);
}

#[test]
fn a_password_is_reset_on_the_clients_own_page() {
    let server = server();
    let (name, mut page) = (unique("listener"), page(&server));
    register(&mut page, &name);
    sign_in(&mut page, &name, PASSWORD);
    let mut visitor = self::page(&server);
    let email = address_of(&name);
    text(&seen(visitor.send("POST", "/api/v1/sendreset", &json!({ "email": email }))), "message");
    let token = mailed(&server, &email, "reset");
    // The page behind the link asks whether it may go on, without the token.
    assert_eq!(seen(visitor.get("/api/v1/user/"))["valid"], true);
    let short = json!({ "token": token, "password": "short", "comfirmpassword": "short" });
    text(&seen(visitor.send("POST", "/api/v1/resetpassword", &short)), "error");
    let fields =
        json!({ "token": token, "password": "another horse 2", "comfirmpassword": "another horse 2" });
    text(&seen(visitor.send("POST", "/api/v1/resetpassword", &fields)), "message");
    text(&seen(visitor.send("POST", "/api/v1/resetpassword", &fields)), "error");
    assert_eq!(page.get("/api/v1/user").status, 401, "a session outlived the reset");
    sign_in(&mut page, &name, "another horse 2");
}

#[test]
fn an_administrator_closes_registration() {
    let server = server();
    let mut page = page(&server);
    let boss = administrator(&server, "boss");
    assert_eq!(sign_in(&mut page, &boss, PASSWORD)["admin"], true);
    assert_eq!(seen(page.get("/api/v1/config"))["configs"]["REGISTRATION_ENABLED"], "1");
    text(&seen(page.send("POST", "/api/v1/config", &json!({ "REGISTRATION_ENABLED": "0" }))), "message");
    assert_eq!(seen(page.get("/api/v1/serverinfo"))["registration_enabled"], "0");
    let fields = json!({ "username": "late", "email": "late@mail.example.com", "password": PASSWORD });
    text(&seen(page.send("POST", "/api/v1/register", &fields)), "error");
    text(&seen(page.send("POST", "/api/v1/config", &json!({ "REGISTRATION_ENABLED": "1" }))), "message");
    register(&mut page, &unique("listener"));
}
