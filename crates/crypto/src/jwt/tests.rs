mod attacks;
mod claims;
mod keys;
mod oracle;
mod remembering;
mod wycheproof;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;

const SECRET: &[u8; 64] = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const NOW: i64 = 1_700_000_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Claims {
    username: String,
    iat: i64,
    exp: i64,
}

fn claims() -> Claims {
    Claims { username: "zoë".to_owned(), iat: NOW, exp: NOW + 60 }
}

fn hmac_key(kid: &str, secret: &[u8]) -> JwtKey {
    JwtKey::hmac(JwtAlgorithm::HS256, kid, secret).unwrap()
}

fn hs256() -> KeyRing {
    KeyRing::new(hmac_key("1", SECRET), vec![]).unwrap()
}

/// A token with exactly this header and payload, signed with HMAC-SHA256 under [`SECRET`].
fn forge(header: &str, payload: &str) -> String {
    forge_with(SECRET, header.as_bytes(), payload.as_bytes())
}

fn forge_with(secret: &[u8], header: &[u8], payload: &[u8]) -> String {
    use aws_lc_rs::hmac;
    let message = format!("{}.{}", BASE64URL_NOPAD.encode(header), BASE64URL_NOPAD.encode(payload));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", BASE64URL_NOPAD.encode(tag.as_ref()))
}

/// What the ring says of a token, whatever its claims.
fn refusal(ring: &KeyRing, token: &str) -> Option<TokenRefused> {
    ring.verify::<Value>(token, NOW).err()
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn payload() -> String {
    serde_json::to_string(&claims()).unwrap()
}

#[test]
fn a_token_says_what_was_signed() {
    let ring = hs256();
    let token = ring.sign(&claims(), NOW).unwrap();
    assert_eq!(ring.verify::<Claims>(&token, NOW), Ok(claims()));
}

/// The documented example tokens have this header and their claims in the order of the fields.
#[test]
fn header_and_claims_are_in_the_promised_order() {
    let token = hs256().sign(&claims(), NOW).unwrap();
    let mut parts = token.split('.').map(|part| BASE64URL_NOPAD.decode(part.as_bytes()).unwrap());
    assert_eq!(parts.next().unwrap(), br#"{"alg":"HS256","typ":"JWT"}"#);
    let expected = format!(r#"{{"username":"zoë","iat":{NOW},"exp":{}}}"#, NOW + 60);
    assert_eq!(String::from_utf8(parts.next().unwrap()).unwrap(), expected);
    assert_eq!(parts.next().unwrap().len(), 32);
    assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
}

#[test]
fn only_objects_are_signed_and_never_a_token_too_long_to_be_read() {
    let ring = hs256();
    for no_object in [json!([1]), json!("text"), json!(null), json!(1)] {
        assert_eq!(ring.sign(&no_object, NOW), Err(SigningFailed));
    }
    assert_eq!(ring.sign(&json!({ "exp": 1, "long": "x".repeat(6_200) }), NOW), Err(SigningFailed));
    let longest = ring.sign(&json!({ "exp": NOW + 1, "long": "x".repeat(6_000) }), NOW).unwrap();
    assert_eq!(refusal(&ring, &longest), None);
}

/// RFC 7515 appendix A.1: other white space, another member order, another claim of time.
#[test]
fn rfc_7515_a1() {
    let secret = BASE64URL_NOPAD
        .decode(b"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
        .unwrap();
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let ring = KeyRing::new(hmac_key("1", &secret), vec![]).unwrap();
    let claims = ring.verify::<Value>(token, 1_300_819_379).unwrap();
    assert_eq!(claims, json!({ "iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true }));
    assert_eq!(ring.verify::<Value>(token, 1_300_819_380), Err(TokenRefused::Expired));
    assert_eq!(hs256().verify::<Value>(token, 0), Err(TokenRefused::BadSignature));
}
