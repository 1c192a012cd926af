//! What every answer carries, and what the handler learns of the caller.

use std::net::SocketAddr;

use axum::{body::Body, extract::ConnectInfo};
use tower::ServiceExt;

use super::toys::{all, ask, request, send, service, service_of};
use crate::{Limits, Served, TrustedProxies};

#[tokio::test]
async fn every_answer_is_dressed() {
    for (method, target) in [
        ("GET", "/api/auth/state"),
        ("GET", "/auth/unknown"),
        ("DELETE", "/auth/login"),
        ("OPTIONS", "/auth/login"),
        ("OPTIONS", "/api/v1/login"),
        ("GET", "/api/v1/closed"),
        ("GET", "/auth/panics"),
        ("GET", "/"),
        ("GET", "/%ff"),
    ] {
        let answer = ask(method, target).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{target}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{target}");
        assert_eq!(answer.header("cache-control"), "no-store", "{target}");
        assert_eq!(answer.header("x-request-id").len(), 32, "{target}");
    }
    assert_eq!(ask("GET", "/cached").await.header("cache-control"), "max-age=60");
}

#[tokio::test]
async fn the_request_id_is_ours_and_new_each_time() {
    let service = service();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let mut request = request("GET", "/who", "");
        request.headers_mut().insert("x-request-id", "forged".parse().unwrap());
        let answer = send(&service, request).await;
        let id = answer.header("x-request-id").to_owned();
        assert!(answer.body.ends_with(&id) && !seen.contains(&id), "{answer:?}");
        seen.push(id);
    }
    let other = service_of(all(), Limits { id_seed: 7, ..Limits::default() });
    let answer = send(&other, request("GET", "/who", "")).await;
    assert!(!seen.iter().any(|id| id == answer.header("x-request-id")));
}

#[tokio::test]
async fn the_client_is_the_peer_unless_a_trusted_proxy_says_otherwise() {
    let proxies = TrustedProxies::from(vec!["10.0.0.0/8".parse().unwrap()]);
    for (proxies, peer, forwarded, client) in [
        (TrustedProxies::default(), "10.0.0.1:9", "203.0.113.9", "10.0.0.1 agent "),
        (proxies.clone(), "10.0.0.1:9", "1.1.1.1, 203.0.113.9", "203.0.113.9 agent "),
        (proxies, "198.51.100.1:9", "203.0.113.9", "198.51.100.1 agent "),
    ] {
        let service = service_of(all(), Limits { proxies, ..Limits::default() });
        let mut request = request("GET", "/who", "");
        request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
        request.headers_mut().insert("user-agent", "agent".parse().unwrap());
        assert!(send(&service, request).await.body.starts_with(client), "{client}");
    }
}

#[tokio::test]
async fn an_answer_says_which_endpoint_served_it() {
    let served = |method: &'static str, target: &'static str| async move {
        let response = service().oneshot(request(method, target, Body::empty())).await.unwrap();
        response.extensions().get::<Served>().map(|served| (served.contract, served.pattern))
    };
    let expected = ("blue", "/user/activate-account/{token}");
    assert_eq!(served("PUT", "/user/activate-account/secret?x=y").await, Some(expected));
    let expected = ("violet", "/api/v1/panics");
    assert_eq!(served("GET", "/api/v1/panics").await, Some(expected));
    assert_eq!(served("GET", "/unknown").await, None);
    assert_eq!(served("GET", "/").await, None);
}

#[tokio::test]
async fn a_refusal_of_a_handler_is_worded_by_its_contract() {
    let answer = ask("GET", "/account/own-miss").await;
    assert_eq!((answer.status, answer.body.as_str()), (400, "blue 400"));
}
