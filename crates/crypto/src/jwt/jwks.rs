//! Public keys as a JSON Web Key Set (RFC 7517).

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::key::{JwtKey, PublicHalf};

/// `{"keys": [..]}` with the public half of each key; `None` if any of them has none to publish.
pub(super) fn key_set<'a>(keys: impl Iterator<Item = &'a JwtKey>) -> Option<Value> {
    let keys: Option<Vec<Value>> = keys.map(public_key).collect();
    Some(json!({ "keys": keys? }))
}

/// One public key, for signatures only.
fn public_key(key: &JwtKey) -> Option<Value> {
    let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let (kid, alg) = (key.kid(), key.algorithm().name());
    Some(match key.public()? {
        // RFC 7518 section 6.2.1: both coordinates at their full length.
        PublicHalf::P256(point) => {
            let (x, y) = point.get(1..)?.split_at_checked(32)?;
            let (x, y) = (encode(x), encode(y));
            json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "alg": alg, "use": "sig" })
        }
        // RFC 8037 section 2.
        PublicHalf::Ed25519(public) => {
            json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(public), "kid": kid, "alg": alg, "use": "sig" })
        }
        // RFC 7518 section 6.3.1.
        PublicHalf::Rsa(public) => {
            let (n, e) = (encode(&public.n), encode(&public.e));
            json!({ "kty": "RSA", "n": n, "e": e, "kid": kid, "alg": alg, "use": "sig" })
        }
    })
}
