use accounts::{Failure, Fault, Refusal};
use model::Span;

use super::*;

async fn shown(response: Response) -> (u16, String, Option<String>) {
    let status = response.status().as_u16();
    let after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap(), after)
}

fn only(text: &str) -> String {
    format!("{{\"error\":\"{text}\"}}")
}

#[tokio::test]
async fn what_breaks_is_told_without_its_cause() {
    let busy = only("Server is busy, please try again later");
    let overloaded = Failure::Overloaded { retry_after: Span(2_000_001) };
    let table = [
        (failed(Failure::Fault(Fault::Internal)), 500, only("Server error"), None),
        (failed(Failure::Fault(Fault::Unavailable)), 503, busy.clone(), Some("1")),
        (failed(overloaded), 503, busy.clone(), Some("3")),
        (miss(&Missed::TimedOut), 503, busy, Some("1")),
        (miss(&Missed::Panicked), 500, only("Server error"), None),
    ];
    for (response, status, body, after) in table {
        assert_eq!(shown(response).await, (status, body, after.map(str::to_owned)));
    }
}

#[tokio::test]
async fn every_refusal_is_the_callers_fault_and_says_so_in_a_string() {
    let all = [
        Refusal::WrongCredentials,
        Refusal::EmailUnconfirmed,
        Refusal::Throttled { retry_after: Span::seconds(1) },
        Refusal::RegistrationClosed,
        Refusal::UsernameUnusable,
        Refusal::EmailUnusable,
        Refusal::PasswordTooShort { min: 9 },
        Refusal::PasswordTooLong,
        Refusal::PasswordTooCommon,
        Refusal::NameTaken,
        Refusal::TicketUnknown,
        Refusal::CodeWrong,
        Refusal::RefreshRefused,
        Refusal::TokenUnknown,
        Refusal::InviteUnknown,
        Refusal::TooManyInvites,
        Refusal::NotPermitted,
        Refusal::AccountUnknown,
        Refusal::CurrentPasswordWrong,
        Refusal::SessionUnknown,
        Refusal::EmailUnchanged,
        Refusal::EmailChangeUnknown,
        Refusal::ApiKeyUnknown,
        Refusal::ProfileTooLarge,
        Refusal::LastAdministrator,
        Refusal::TwoFactorNotInitialised,
    ];
    for refusal in all {
        let (status, body, after) = shown(refused(refusal)).await;
        assert!((400..500).contains(&status), "{refusal:?}");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert!(body["error"].as_str().is_some_and(|text| !text.is_empty()), "{refusal:?}");
        assert_eq!(after.is_some(), matches!(refusal, Refusal::Throttled { .. }), "{refusal:?}");
    }
    let forbidden = shown(refused(Refusal::NotPermitted)).await;
    assert_eq!(forbidden.1, r#"{"error":"Insufficient permissions","required":"admin"}"#);
}
