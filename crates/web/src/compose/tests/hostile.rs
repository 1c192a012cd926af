//! Paths and headers made to hurt.

use axum::{body::Body, extract::Request};
use http::{HeaderValue, Uri};

use super::toys::{ask, request, send, service};

#[tokio::test]
async fn odd_paths_are_404_or_400_or_a_parameter() {
    let long = format!("/auth/{}", "a".repeat(60_000));
    let deep = "/a".repeat(20_000);
    let slashes = "/".repeat(20_000);
    let upper = format!("/User/Activate-Account/{}", "A".repeat(60_000));
    let table: [(&str, u16); 19] = [
        (&long, 404),
        (&deep, 404),
        (&slashes, 404),
        (&upper, 405),
        ("/auth/%00", 404),
        ("/auth/%2F", 404),
        ("/auth/%zz", 404),
        ("/auth/%", 404),
        ("/auth/%ff", 400),
        ("/%c3%28", 400),
        ("/Auth/%FF/", 400),
        ("/auth/../api/auth/state", 404),
        ("/auth/%2e%2e/x", 404),
        ("/auth/./login", 404),
        ("/auth/login;x=1", 404),
        ("/auth/login\\", 404),
        ("/{id}", 404),
        ("/api/users/{*rest}", 200),
        ("/api/users/%7Bid%7D", 200),
    ];
    for (target, status) in table {
        let shown = &target[..target.len().min(30)];
        // Some of these a socket would refuse; a library caller need not.
        if let Ok(uri) = target.parse::<Uri>() {
            let answer = send(&service(), Request::builder().uri(uri).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, status, "{shown}");
            assert!(answer.body.len() < 200, "{shown}: the path must not come back");
        }
    }
    for target in ["/api/users/%00", "/api/users/a%0D%0Ab"] {
        let answer = ask("GET", target).await;
        assert_eq!(answer.status, 200, "{target}: the handler decides what a parameter may hold");
        assert!(answer.headers.values().all(|value| value.to_str().is_ok()));
    }
}

#[tokio::test]
async fn other_forms_of_target_are_answered() {
    for (method, target, status) in [
        ("GET", "http://elsewhere.example/Auth/Login/?q", 200),
        ("GET", "http://elsewhere.example", 200),
        ("CONNECT", "elsewhere.example:443", 404),
        ("OPTIONS", "*", 404),
        ("GET", "*", 404),
    ] {
        assert_eq!(ask(method, target).await.status, status, "{method} {target}");
    }
}

#[tokio::test]
async fn odd_bytes_in_a_path_do_not_panic() {
    for byte in 0..=255_u8 {
        for raw in [
            vec![b'/', byte],
            [b"/auth/", &[byte][..]].concat(),
            [b"/API/users/", &[byte][..], b"/"].concat(),
        ] {
            let Ok(uri) = Uri::try_from(raw) else { continue };
            for method in ["GET", "POST", "OPTIONS"] {
                let mut request = request(method, "/", "");
                *request.uri_mut() = uri.clone();
                let answer = send(&service(), request).await;
                assert!(answer.status < 500, "{method} {uri}");
            }
        }
    }
}

#[tokio::test]
async fn headers_of_the_client_do_not_steer_the_route() {
    let names =
        ["x-http-method-override", "x-original-url", "x-rewrite-url", "forwarded", "host", "x-request-id"];
    for name in names {
        let mut request = request("GET", "/auth/login", "");
        request.headers_mut().insert(name, HeaderValue::from_static("/api/v1/user"));
        let answer = send(&service(), request).await;
        assert_eq!(answer.body, "green /auth/login", "{name}");
        assert_ne!(answer.header("x-request-id"), "/api/v1/user", "{name}");
    }
}
