use super::*;

#[test]
fn no_signature_is_no_token() {
    let ring = hs256();
    let encode = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#);
        let unsigned = format!("{}.{}.", encode(&header), encode(&payload()));
        assert_eq!(refusal(&ring, &unsigned), Some(TokenRefused::BadSignature), "{alg}");
        assert_eq!(refusal(&ring, &forge(&header, &payload())), Some(TokenRefused::BadSignature), "{alg}");
    }
    let unsigned = format!("{}.{}.", encode(HEADER), encode(&payload()));
    assert_eq!(refusal(&ring, &unsigned), Some(TokenRefused::BadSignature));
}

#[test]
fn the_ring_decides_the_algorithm() {
    let hs512 = KeyRing::new(JwtKey::hmac(JwtAlgorithm::HS512, "1", SECRET).unwrap(), vec![]).unwrap();
    let token = hs512.sign(&claims(), NOW).unwrap();
    assert_eq!(refusal(&hs512, &token), None);
    assert_eq!(refusal(&hs256(), &token), Some(TokenRefused::BadSignature));
    assert_eq!(refusal(&hs512, &hs256().sign(&claims(), NOW).unwrap()), Some(TokenRefused::BadSignature));
    for alg in ["HS512", "HS384", "hs256", "HS256 ", "RS256"] {
        let header = format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#);
        assert_eq!(refusal(&hs256(), &forge(&header, &payload())), Some(TokenRefused::BadSignature), "{alg}");
    }
}

/// CVE-2022-29217 and kin: the public key, which everybody has, used as the secret of an HMAC.
#[test]
fn a_public_key_is_no_secret() {
    for algorithm in [JwtAlgorithm::ES256, JwtAlgorithm::EdDSA, JwtAlgorithm::RS256] {
        let ring = KeyRing::new(JwtKey::generate(algorithm, "k1").unwrap(), vec![]).unwrap();
        let keys = ring.jwks().unwrap();
        let key = &keys["keys"][0];
        let member =
            |name: &str| BASE64URL_NOPAD.decode(key[name].as_str().unwrap_or_default().as_bytes()).unwrap();
        let publics = [
            member("n"),
            member("x"),
            [&[4], &member("x")[..], &member("y")].concat(),
            keys.to_string().into_bytes(),
        ];
        for public in publics {
            for header in [HEADER.to_owned(), format!(r#"{{"alg":"{algorithm}","typ":"JWT","kid":"k1"}}"#)] {
                let token = forge_with(&public, header.as_bytes(), payload().as_bytes());
                assert_eq!(refusal(&ring, &token), Some(TokenRefused::BadSignature), "{header}");
            }
        }
    }
}

#[test]
fn every_mutated_byte_is_noticed() {
    for (algorithm, ring) in super::keys::rings() {
        let token = ring.sign(&claims(), NOW).unwrap();
        assert_eq!(refusal(&ring, &token), None);
        for place in 0..token.len() {
            for other in [token.as_bytes()[place] ^ 1, b'A', b'.', b'=', b'+', b'\0', b' '] {
                let mut mutated = token.clone().into_bytes();
                if mutated[place] == other {
                    continue;
                }
                mutated[place] = other;
                let mutated = String::from_utf8(mutated).unwrap();
                assert!(refusal(&ring, &mutated).is_some(), "{algorithm} {mutated}");
            }
        }
    }
}

#[test]
fn every_other_length_is_noticed() {
    for (algorithm, ring) in super::keys::rings() {
        let token = ring.sign(&claims(), NOW).unwrap();
        assert_eq!(refusal(&ring, &token), None);
        for length in 0..token.len() {
            assert!(refusal(&ring, &token[..length]).is_some(), "{algorithm} {length}");
            assert!(refusal(&ring, &token[length + 1..]).is_some(), "{algorithm} {length}");
        }
        for longer in ["A", "AA", "AAAA", "=", ".", " ", "\n", "\0", ".AAAA"] {
            assert!(refusal(&ring, &format!("{token}{longer}")).is_some(), "{algorithm} {longer:?}");
            assert!(refusal(&ring, &format!("{longer}{token}")).is_some(), "{algorithm} {longer:?}");
        }
    }
}

/// Another spelling of the same bytes is another token; one token has one spelling.
#[test]
fn re_encodings_are_refused() {
    let ring = hs256();
    let token = ring.sign(&claims(), NOW).unwrap();
    // 32 bytes of signature end in a letter of which two bits are spare.
    let (rest, last) = token.split_at(token.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = alphabet.find(last).unwrap();
    for spare in 1..4 {
        let respelled = format!("{rest}{}", &alphabet[value + spare..][..1]);
        assert_eq!(refusal(&ring, &respelled), Some(TokenRefused::Malformed), "{respelled}");
    }
    assert_eq!(refusal(&ring, &format!("{token}=")), Some(TokenRefused::Malformed));
    let mut parts: Vec<&str> = token.split('.').collect();
    let padded = format!("{}=", parts[0]);
    parts[0] = &padded;
    assert_eq!(refusal(&ring, &parts.join(".")), Some(TokenRefused::Malformed));
    let standard = token.replace('-', "+").replace('_', "/");
    assert!(standard == token || refusal(&ring, &standard).is_some());
}

#[test]
fn dots_are_counted_and_length_is_bounded() {
    let ring = hs256();
    let token = ring.sign(&claims(), NOW).unwrap();
    let bare = token.replace('.', "");
    let giant = forge(HEADER, &format!(r#"{{"exp":{},"x":"{}"}}"#, NOW + 60, "x".repeat(9_000)));
    for malformed in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        ".".repeat(10_000),
        ".".repeat(8_000),
        "a.".repeat(4_000),
        bare,
        token.replace('.', ".."),
        token.replacen('.', "..", 1),
        "é.é.é".to_owned(),
        giant,
        "A".repeat(100_000),
    ] {
        assert_eq!(refusal(&ring, &malformed), Some(TokenRefused::Malformed));
    }
    // An oversized signature must not overflow anything.
    let (message, _) = token.rsplit_once('.').unwrap();
    assert_eq!(refusal(&ring, &format!("{message}.{}", "A".repeat(2_000))), Some(TokenRefused::Malformed));
    assert_eq!(refusal(&ring, &format!("{message}.{}", "A".repeat(1_364))), Some(TokenRefused::BadSignature));
}

#[test]
fn headers_cannot_say_whom_to_trust() {
    let ring = hs256();
    // Known to be authentic, so that only the header can be the reason.
    for header in [
        r#"{"alg":"HS256","kid":"2"}"#,
        r#"{"alg":"HS256","kid":""}"#,
        r#"{"alg":"HS256","kid":"../../dev/null"}"#,
        r#"{"alg":"HS256","crit":["exp"]}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"alg":"HS256","crit":null}"#,
        r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
    ] {
        assert_eq!(refusal(&ring, &forge(header, &payload())), Some(TokenRefused::BadSignature), "{header}");
    }
    // Ignored, not fetched and not used: the ring's own key decides.
    let jwk = r#"{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"},"jku":"https://evil.example/","x5u":"https://evil.example/"}"#;
    assert_eq!(refusal(&ring, &forge(jwk, &payload())), None);
    let evil = forge_with(&[0; 32], jwk.as_bytes(), payload().as_bytes());
    assert_eq!(refusal(&ring, &evil), Some(TokenRefused::BadSignature));
}

#[test]
fn headers_that_are_no_header_are_malformed() {
    for header in [
        "",
        "{",
        "[]",
        r#"["HS256"]"#,
        r#""HS256""#,
        "null",
        "{}",
        r#"{"typ":"JWT"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":256}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":null}"#,
        r#"{"alg":"HS256","kid":1}"#,
        r#"{"alg":"HS256"}x"#,
    ] {
        assert_eq!(refusal(&hs256(), &forge(header, &payload())), Some(TokenRefused::Malformed), "{header}");
    }
    let not_utf8 = forge_with(SECRET, b"{\"alg\":\"HS256\",\"x\":\"\xff\"}", payload().as_bytes());
    assert_eq!(refusal(&hs256(), &not_utf8), Some(TokenRefused::Malformed));
    let deep = format!(r#"{{"alg":"HS256","x":{}{}}}"#, "[".repeat(2_000), "]".repeat(2_000));
    assert_eq!(refusal(&hs256(), &forge(&deep, &payload())), None, "skipped, without recursion");
}
