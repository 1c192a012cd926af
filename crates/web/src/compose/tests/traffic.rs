//! What is counted of requests: by the endpoint that answered, and never by anything that a caller wrote.

use axum::body::Body;

use super::toys::{request, send, service};

#[tokio::test]
async fn every_answer_is_counted_once_under_the_pattern_that_took_it() {
    let service = service();
    assert_eq!(service.traffic(), [], "nobody has asked yet");
    let asked = [
        ("PUT", "/user/activate-account/path-secret?x=query-secret"),
        ("PUT", "/User/Activate-Account/other-secret/"),
        ("GET", "/api/v1/panics"),
        ("GET", "/unknown/path-secret"),
        ("PATCH", "/user/activate-account/path-secret"),
        ("GET", "/"),
    ];
    for (method, target) in asked {
        send(&service, request(method, target, Body::empty())).await;
    }
    let read = service.traffic();
    let mut told: Vec<_> = read
        .iter()
        .map(|answered| {
            assert_eq!(answered.times.total(), answered.statuses.values().sum::<u64>());
            (answered.contract, &*answered.method, answered.pattern, answered.statuses.clone())
        })
        .collect();
    told.sort_unstable();
    let expected = [
        ("blue", "PUT", "/user/activate-account/{token}", [(200, 2)].into()),
        ("none", "none", "none", [(200, 1), (404, 1), (405, 1)].into()),
        ("violet", "GET", "/api/v1/panics", [(500, 1)].into()),
    ];
    assert_eq!(told, expected);
    assert!(!format!("{read:?}").contains("secret"), "{read:?}");
}
