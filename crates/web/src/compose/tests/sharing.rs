//! Several contracts on one path.

use super::toys::{ask, blue, chunked, green, post, red, request, send, service, service_of};
use crate::Limits;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn the_method_decides_between_contracts_on_one_path() {
    assert_eq!(ask("GET", "/auth/login").await.body, "green /auth/login");
    assert_eq!(ask("POST", "/auth/login").await.body, "blue /auth/login ");
    assert_eq!(ask("POST", "/Auth/Login/").await.body, "blue /auth/login ");
}

#[tokio::test]
async fn the_body_decides_where_the_method_does_not() {
    let table = [
        (FORM, "anything", "blue"),
        (JSON, r#"{"email":"a@b","password":"x"}"#, "blue"),
        ("application/json; charset=utf-8", r#"{"email":null}"#, "blue"),
        (JSON, r#"{"username":"a","password":"x"}"#, "red"),
        (JSON, r#"{"Email":"a@b"}"#, "red"),
        (JSON, r#"[{"email":"a@b"}]"#, "red"),
        (JSON, r#"{"email":"a","email":"b"}"#, "red"),
        (JSON, "{", "red"),
        (JSON, "", "red"),
        ("text/plain", r#"{"email":"a@b"}"#, "red"),
    ];
    for (content_type, body, name) in table {
        for target in ["/api/auth/login", "/API/auth/Login/"] {
            let answer = post(target, content_type, body).await;
            assert_eq!(answer.body, format!("{name} /api/auth/login {body}"), "{content_type}");
        }
    }
}

#[tokio::test]
async fn a_shared_body_of_unannounced_length_is_read_and_given_on() {
    let body = chunked(vec![r#"{"em"#.into(), r#"ail":"x"}"#.into()]);
    let mut request = request("POST", "/api/auth/login", body);
    request.headers_mut().insert("content-type", JSON.parse().unwrap());
    let answer = send(&service(), request).await;
    assert_eq!(answer.body, r#"blue /api/auth/login {"email":"x"}"#);
}

#[tokio::test]
async fn the_order_of_mounting_decides_only_between_claimants() {
    let orders = [vec![red(), blue(), green()], vec![green(), blue(), red()]];
    for (order, last) in orders.into_iter().zip(["green", "red"]) {
        let service = service_of(order, Limits::default());
        for (body, name) in [("r", "red"), ("b", "blue"), ("g", "green"), ("?", last)] {
            let answer = send(&service, request("POST", "/three", body)).await;
            assert_eq!(answer.body, format!("{name} /three {body}"));
        }
        let answer = send(&service, request("POST", "/api/auth/login", "?")).await;
        assert_eq!(answer.body, "red /api/auth/login ?", "the one without claims, wherever mounted");
    }
}

#[tokio::test]
async fn the_first_of_several_that_claim_answers() {
    let mut eager = blue();
    for endpoint in &mut eager.endpoints {
        endpoint.claims = endpoint.claims.map(|_| (|_, _| true) as crate::Claim);
    }
    let service = service_of(vec![red(), eager, green()], Limits::default());
    for (body, name) in [("r", "red"), ("b", "blue"), ("g", "blue"), ("?", "blue")] {
        assert_eq!(
            send(&service, request("POST", "/three", body)).await.body,
            format!("{name} /three {body}")
        );
    }
}

#[tokio::test]
async fn a_contract_alone_on_a_path_is_not_asked_for_its_claim() {
    assert_eq!(ask("POST", "/only-red").await.body, "red /only-red ");
    let service = service_of(vec![blue()], Limits::default());
    let answer = send(&service, request("POST", "/api/auth/login", "neither form nor JSON")).await;
    assert_eq!(answer.body, "blue /api/auth/login neither form nor JSON");
}
