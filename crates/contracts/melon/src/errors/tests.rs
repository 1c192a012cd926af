use axum::http::HeaderMap;
use model::Span;

use super::*;

fn reply() -> Reply {
    let from = web::Client {
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        user_agent: String::new(),
        request_id: None,
    };
    Reply::to(&HeaderMap::new(), &from)
}

async fn shown(response: Response) -> (u16, String, Option<String>) {
    let status = response.status().as_u16();
    let after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap(), after)
}

#[tokio::test]
async fn what_breaks_is_told_without_its_cause() {
    let busy = "Server is busy, try again later";
    let overloaded = Failure::Overloaded { retry_after: Span(2_000_001) };
    let table = [
        (failed(&reply(), Failure::Fault(Fault::Internal)), 500, "Internal server error", None),
        (failed(&reply(), Failure::Fault(Fault::Unavailable)), 503, busy, Some("1")),
        (failed(&reply(), overloaded), 503, busy, Some("3")),
        (miss(&Missed::TimedOut), 503, "", Some("1")),
        (miss(&Missed::Panicked), 500, "", None),
    ];
    for (response, status, body, after) in table {
        assert_eq!(shown(response).await, (status, body.to_owned(), after.map(str::to_owned)));
    }
}

#[tokio::test]
async fn every_refusal_is_the_callers_fault() {
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
        let response = by_rule(&reply(), refusal);
        let challenged = response.headers().contains_key("www-authenticate");
        let (status, body, after) = shown(response).await;
        assert!((400..500).contains(&status), "{refusal:?}");
        // The body says why, or the challenge does.
        assert_ne!(challenged, !body.is_empty(), "{refusal:?}");
        assert_eq!(after.is_some(), matches!(refusal, Refusal::Throttled { .. }), "{refusal:?}");
    }
}
