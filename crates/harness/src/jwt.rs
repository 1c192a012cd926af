//! Reading tokens without their keys, as any holder can.

use data_encoding::BASE64URL_NOPAD;

use crate::json::Json;

/// The two readable parts of a token (RFC 7515 section 7.1); the signature is not checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// The JOSE header.
    pub header: Json,
    /// The claims, keys in the order sent.
    pub claims: Json,
}

/// Splits a compact token; `None` unless it is three non-empty base64url parts without padding, the first
/// two of them JSON objects.
pub fn parts(token: &str) -> Option<Parts> {
    let pieces: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = pieces.as_slice() else { return None };
    if signature.is_empty() || BASE64URL_NOPAD.decode(signature.as_bytes()).is_err() {
        return None;
    }
    Some(Parts { header: object(header)?, claims: object(claims)? })
}

fn object(part: &str) -> Option<Json> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
    let json = Json::parse(std::str::from_utf8(&bytes).ok()?).ok()?;
    matches!(json, Json::Object(_)).then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The refresh token of the WolfPal document.
    const DOCUMENTED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1ZjRiZmYxMjEwMzdlNDI0YTE3YTNlYmMiLCJpYXQiOjE1OTkyNDE1OTMsImV4cCI6MTU5OTMyNzk5M30.QtOrs1kJyh7sWDt2Y0_VpPRyXYZcfK9W4SR-YsxCrHk";

    #[test]
    fn documented_token_reads_in_order() {
        let parts = parts(DOCUMENTED).unwrap();
        assert_eq!(parts.header.to_string(), r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims = r#"{"sub":"5f4bff121037e424a17a3ebc","iat":1599241593,"exp":1599327993}"#;
        assert_eq!(parts.claims.to_string(), claims);
    }

    #[test]
    fn what_is_not_a_token_is_none() {
        let unsigned = DOCUMENTED.rsplit_once('.').unwrap().0;
        for text in ["", "a.b.c", "..", unsigned, &format!("{unsigned}."), &format!("{DOCUMENTED}=")] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
