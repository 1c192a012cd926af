//! What a remembered token must not let in.

use super::*;
use crate::jwt::remembering::RememberingRing;

/// A ring of two keys.
fn keys(algorithm: JwtAlgorithm) -> KeyRing {
    let key = |kid: &str| match algorithm {
        JwtAlgorithm::HS256 | JwtAlgorithm::HS512 => JwtKey::hmac(algorithm, kid, &[kid.len() as u8; 32]),
        _ => JwtKey::generate(algorithm, kid),
    };
    KeyRing::new(key("new").unwrap(), vec![key("before").unwrap()]).unwrap()
}

const ALGORITHMS: [JwtAlgorithm; 3] = [JwtAlgorithm::HS256, JwtAlgorithm::ES256, JwtAlgorithm::EdDSA];

fn refusal(ring: &RememberingRing<Claims>, token: &str) -> Option<TokenRefused> {
    ring.verify(token, NOW).err()
}

/// The parts of a token, to be put together otherwise.
fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn times_are_judged_anew_each_time() {
    #[derive(serde::Serialize)]
    struct Early {
        #[serde(flatten)]
        claims: Claims,
        nbf: i64,
    }
    for algorithm in ALGORITHMS {
        let ring = RememberingRing::<Claims>::new(keys(algorithm));
        let token = ring.keys().sign(&Early { claims: claims(), nbf: NOW }, NOW).unwrap();
        let at = |now| ring.verify(&token, now).map(|said| said.claims.clone());
        for _ in 0..2 {
            assert_eq!(at(NOW + 59), Ok(claims()), "{algorithm}");
            assert_eq!(at(NOW + 60), Err(TokenRefused::Expired), "{algorithm}");
            assert_eq!(at(NOW - 1), Err(TokenRefused::NotYetValid), "{algorithm}");
        }
        assert_eq!(ring.len(), 1, "{algorithm}");
    }
}

#[test]
fn only_good_tokens_are_remembered_and_nothing_passes_for_them() {
    for algorithm in ALGORITHMS {
        let ring = RememberingRing::<Claims>::new(keys(algorithm));
        let [token, other] = ["a", "b"].map(|username| {
            let claims = Claims { username: username.to_owned(), ..claims() };
            ring.keys().sign(&claims, NOW).unwrap()
        });
        let ([header, payload, signature], [_, other_payload, other_signature]) =
            (parts(&token), parts(&other));
        let other_header = BASE64URL_NOPAD.encode(br#"{"alg":"HS512","typ":"JWT","kid":"before"}"#);
        let not_good = [
            format!("{header}.{other_payload}.{signature}"),
            format!("{header}.{payload}.{other_signature}"),
            format!("{header}.{payload}."),
            format!("{other_header}.{payload}.{signature}"),
            format!("{token}.{signature}"),
            format!(" {token}"),
            format!("{token} "),
            token[1..].to_owned(),
            format!("{token}{}", "A".repeat(MAX_TOKEN_LENGTH)),
            ring.keys().sign(&Claims { exp: NOW, ..claims() }, NOW).unwrap(),
            ring.keys().sign(&serde_json::json!({ "exp": NOW + 9 }), NOW).unwrap(),
        ];
        for seen in 0..2 {
            for token in &not_good {
                assert!(refusal(&ring, token).is_some(), "{algorithm} {token}");
            }
            assert_eq!(ring.len(), seen, "{algorithm}");
            assert_eq!((refusal(&ring, &token), ring.len()), (None, 1), "{algorithm}");
            assert_eq!(ring.verify(&token, NOW).unwrap().username, "a");
        }
    }
}

#[test]
fn another_ring_remembers_nothing() {
    let der = JwtKey::generate(JwtAlgorithm::ES256, "k").unwrap().to_pkcs8().unwrap().to_vec();
    let key = || JwtKey::from_pkcs8(JwtAlgorithm::ES256, "k", &der).unwrap();
    let ring = |key, older| RememberingRing::<Claims>::new(KeyRing::new(key, older).unwrap());
    let before = ring(key(), vec![]);
    let token = before.keys().sign(&claims(), NOW).unwrap();
    assert_eq!((refusal(&before, &token), before.len()), (None, 1));
    // The same name, another key: what was remembered under the name must not count.
    let namesake = ring(JwtKey::generate(JwtAlgorithm::ES256, "k").unwrap(), vec![]);
    assert_eq!(refusal(&namesake, &token), Some(TokenRefused::BadSignature));
    let after = ring(JwtKey::generate(JwtAlgorithm::ES256, "k2").unwrap(), vec![key()]);
    assert_eq!((after.len(), refusal(&after, &token)), (0, None));
}

#[test]
fn there_is_an_end_to_it() {
    let ring = RememberingRing::<Claims>::of_at_most(100, hs256());
    for number in 0..2_000 {
        let claims = Claims { username: number.to_string(), ..claims() };
        let token = ring.keys().sign(&claims, NOW).unwrap();
        assert_eq!(refusal(&ring, &token), None);
    }
    assert!((1..=100).contains(&ring.len()), "{}", ring.len());
}

#[test]
fn debug_shows_no_token() {
    let ring = RememberingRing::<Claims>::new(hs256());
    assert_eq!(refusal(&ring, &ring.keys().sign(&claims(), NOW).unwrap()), None);
    let shown = format!("{ring:?}");
    assert!(shown.ends_with("remembered: 1 }") && !shown.contains(&claims().username), "{shown}");
}
