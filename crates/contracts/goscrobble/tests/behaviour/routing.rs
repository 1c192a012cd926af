//! Paths, methods, and pages of other origins.

use crate::server::Server;

const ELSEWHERE: (&str, &str) = ("origin", "https://elsewhere.example");

#[tokio::test]
async fn methods_that_a_path_does_not_have_are_an_empty_405() {
    let server = Server::start().await;
    for (method, target, allow) in [
        ("GET", "/api/v1/login", "POST"),
        ("HEAD", "/api/v1/login", "POST"),
        ("PUT", "/api/v1/register", "POST"),
        ("DELETE", "/api/v1/refresh/", "POST"),
        ("GET", "/api/v1/sendreset", "POST"),
        ("GET", "/api/v1/resetpassword", "POST"),
        ("POST", "/api/v1/serverinfo", "GET"),
        ("HEAD", "/api/v1/serverinfo", "GET"),
        ("HEAD", "/api/v1/user/", "GET, PATCH"),
        ("HEAD", "/api/v1/user", "GET, PATCH"),
        ("POST", "/api/v1/user", "GET, PATCH"),
        ("PATCH", "/api/v1/config", "GET, POST"),
        ("POST", "/api/v1/profile/bob", "GET"),
        ("OPTIONS", "/api/v1/login", "POST"),
        ("OPTIONS", "/api/v1/user/", "GET, PATCH"),
    ] {
        let answer = server.send(method, target, &[ELSEWHERE], "").await;
        assert_eq!(answer.says(), (405, ""), "{method} {target}");
        assert_eq!(answer.header("allow"), allow, "{method} {target}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {target}");
    }
}

#[tokio::test]
async fn unknown_paths_are_plain_text() {
    let server = Server::start().await;
    for (method, target) in [
        ("GET", "/api/v1"),
        ("GET", "/api/v1/"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api/v1/profile"),
        ("GET", "/api/v1/profile/"),
        ("GET", "/api/v1/profile/a/b"),
        ("POST", "/api/v1/ingress/jellyfin"),
        ("OPTIONS", "/api/v1/nothing"),
        ("POST", "/api/v1/Login"),
        ("POST", "/api/v1//login"),
        ("POST", "/api/v1/login//"),
        ("POST", "/api/v1/login/x"),
        ("POST", "/api/v1/log%69n/x"),
        ("GET", "/api/v1/%00"),
    ] {
        let answer = server.send(method, target, &[ELSEWHERE], "{}").await;
        assert_eq!(answer.says(), (404, "404 page not found\n"), "{method} {target}");
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {target}");
    }
    let garbage = server.send("GET", "/api/v1/%ff", &[], "").await;
    assert_eq!(garbage.says(), (400, "{\"error\":\"Bad request\"}\n"));
    for target in ["/API/v1/login", "/api/V1/login", "/api/v11/login"] {
        let answer = server.send("POST", target, &[ELSEWHERE], "{}").await;
        assert_eq!(answer.says(), (404, r#"{"error":"Not found"}"#), "{target} is nobody's");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{target}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_is_no_redirect() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let sent = r#"{"username":"bob","password":"password-1"}"#;
    assert!(!server.post("login/", sent).await.token().is_empty());
    assert_eq!(server.send("GET", "/api/v1/serverinfo/", &[], "").await.status, 200);
}

#[tokio::test]
async fn the_page_for_a_new_password_may_go_on() {
    let server = Server::start().await;
    let answer = server.send("GET", "/api/v1/user/", &[ELSEWHERE], "").await;
    assert_eq!(answer.says(), (200, r#"{"valid":true}"#));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn the_client_is_told_what_it_asks_before_registering() {
    let server = Server::start().await;
    let answer = server.send("GET", "/api/v1/serverinfo", &[("authorization", "nonsense")], "").await;
    assert_eq!(answer.says(), (200, r#"{"version":"0.2.0","registration_enabled":"1"}"#));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn preflights_allow_every_origin_and_header_but_no_credentials() {
    let server = Server::start().await;
    for target in ["/api/v1/login", "/api/v1/user"] {
        let headers = [
            ELSEWHERE,
            ("access-control-request-method", "PATCH"),
            ("access-control-request-headers", "authorization,x-odd"),
        ];
        let answer = server.send("OPTIONS", target, &headers, "").await;
        assert_eq!(answer.says(), (200, ""), "{target}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-methods"), "GET,POST,PATCH,DELETE");
        assert_eq!(answer.header("access-control-allow-headers"), "authorization,x-odd");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        // The origin changes nothing in the answer, the headers asked for do.
        assert_eq!(answer.header("vary"), "access-control-request-headers");
    }
}

#[tokio::test]
async fn answers_carry_the_origin_and_are_never_kept() {
    let server = Server::start().await;
    for (call, sent) in [("login", "{}"), ("register", "nonsense"), ("refresh", ""), ("sendreset", "{}")] {
        let answer = server.send("POST", &format!("/api/v1/{call}"), &[ELSEWHERE], sent).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{call}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{call}");
        assert_eq!(answer.header("cache-control"), "no-store", "{call}");
        assert_eq!(answer.header("set-cookie"), "", "{call}");
    }
}
