//! What a remembered signature must not let in. (That changed bytes are noticed after the good token was seen:
//! [`super::attacks`].)

use super::*;
use crate::jwt::remembered::{Name, Remembered};

/// A ring of two key pairs.
fn ring(algorithm: JwtAlgorithm) -> KeyRing {
    let key = |kid| JwtKey::generate(algorithm, kid).unwrap();
    KeyRing::new(key("new"), vec![key("old")]).unwrap()
}

fn remembered(ring: &KeyRing) -> usize {
    ring.remembered.as_ref().unwrap().len()
}

/// The parts of a token, to be put together otherwise.
fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

/// By a token that no key has signed, so that only its being remembered can let it in.
#[test]
fn a_signature_is_skipped_and_nothing_else() {
    let ring = ring(JwtAlgorithm::EdDSA);
    let [header, _, signature] = parts(&ring.sign(&claims(), NOW).unwrap()).map(str::to_owned);
    let unsigned = |payload: &str| {
        let token = format!("{header}.{}.{signature}", BASE64URL_NOPAD.encode(payload.as_bytes()));
        assert_eq!(refusal(&ring, &token), Some(TokenRefused::BadSignature));
        ring.remembered.as_ref().unwrap().keep(Name::of(&token));
        token
    };
    let eve = Claims { username: "eve".to_owned(), ..claims() };
    let token = unsigned(&serde_json::to_string(&eve).unwrap());
    assert_eq!(refusal(&ring, &token), None);
    let at = |now| ring.verify::<Claims>(&token, now);
    assert_eq!(at(NOW + 59).as_ref(), Ok(&eve));
    assert_eq!(at(NOW + 60), Err(TokenRefused::Expired));
    assert_eq!(at(NOW), Ok(eve), "an earlier time is judged anew too");
    let early = unsigned(&format!(r#"{{"exp":{},"nbf":{}}}"#, NOW + 9, NOW + 1));
    assert_eq!(refusal(&ring, &early), Some(TokenRefused::NotYetValid));
    assert_eq!(refusal(&ring, &unsigned("[]")), Some(TokenRefused::Malformed));
    // The header is read each time: neither another algorithm nor a stranger's key gets as far as the memory.
    for other in
        [r#"{"alg":"ES256","kid":"new"}"#, r#"{"alg":"EdDSA","kid":"gone"}"#, r#"{"alg":"EdDSA","crit":[]}"#]
    {
        let [_, payload, signature] = parts(&token);
        let token = format!("{}.{payload}.{signature}", BASE64URL_NOPAD.encode(other.as_bytes()));
        ring.remembered.as_ref().unwrap().keep(Name::of(&token));
        assert_eq!(refusal(&ring, &token), Some(TokenRefused::BadSignature), "{other}");
    }
}

#[test]
fn only_good_signatures_are_remembered() {
    for algorithm in [JwtAlgorithm::ES256, JwtAlgorithm::EdDSA] {
        let ring = ring(algorithm);
        let [token, other] = ["a", "b"].map(|username| {
            let claims = Claims { username: username.to_owned(), ..claims() };
            ring.sign(&claims, NOW).unwrap()
        });
        let ([header, payload, signature], [_, other_payload, other_signature]) =
            (parts(&token), parts(&other));
        let old_header =
            BASE64URL_NOPAD.encode(format!(r#"{{"alg":"{algorithm}","typ":"JWT","kid":"old"}}"#).as_bytes());
        let forged = [
            format!("{header}.{other_payload}.{signature}"),
            format!("{header}.{payload}.{other_signature}"),
            format!("{header}.{payload}."),
            format!("{old_header}.{payload}.{signature}"),
            format!("{token}.{signature}"),
            format!(" {token}"),
        ];
        for seen in 0..2 {
            for forged in &forged {
                assert!(refusal(&ring, forged).is_some(), "{algorithm} {forged}");
            }
            assert_eq!(remembered(&ring), seen, "{algorithm}");
            assert_eq!((refusal(&ring, &token), remembered(&ring)), (None, 1), "{algorithm}");
        }
        // A good signature is one whatever the token says; it is remembered, and the token refused all the same.
        let over = ring.sign(&Claims { exp: NOW, ..claims() }, NOW).unwrap();
        for _ in 0..2 {
            assert_eq!(refusal(&ring, &over), Some(TokenRefused::Expired));
        }
    }
}

#[test]
fn another_ring_remembers_nothing() {
    let der = JwtKey::generate(JwtAlgorithm::ES256, "k").unwrap().to_pkcs8().unwrap().to_vec();
    let key = || JwtKey::from_pkcs8(JwtAlgorithm::ES256, "k", &der).unwrap();
    let before = KeyRing::new(key(), vec![]).unwrap();
    let token = before.sign(&claims(), NOW).unwrap();
    assert_eq!((refusal(&before, &token), remembered(&before)), (None, 1));
    // The same name, another key: what was remembered under the name must not count.
    let namesake = KeyRing::new(JwtKey::generate(JwtAlgorithm::ES256, "k").unwrap(), vec![]).unwrap();
    assert_eq!(refusal(&namesake, &token), Some(TokenRefused::BadSignature));
    let after = KeyRing::new(JwtKey::generate(JwtAlgorithm::ES256, "k2").unwrap(), vec![key()]).unwrap();
    assert_eq!((remembered(&after), refusal(&after, &token)), (0, None));
}

#[test]
fn there_is_an_end_to_it() {
    let remembered = Remembered::at_most(1_000);
    for number in 0..20_000 {
        remembered.keep(Name::of(&format!("{number}")));
    }
    let known = (0..20_000).filter(|number| remembered.knows(Name::of(&format!("{number}")))).count();
    assert!(known > 0 && known <= 1_000, "{known}");
    assert_eq!(known, remembered.len());
}

#[test]
fn shared_secrets_need_no_memory() {
    assert!(hs256().remembered.is_none());
}
