use http_body_util::BodyExt;

use super::*;

const UNAUTHORIZED: &str = "401 - Unauthorized";

/// Status, `Retry-After` and body of an answer, on one line.
async fn line(response: impl IntoResponse) -> String {
    let response = response.into_response();
    let wait = response.headers().get("retry-after").map_or("-", |value| value.to_str().unwrap()).to_owned();
    assert!(!response.headers().contains_key("www-authenticate"));
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    format!("{status} {wait} {}", String::from_utf8_lossy(&body))
}

#[tokio::test]
async fn every_refusal_has_its_words() {
    let disabled = r#"409 - {"code":"REGISTRATION_DISABLED","error":"Currently registration are disabled."}"#;
    let table = [
        (
            Refusal::WrongCredentials,
            r#"400 - {"code":"INVALID_CREDENTIALS","error":"Either email or password is invalid. "}"#,
        ),
        (
            Refusal::EmailUnconfirmed,
            r#"400 - {"code":"PENDING_CONFIRMATION","error":"Please confirm your email address to complete the registration."}"#,
        ),
        (
            Refusal::Throttled { retry_after: Span(90_000_001) },
            r#"429 91 {"code":429,"error":"Too many attempts. Please try again later."}"#,
        ),
        (Refusal::RegistrationClosed, disabled),
        (Refusal::InviteUnknown, disabled),
        (Refusal::TooManyInvites, disabled),
        (
            Refusal::UsernameUnusable,
            r#"400 - {"codes":{"username":"INVALID_CHARACTERS"},"errors":{"username":"Username is invalid. Must only contain numbers or letters."}}"#,
        ),
        (
            Refusal::EmailUnusable,
            r#"400 - {"codes":{"email":"INVALID"},"errors":{"email":"Email is invalid."}}"#,
        ),
        (
            Refusal::PasswordTooShort { min: 12 },
            r#"400 - {"codes":{"password":"NOT_LONG_ENOUGH"},"errors":{"password":"Password must be between 12 and 56 characters long."}}"#,
        ),
        (
            Refusal::PasswordTooLong,
            r#"400 - {"codes":{"password":"NOT_LONG_ENOUGH"},"errors":{"password":"Password must be between 8 and 56 characters long."}}"#,
        ),
        (
            Refusal::PasswordTooCommon,
            r#"400 - {"codes":{"password":"NOT_LONG_ENOUGH"},"errors":{"password":"Password is too easy to guess."}}"#,
        ),
        (
            Refusal::NameTaken,
            r#"409 - {"code":"ALREADY_EXISTS","error":"This username or email already exists."}"#,
        ),
        (
            Refusal::TicketUnknown,
            r#"400 - {"code":"INVALID_TWO_FACTOR_TOKEN","error":"Invalid two factor token."}"#,
        ),
        (
            Refusal::CodeWrong,
            r#"401 - {"code":"INVALID_TWO_FACTOR_CODE","error":"Invalid two factor code."}"#,
        ),
        (Refusal::RefreshRefused, UNAUTHORIZED),
        (Refusal::NotPermitted, UNAUTHORIZED),
        (Refusal::AccountUnknown, UNAUTHORIZED),
        (
            Refusal::TokenUnknown,
            r#"400 - {"code":"EXPIRED_OR_ALREADY_USED","error":"Either your account activate link has expired or already has been used."}"#,
        ),
        (
            Refusal::CurrentPasswordWrong,
            r#"401 - {"code":"INVALID_CREDENTIALS","error":"Wrong old password."}"#,
        ),
        (Refusal::SessionUnknown, r#"404 - {"code":"SESSION_NOT_FOUND","error":"Session not found."}"#),
        (
            Refusal::EmailUnchanged,
            r#"409 - {"code":"EMAIL_CONFLICT","error":"The email you are attempting to change to is the same as your current one."}"#,
        ),
        (
            Refusal::EmailChangeUnknown,
            r#"400 - {"code":"EMAIL_CHANGE_NOT_REQUESTED","error":"You have not requsted a email change."}"#,
        ),
        (Refusal::ApiKeyUnknown, r#"404 - {"code":"API_KEY_NOT_FOUND","error":"API key not found."}"#),
        (
            Refusal::ProfileTooLarge,
            r#"400 - {"code":"PROFILE_TOO_LARGE","error":"There is no room to keep that."}"#,
        ),
        (
            Refusal::LastAdministrator,
            r#"409 - {"code":"LAST_ADMINISTRATOR","error":"The last administrator can not be removed."}"#,
        ),
        (
            Refusal::TwoFactorNotInitialised,
            r#"400 - {"code":"TWO_FACTOR_NOT_INITIALIZE","error":"You must first initialize Two Factor before you can enable it."}"#,
        ),
    ];
    for (refusal, expected) in table {
        assert_eq!(line(Refused::from(refusal)).await, expected, "{refusal:?}");
    }
}

#[tokio::test]
async fn a_wrong_code_has_other_words_where_the_second_factor_is_changed() {
    for doing in [Doing::EnablingTwoFactor, Doing::RemovingTwoFactor] {
        assert_eq!(
            line(doing.failed()(Refusal::CodeWrong.into())).await,
            r#"400 - {"code":"INVALID_TWO_FACTOR_TOKEN","error":"Invalid two factor code."}"#
        );
    }
}

#[tokio::test]
async fn some_refusals_are_told_in_the_words_of_their_form() {
    for (doing, refusal, expected) in [
        (
            Doing::ForgettingPassword,
            Refusal::Throttled { retry_after: Span::seconds(60) },
            r#"429 60 {"code":429,"error":"You either requested or changed your password recently.  Please try again later."}"#,
        ),
        (
            Doing::ResettingPassword,
            Refusal::PasswordTooShort { min: 12 },
            r#"400 - {"codes":{"password":"NOT_LONG_ENOUGH"},"errors":{"password":"Password must be between 12 and 56 characters long"}}"#,
        ),
        (
            Doing::ResettingPassword,
            Refusal::TokenUnknown,
            r#"400 - {"code":"EXPIRED_OR_ALREADY_USED","error":"Either your reset link has expired or already has been used."}"#,
        ),
        (
            Doing::ChangingPassword,
            Refusal::PasswordTooLong,
            r#"400 - {"codes":{"newPassword":"NOT_LONG_ENOUGH"},"errors":{"newPassword":"New Password must be between 8 and 56 characters long"}}"#,
        ),
        (
            Doing::ChangingEmail,
            Refusal::NameTaken,
            r#"409 - {"code":"ALREADY_EXISTS","error":"The email you are attempting to change to is already in use."}"#,
        ),
        (
            Doing::ConfirmingEmail,
            Refusal::TokenUnknown,
            r#"400 - {"code":"EXPIRED_CONFIRMATION","error":"Either your new email confirmation link has expired or already has been used."}"#,
        ),
    ] {
        assert_eq!(line(doing.failed()(refusal.into())).await, expected, "{doing:?} {refusal:?}");
    }
}

#[tokio::test]
async fn our_own_trouble_says_nothing_of_its_cause() {
    let internal = r#"500 - {"code":"INTERNAL_SERVER_ERROR","error":"Internal Server Error."}"#;
    let busy = r#"{"code":"SERVICE_UNAVAILABLE","error":"Service unavailable. Please try again later."}"#;
    let overloaded = Failure::Overloaded { retry_after: Span::seconds(7) };
    assert_eq!(line(Refused::from(overloaded)).await, format!("503 7 {busy}"));
    assert_eq!(line(Refused::from(Failure::Fault(Fault::Unavailable))).await, format!("503 1 {busy}"));
    assert_eq!(line(miss(&Missed::TimedOut)).await, format!("503 1 {busy}"));
    assert_eq!(line(Refused::from(Failure::Fault(Fault::Internal))).await, internal);
    assert_eq!(line(Refused::QrCode).await, internal);
    assert_eq!(line(miss(&Missed::Panicked)).await, internal);
}

#[tokio::test]
async fn every_unbelieved_token_gets_the_same_word() {
    use CheckRefused::{AccountGone, Expired, Invalid, SessionEnded};
    for why in [Invalid, Expired, SessionEnded, AccountGone] {
        assert_eq!(line(Refused::from(why)).await, UNAUTHORIZED, "{why:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_has_no_code() {
    for (why, expected) in [
        (BodyRefused::Malformed, r#"400 - {"error":"Invalid JSON"}"#),
        (BodyRefused::NotAnObject, r#"400 - {"error":"Invalid JSON"}"#),
        (BodyRefused::TooLarge, r#"413 - {"error":"Request body too large"}"#),
        (BodyRefused::UnsupportedType, r#"415 - {"error":"Unsupported content type"}"#),
    ] {
        assert_eq!(line(Refused::from(Unreadable { why, error: "Invalid JSON" })).await, expected);
    }
    assert_eq!(line(miss(&Missed::Unreadable)).await, r#"400 - {"error":"Bad request"}"#);
    assert_eq!(line(miss(&Missed::TooLarge)).await, r#"413 - {"error":"Request body too large"}"#);
}
