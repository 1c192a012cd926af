//! The compact form of a signed token (RFC 7515 section 7.1), read strictly.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

use super::{algorithm::JwtAlgorithm, ring::TokenRefused};

/// The most bytes a token may have. Longer ones are neither made nor read.
pub const MAX_TOKEN_LENGTH: usize = 8 * 1024;

/// The most bytes a signature may have: RSA with 8192 bits.
const MAX_SIGNATURE: usize = 1024;

/// The header of our own tokens, encoded, with the dot behind it: `alg`, `typ`, then `kid` if given, in this
/// order because the documented example tokens have it so.
pub(super) fn header(algorithm: JwtAlgorithm, kid: Option<&String>) -> String {
    let json = match kid {
        // A JSON value prints itself as JSON text, with whatever escapes the name needs.
        Some(kid) => {
            let kid = serde_json::Value::from(kid.as_str());
            format!(r#"{{"alg":"{algorithm}","typ":"JWT","kid":{kid}}}"#)
        }
        None => format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#),
    };
    BASE64URL_NOPAD.encode(json.as_bytes()) + "."
}

/// Claims as JSON text in the order of their fields; `None` if they are not a JSON object.
pub(super) fn claims<T: Serialize>(claims: &T) -> Option<Vec<u8>> {
    serde_json::to_vec(claims).ok().filter(|json| json.first() == Some(&b'{'))
}

/// A token cut at its two dots. Nothing in it is believed yet.
pub(super) struct Compact<'a> {
    /// Header and dot, as our own keys keep it.
    pub(super) header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// What the signature is over.
    pub(super) message: &'a [u8],
}

impl<'a> Compact<'a> {
    /// Cuts a token of at most [`MAX_TOKEN_LENGTH`] bytes that has exactly two dots.
    pub(super) fn cut(token: &'a str) -> Result<Self, TokenRefused> {
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(TokenRefused::Malformed);
        }
        let first = token.find('.').ok_or(TokenRefused::Malformed)?;
        let second = token.rfind('.').ok_or(TokenRefused::Malformed)?;
        let payload = token.get(first + 1..second).ok_or(TokenRefused::Malformed)?;
        if payload.contains('.') {
            return Err(TokenRefused::Malformed);
        }
        let (message, signature) = (&token.as_bytes()[..second], &token[second + 1..]);
        Ok(Self { header: &token[..=first], payload, signature, message })
    }

    /// The header as other writers may have spelled it.
    pub(super) fn read_header(&self) -> Result<Header, TokenRefused> {
        let encoded = self.header.strip_suffix('.').unwrap_or(self.header);
        object(&decode(encoded)?)
    }

    /// Hands the decoded signature to `check`.
    pub(super) fn with_signature(&self, check: impl FnOnce(&[u8]) -> bool) -> Result<bool, TokenRefused> {
        let malformed = |_| TokenRefused::Malformed;
        let length = BASE64URL_NOPAD.decode_len(self.signature.len()).map_err(malformed)?;
        let mut buffer = [0; MAX_SIGNATURE];
        let signature = buffer.get_mut(..length).ok_or(TokenRefused::Malformed)?;
        BASE64URL_NOPAD
            .decode_mut(self.signature.as_bytes(), signature)
            .map_err(|_| TokenRefused::Malformed)?;
        Ok(check(signature))
    }

    /// The claims' JSON text. To be called once the signature is known to be good.
    pub(super) fn payload(&self) -> Result<String, TokenRefused> {
        decode(self.payload)
    }
}

/// Strict base64url: no padding, no other characters, no stray bits at the end; and UTF-8 inside.
fn decode(encoded: &str) -> Result<String, TokenRefused> {
    let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).map_err(|_| TokenRefused::Malformed)?;
    String::from_utf8(bytes).map_err(|_| TokenRefused::Malformed)
}

/// Reads a JSON object. (A struct would also be read from an array, which is no header and no claims set.)
pub(super) fn object<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, TokenRefused> {
    if !json.trim_start().starts_with('{') {
        return Err(TokenRefused::Malformed);
    }
    serde_json::from_str(json).map_err(|_| TokenRefused::Malformed)
}

/// The members of a header that are looked at. Keys or addresses of keys in it (`jwk`, `jku`, `x5u`, `x5c`)
/// are not: a token does not say whom to trust. A member given twice is an error.
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    #[serde(default, deserialize_with = "given")]
    pub(super) kid: Option<String>,
    /// Extensions that must be understood (RFC 7515 section 4.1.11). None are, whatever it says.
    #[serde(default, deserialize_with = "given")]
    pub(super) crit: Option<IgnoredAny>,
}

/// When a token is good, as the token says. A member given twice is an error.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Validity {
    /// Seconds since the epoch, UTC. Required, and an integer.
    exp: i64,
    /// The same, if there.
    #[serde(default, deserialize_with = "given")]
    nbf: Option<i64>,
}

impl Validity {
    /// Good from `nbf` on and before `exp`, to the second.
    pub(super) fn check(&self, now_seconds: i64) -> Result<(), TokenRefused> {
        if self.exp <= now_seconds {
            return Err(TokenRefused::Expired);
        }
        match self.nbf {
            Some(nbf) if now_seconds < nbf => Err(TokenRefused::NotYetValid),
            _ => Ok(()),
        }
    }
}

/// A member that is there must have its type: `null` is not the same as absent.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
