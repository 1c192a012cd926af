//! What no handler answers, how paths may be spelled, and trouble of our own.

use harness::http::Request;
use serde_json::json;

use crate::world::{PASSWORD, World};

const LOST: &str = r#"404 {"code":404,"error":"Whoops, this resource or route could not be found"}"#;
const METHOD: &str = r#"405 {"code":405,"error":"This method is not allowed here"}"#;

/// Every endpoint, with and without `/api`.
const ENDPOINTS: [(&str, &str); 29] = [
    ("POST", "/auth/register"),
    ("POST", "/auth/login"),
    ("POST", "/auth/two-factor"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/logout"),
    ("PUT", "/user/activate-account/{token}"),
    ("POST", "/user/activate-account/resend"),
    ("POST", "/account/two-factor"),
    ("PUT", "/account/two-factor"),
    ("DELETE", "/account/two-factor"),
    ("GET", "/account/two-factor/backup-codes"),
    ("POST", "/user/forgot-password"),
    ("POST", "/user/reset-password/{token}"),
    ("GET", "/account"),
    ("PUT", "/account/change-password"),
    ("PUT", "/account/change-username"),
    ("POST", "/account/change-email"),
    ("POST", "/account/change-email/resend"),
    ("POST", "/account/email-change/resend"),
    ("PUT", "/account/change-email/{token}"),
    ("PUT", "/account/email-change/{token}"),
    ("GET", "/sessions"),
    ("GET", "/account/sessions"),
    ("DELETE", "/sessions/{id}"),
    ("DELETE", "/account/sessions/{id}"),
    ("DELETE", "/sessions"),
    ("DELETE", "/account/sessions"),
    ("GET", "/notifications"),
    ("PUT", "/notifications/email"),
];

/// Those that ask for a token.
fn asks_for_a_token(path: &str) -> bool {
    !path.starts_with("/user") && (!path.starts_with("/auth") || path.ends_with("logout"))
}

#[test]
fn every_endpoint_is_there_with_and_without_the_prefix() {
    let world = World::new();
    let contracts = [wolfpal::contract(world.accounts.mount("wolfpal").unwrap())];
    let listed = web::listing(&contracts);
    assert_eq!(listed.len(), 2 * ENDPOINTS.len());
    for (method, path) in ENDPOINTS {
        for path in [path.to_owned(), format!("/api{path}")] {
            assert!(listed.iter().any(|one| one.method == method && one.path == path), "{method} {path}");
        }
    }
}

#[test]
fn an_empty_request_is_never_our_fault() {
    let world = World::new();
    for (method, path) in ENDPOINTS {
        for prefix in ["", "/api", "/API"] {
            for slash in ["", "/"] {
                let target = format!("{prefix}{}{slash}", path.replace("{token}", "x").replace("{id}", "x"));
                let answer = world.ask(Request::new(method, &target));
                let expected = match path {
                    "/user/activate-account/resend" => 200,
                    _ if asks_for_a_token(path) => 401,
                    _ => 400,
                };
                assert_eq!(answer.status, expected, "{method} {target}: {answer}");
                assert_eq!(answer.header("cache-control"), Some("no-store"));
                assert_eq!(answer.header("access-control-allow-origin"), None);
                assert_eq!(answer.header("set-cookie"), None);
            }
        }
    }
}

/// Also not by a token that is over, of an account that is gone, or of another use.
#[test]
fn nobody_is_let_in_without_a_good_token() {
    let world = World::new();
    world.account("bob");
    world.account("gone");
    let (bob, gone) = (world.sign_in("bob"), world.sign_in("gone"));
    world.wait(world.accounts.disable(&world.realm, "gone")).unwrap();
    for (method, path) in ENDPOINTS.into_iter().filter(|(_, path)| asks_for_a_token(path)) {
        let target = path.replace("{token}", "x").replace("{id}", "x");
        let ask = |value: &str| world.line(Request::new(method, &target).header("Authorization", value));
        for value in [
            bob.access.clone(),
            "Bearer".to_owned(),
            "Bearer x.y.z".to_owned(),
            format!("JWT {}", bob.access),
            format!("Bearer {}", bob.refresh),
            format!("Bearer {}", gone.access),
        ] {
            assert_eq!(ask(&value), "401 Unauthorized", "{method} {path}");
        }
        let broken = Request::new(method, &target).header("Content-Type", "application/json");
        let broken = Request { body: b"{".to_vec(), ..broken };
        assert_eq!(world.line(broken), "401 Unauthorized", "{method} {path}: the token is looked at first");
    }
    assert!(world.believes(&bob.access));
}

#[test]
fn unknown_paths_are_lost_in_the_words_of_the_contract() {
    let world = World::new();
    for path in [
        "/auth",
        "/auth/",
        "/auth/nothing",
        "/api/auth/nothing",
        "/AUTH/Nothing",
        "/user",
        "/user/activate-account",
        "/api/user/x/y/z",
        "/account/x",
        "/api/account/x",
        "/account/sessions/1/x",
        "/account/change-email/x/y",
        "/sessions/1/x",
        "/api/sessions/1/x",
        "/notifications/x",
        "/api/notifications/email/x",
        "/user/forgot-password/x",
        "/user/reset-password",
        "/auth//login",
        "/auth/login/x",
        "/auth/../auth/login",
    ] {
        for method in ["GET", "POST", "DELETE", "BREW"] {
            let answer = world.ask(Request::new(method, path));
            assert_eq!(crate::world::line(&answer), LOST, "{method} {path}");
            assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
        }
    }
    assert_eq!(world.line(Request::new("GET", "/api/users")), r#"404 {"error":"Not found"}"#);
    assert_eq!(world.line(Request::new("GET", "/authority")), r#"404 {"error":"Not found"}"#);
}

#[test]
fn known_paths_say_which_methods_they_have() {
    let world = World::new();
    for (method, path, allow) in [
        ("GET", "/auth/login", "POST"),
        ("HEAD", "/auth/login", "POST"),
        ("DELETE", "/api/auth/register", "POST"),
        ("GET", "/user/activate-account/resend", "POST, PUT"),
        ("POST", "/user/activate-account/x", "PUT"),
        ("GET", "/account/two-factor", "POST, PUT, DELETE"),
        ("HEAD", "/account/two-factor", "POST, PUT, DELETE"),
        ("POST", "/account/two-factor/backup-codes", "GET, HEAD"),
        ("POST", "/account", "GET, HEAD"),
        ("PATCH", "/api/sessions", "GET, HEAD, DELETE"),
        ("GET", "/account/sessions/x", "DELETE"),
        ("GET", "/account/change-email/resend", "POST, PUT"),
        ("POST", "/account/email-change/x", "PUT"),
        ("HEAD", "/user/reset-password/x", "POST"),
        ("GET", "/notifications/email", "PUT"),
    ] {
        let answer = world.ask(Request::new(method, path));
        let expected = if method == "HEAD" { "405 " } else { METHOD };
        assert_eq!(crate::world::line(&answer), expected, "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
        let options = world.ask(Request::new("OPTIONS", path).header("Origin", "https://evil.example"));
        assert_eq!((options.status, options.header("allow")), (204, Some(allow)), "{path}");
        assert_eq!(options.header("access-control-allow-origin"), None);
    }
}

#[test]
fn bodies_that_are_too_large_are_refused_in_shape() {
    let world = World::new();
    for (method, path) in ENDPOINTS.into_iter().filter(|(method, _)| *method != "GET") {
        let request = Request::new(method, &path.replace("{token}", "x").replace("{id}", "x"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Content-Length", "102401");
        let request = Request { body: vec![b'x'; 102_401], ..request };
        assert_eq!(world.line(request), r#"413 {"error":"Request body too large"}"#, "{method} {path}");
    }
}

#[test]
fn paths_that_are_no_text_are_refused_in_shape() {
    let world = World::new();
    for (method, path) in ENDPOINTS.into_iter().filter(|(_, path)| path.ends_with('}')) {
        let target = path.replace("{token}", "%ff%fe").replace("{id}", "%ff%fe");
        let answer = world.line(Request::new(method, &target));
        assert_eq!(answer, r#"400 {"error":"Bad request"}"#, "{method} {target}");
    }
}

#[test]
fn without_its_database_it_asks_to_come_back() {
    let world = World::new();
    world.account("bob");
    let tokens = world.sign_in("bob");
    world.lose_database();
    let email = "bob@a.example.com";
    let requests = [
        Request::new("POST", "/auth/register")
            .json(&json!({ "username": "eve", "email": "e@a.example.com", "password": PASSWORD })),
        Request::new("POST", "/auth/login").json(&json!({ "email": email, "password": PASSWORD })),
        Request::new("POST", "/auth/two-factor").json(&json!({ "token": "x", "code": "123456" })),
        Request::new("POST", "/auth/refresh").json(&json!({ "refresh_token": tokens.refresh })),
        Request::new("POST", "/auth/logout").bearer(&tokens.access),
        Request::new("PUT", "/user/activate-account/x"),
        Request::new("POST", "/user/activate-account/resend").json(&json!({ "email": email })),
        Request::new("POST", "/account/two-factor").bearer(&tokens.access),
        Request::new("GET", "/account/two-factor/backup-codes").bearer(&tokens.access),
        Request::new("POST", "/user/forgot-password").json(&json!({ "email": email })),
        Request::new("POST", "/user/reset-password/x")
            .json(&json!({ "password": PASSWORD, "comfirmPassword": PASSWORD })),
        Request::new("GET", "/account").bearer(&tokens.access),
        Request::new("PUT", "/account/change-password")
            .bearer(&tokens.access)
            .json(&json!({ "oldPassword": PASSWORD, "newPassword": "password-2" })),
        Request::new("PUT", "/account/change-password")
            .bearer(&tokens.access)
            .json(&json!({ "oldPassword": PASSWORD, "newPassword": PASSWORD })),
        Request::new("PUT", "/account/change-username")
            .bearer(&tokens.access)
            .json(&json!({ "username": "eve" })),
        Request::new("POST", "/account/change-email")
            .bearer(&tokens.access)
            .json(&json!({ "email": "e@a.example.com" })),
        Request::new("POST", "/account/change-email/resend").bearer(&tokens.access),
        Request::new("PUT", "/account/change-email/x").bearer(&tokens.access),
        Request::new("GET", "/sessions").bearer(&tokens.access),
        Request::new("DELETE", "/sessions").bearer(&tokens.access),
        Request::new("DELETE", "/sessions/01890a5d-ac96-774b-bcce-b302099a8057").bearer(&tokens.access),
        Request::new("GET", "/notifications").bearer(&tokens.access),
        Request::new("PUT", "/notifications/email")
            .bearer(&tokens.access)
            .json(&json!({ "weeklyGoals": true })),
    ];
    for request in requests {
        let target = request.target.clone();
        let answer = world.ask(request);
        assert_eq!(
            crate::world::line(&answer),
            r#"503 {"code":"SERVICE_UNAVAILABLE","error":"Service unavailable. Please try again later."}"#,
            "{target}"
        );
        assert_eq!(answer.header("retry-after"), Some("1"), "{target}");
    }
}
