use super::*;

/// A ring of each algorithm.
pub(super) fn rings() -> Vec<(JwtAlgorithm, KeyRing)> {
    JwtAlgorithm::all()
        .map(|algorithm| (algorithm, KeyRing::new(key(algorithm, "k1"), vec![]).unwrap()))
        .collect()
}

fn key(algorithm: JwtAlgorithm, kid: &str) -> JwtKey {
    if algorithm.is_symmetric() {
        let secret = [SECRET, kid.as_bytes()].concat();
        JwtKey::hmac(algorithm, kid, &secret).unwrap()
    } else {
        JwtKey::generate(algorithm, kid).unwrap()
    }
}

#[test]
fn names_are_the_registered_ones() {
    for algorithm in JwtAlgorithm::all() {
        let name = algorithm.to_string();
        assert_eq!(name.parse(), Ok(algorithm));
        assert_eq!(serde_json::to_value(algorithm).unwrap(), json!(name));
        assert_eq!(serde_json::from_value::<JwtAlgorithm>(json!(name)).unwrap(), algorithm);
    }
    for bad in ["none", "hs256", "HS384", "", "EDDSA", "PS256"] {
        assert_eq!(bad.parse::<JwtAlgorithm>(), Err(UnknownAlgorithm));
        assert!(serde_json::from_value::<JwtAlgorithm>(json!(bad)).is_err());
    }
}

#[test]
fn every_algorithm_signs_verifies_and_survives_storage() {
    for algorithm in JwtAlgorithm::all() {
        let original = key(algorithm, "k1");
        let stored = original.to_pkcs8().map(<[u8]>::to_vec);
        assert_eq!(stored.is_none(), algorithm.is_symmetric());
        let again = match stored {
            Some(der) => JwtKey::from_pkcs8(algorithm, "k1", &der).unwrap(),
            None => key(algorithm, "k1"),
        };
        assert_eq!((again.kid(), again.algorithm()), ("k1", algorithm));
        let (before, after) = (KeyRing::new(original, vec![]).unwrap(), KeyRing::new(again, vec![]).unwrap());
        assert_eq!((before.algorithm(), before.jwks()), (algorithm, after.jwks()));
        for (signer, verifier) in [(&before, &after), (&after, &before)] {
            let token = signer.sign(&claims(), NOW).unwrap();
            assert_eq!(verifier.verify::<Claims>(&token, NOW), Ok(claims()), "{algorithm}");
        }
    }
}

#[test]
fn key_pairs_name_themselves_in_the_header() {
    let ring = KeyRing::new(key(JwtAlgorithm::EdDSA, "a\"b"), vec![]).unwrap();
    let token = ring.sign(&claims(), NOW).unwrap();
    let header = BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
    assert_eq!(header, br#"{"alg":"EdDSA","typ":"JWT","kid":"a\"b"}"#);
    assert_eq!(refusal(&ring, &token), None);
}

#[test]
fn older_keys_still_verify_and_strangers_do_not() {
    for algorithm in JwtAlgorithm::all() {
        let old = key(algorithm, "old");
        let old_again = match old.to_pkcs8() {
            Some(der) => JwtKey::from_pkcs8(algorithm, "old", der).unwrap(),
            None => key(algorithm, "old"),
        };
        let before = KeyRing::new(old, vec![]).unwrap();
        let token = before.sign(&claims(), NOW).unwrap();
        let rotated = KeyRing::new(key(algorithm, "new"), vec![old_again]).unwrap();
        assert_eq!(refusal(&rotated, &token), None, "{algorithm}");
        let new_token = rotated.sign(&claims(), NOW).unwrap();
        assert_eq!(refusal(&rotated, &new_token), None, "{algorithm}");
        assert_eq!(refusal(&before, &new_token), Some(TokenRefused::BadSignature), "{algorithm}");
        let retired = KeyRing::new(key(algorithm, "newest"), vec![]).unwrap();
        assert_eq!(refusal(&retired, &token), Some(TokenRefused::BadSignature), "{algorithm}");
    }
}

/// A key id chooses one key, and that one must have signed: another key of the ring does not do.
#[test]
fn a_key_id_is_binding() {
    let (first, second) = (hmac_key("1", SECRET), hmac_key("2", &[7; 32]));
    let ring = KeyRing::new(first, vec![second]).unwrap();
    assert_eq!(refusal(&ring, &forge(r#"{"alg":"HS256","kid":"1"}"#, &payload())), None);
    let other = forge(r#"{"alg":"HS256","kid":"2"}"#, &payload());
    assert_eq!(refusal(&ring, &other), Some(TokenRefused::BadSignature));
    assert_eq!(refusal(&ring, &forge_with(&[7; 32], HEADER.as_bytes(), payload().as_bytes())), None);
}

#[test]
fn rings_are_of_one_algorithm_and_key_ids_are_unique() {
    let mixed = KeyRing::new(key(JwtAlgorithm::ES256, "1"), vec![key(JwtAlgorithm::HS256, "2")]);
    assert_eq!(mixed.unwrap_err(), BadKeyRing::MixedAlgorithms);
    let hashes = KeyRing::new(key(JwtAlgorithm::HS512, "1"), vec![key(JwtAlgorithm::HS256, "2")]);
    assert_eq!(hashes.unwrap_err(), BadKeyRing::MixedAlgorithms);
    let twins = KeyRing::new(hmac_key("1", SECRET), vec![hmac_key("2", SECRET), hmac_key("1", &[7; 32])]);
    assert_eq!(twins.unwrap_err(), BadKeyRing::SameKid);
}

/// At every moment the key signs whose turn has begun last, and all verify, whatever the moment.
#[test]
fn keys_take_turns() {
    let dated = |name: &str, signs_from| DatedKey { key: key(JwtAlgorithm::EdDSA, name), signs_from };
    let ring =
        KeyRing::dated(vec![dated("first", None), dated("third", Some(NOW + 9)), dated("second", Some(NOW))])
            .unwrap();
    let turns = [(0, "first"), (NOW - 1, "first"), (NOW, "second"), (NOW + 8, "second"), (NOW + 9, "third")];
    for (at, name) in turns {
        assert_eq!(ring.signer(at), Some(name), "{at}");
        let token = ring.sign(&claims(), at).unwrap();
        assert!(
            String::from_utf8(
                data_encoding::BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap()
            )
            .unwrap()
            .contains(&format!("\"kid\":\"{name}\""))
        );
        assert_eq!(refusal(&ring, &token), None, "{at}");
    }
    // When the first ones are gone, what was theirs is signed by the first that is left.
    let rest = KeyRing::dated(vec![dated("third", Some(NOW + 9)), dated("second", Some(NOW))]).unwrap();
    assert_eq!((rest.signer(0), rest.signer(NOW + 9)), (Some("second"), Some("third")));
    assert_eq!(KeyRing::dated(vec![]).unwrap_err(), BadKeyRing::Empty);
}

#[test]
fn keys_of_the_wrong_kind_are_refused() {
    for algorithm in JwtAlgorithm::all() {
        if algorithm.is_symmetric() {
            assert_eq!(JwtKey::generate(algorithm, "1").unwrap_err(), BadJwtKey::WrongKind(algorithm));
            assert_eq!(
                JwtKey::from_pkcs8(algorithm, "1", SECRET).unwrap_err(),
                BadJwtKey::WrongKind(algorithm)
            );
            assert_eq!(JwtKey::hmac(algorithm, "1", &[7; 31]).unwrap_err(), BadJwtKey::SecretTooShort);
            assert!(JwtKey::hmac(algorithm, "1", &[7; 32]).is_ok());
        } else {
            assert_eq!(JwtKey::hmac(algorithm, "1", SECRET).unwrap_err(), BadJwtKey::WrongKind(algorithm));
            let pair = key(algorithm, "1");
            let der = pair.to_pkcs8().unwrap();
            for other in JwtAlgorithm::all().filter(|other| !other.is_symmetric() && *other != algorithm) {
                assert_eq!(JwtKey::from_pkcs8(other, "1", der).unwrap_err(), BadJwtKey::Unreadable(other));
            }
            for damaged in [&der[..der.len() - 1], &der[1..], &[], SECRET] {
                assert_eq!(
                    JwtKey::from_pkcs8(algorithm, "1", damaged).unwrap_err(),
                    BadJwtKey::Unreadable(algorithm)
                );
            }
        }
    }
}

#[test]
fn only_public_halves_are_published() {
    for (algorithm, ring) in rings() {
        let Some(set) = ring.jwks() else {
            assert!(algorithm.is_symmetric());
            continue;
        };
        let members: Vec<&str> = match algorithm {
            JwtAlgorithm::ES256 => vec!["alg", "crv", "kid", "kty", "use", "x", "y"],
            JwtAlgorithm::EdDSA => vec!["alg", "crv", "kid", "kty", "use", "x"],
            JwtAlgorithm::RS256 => vec!["alg", "e", "kid", "kty", "n", "use"],
            JwtAlgorithm::HS256 | JwtAlgorithm::HS512 => unreachable!("secrets are not published"),
        };
        let key = set["keys"][0].as_object().unwrap();
        let mut published: Vec<&str> = key.keys().map(String::as_str).collect();
        published.sort_unstable();
        assert_eq!(published, members);
        assert_eq!((key["kid"].as_str(), key["use"].as_str()), (Some("k1"), Some("sig")));
        assert_eq!(key["alg"].as_str(), Some(algorithm.name()));
    }
}

#[test]
fn debug_shows_no_secret() {
    for (algorithm, ring) in rings() {
        let expected = format!(
            r#"DatedKey {{ key: JwtKey {{ kid: "k1", algorithm: {algorithm}, .. }}, signs_from: None }}"#
        );
        let expected = format!("keys: [{expected}], algorithm: {algorithm}");
        assert_eq!(format!("{ring:?}"), format!("KeyRing {{ {expected} }}"));
    }
}

#[test]
fn rings_are_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&hs256());
}
