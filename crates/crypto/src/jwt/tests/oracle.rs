//! Our tokens as another implementation reads them, and its tokens as we do.

use data_encoding::BASE64;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, jwk::Jwk};

use super::*;

fn theirs(algorithm: JwtAlgorithm) -> jsonwebtoken::Algorithm {
    algorithm.name().parse().unwrap()
}

fn accepts(algorithm: JwtAlgorithm, key: &DecodingKey, token: &str) -> bool {
    let mut validation = Validation::new(theirs(algorithm));
    // Its clock is the system's; ours is not.
    validation.validate_exp = false;
    match jsonwebtoken::decode::<Claims>(token, key, &validation) {
        Ok(decoded) => decoded.claims == claims(),
        Err(_) => false,
    }
}

#[test]
fn secrets() {
    for algorithm in JwtAlgorithm::all().filter(|algorithm| algorithm.is_symmetric()) {
        let ring = KeyRing::new(JwtKey::hmac(algorithm, "1", SECRET).unwrap(), vec![]).unwrap();
        let ours = ring.sign(&claims(), NOW).unwrap();
        assert!(accepts(algorithm, &DecodingKey::from_secret(SECRET), &ours));
        assert!(!accepts(algorithm, &DecodingKey::from_secret(b"another"), &ours));
        let header = Header::new(theirs(algorithm));
        let made = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(SECRET)).unwrap();
        assert_eq!(ring.verify::<Claims>(&made, NOW), Ok(claims()));
    }
}

#[test]
fn key_pairs_and_the_published_set() {
    for algorithm in JwtAlgorithm::all().filter(|algorithm| !algorithm.is_symmetric()) {
        let key = JwtKey::generate(algorithm, "k1").unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            BASE64.encode(key.to_pkcs8().unwrap())
        );
        let encoding = match algorithm {
            JwtAlgorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()),
            JwtAlgorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
            _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
        };
        let ring = KeyRing::new(key, vec![]).unwrap();
        let jwk: Jwk = serde_json::from_value(ring.jwks().unwrap()["keys"][0].clone()).unwrap();
        let ours = ring.sign(&claims(), NOW).unwrap();
        assert!(accepts(algorithm, &DecodingKey::from_jwk(&jwk).unwrap(), &ours), "{algorithm}");
        for kid in [None, Some("k1".to_owned())] {
            let header = Header { kid, ..Header::new(theirs(algorithm)) };
            let made = jsonwebtoken::encode(&header, &claims(), encoding.as_ref().unwrap()).unwrap();
            assert_eq!(ring.verify::<Claims>(&made, NOW), Ok(claims()), "{algorithm}");
        }
    }
}
