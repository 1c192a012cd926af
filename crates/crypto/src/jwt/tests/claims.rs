use super::*;

fn verdict(payload: &str) -> Result<Value, TokenRefused> {
    hs256().verify(&forge(HEADER, payload), NOW)
}

#[test]
fn exp_counts_to_the_second() {
    for (exp, expected) in [
        (NOW + 1, None),
        (i64::MAX, None),
        (NOW, Some(TokenRefused::Expired)),
        (NOW - 1, Some(TokenRefused::Expired)),
        (0, Some(TokenRefused::Expired)),
        (i64::MIN, Some(TokenRefused::Expired)),
    ] {
        assert_eq!(verdict(&format!(r#"{{"exp":{exp}}}"#)).err(), expected, "{exp}");
    }
}

#[test]
fn nbf_counts_to_the_second() {
    for (nbf, expected) in [
        (NOW - 1, None),
        (NOW, None),
        (NOW + 1, Some(TokenRefused::NotYetValid)),
        (i64::MAX, Some(TokenRefused::NotYetValid)),
    ] {
        assert_eq!(verdict(&format!(r#"{{"exp":{},"nbf":{nbf}}}"#, NOW + 60)).err(), expected, "{nbf}");
    }
    assert_eq!(verdict(&format!(r#"{{"exp":{NOW},"nbf":{}}}"#, NOW + 9)), Err(TokenRefused::Expired));
}

#[test]
fn times_are_integers_and_exp_is_required() {
    let later = NOW + 60;
    for payload in [
        "{}".to_owned(),
        r#"{"iat":1}"#.to_owned(),
        format!(r#"{{"exp":"{later}"}}"#),
        format!(r#"{{"exp":{later}.0}}"#),
        format!(r#"{{"exp":{later}.5}}"#),
        format!(r#"{{"exp":[{later}]}}"#),
        format!(r#"{{"EXP":{later}}}"#),
        r#"{"exp":null}"#.to_owned(),
        r#"{"exp":true}"#.to_owned(),
        r#"{"exp":1e30}"#.to_owned(),
        r#"{"exp":1e400}"#.to_owned(),
        r#"{"exp":9223372036854775808}"#.to_owned(),
        r#"{"exp":99999999999999999999999999}"#.to_owned(),
        // Given twice: two readers could each believe another one.
        format!(r#"{{"exp":{later},"exp":1}}"#),
        format!(r#"{{"exp":1,"exp":{later}}}"#),
        format!(r#"{{"exp":1,"\u0065xp":{later}}}"#),
        format!(r#"{{"exp":{later},"nbf":null}}"#),
        format!(r#"{{"exp":{later},"nbf":"1"}}"#),
        format!(r#"{{"exp":{later},"nbf":1.5}}"#),
        format!(r#"{{"exp":{later},"nbf":1,"nbf":1}}"#),
    ] {
        assert_eq!(verdict(&payload), Err(TokenRefused::Malformed), "{payload}");
    }
}

#[test]
fn claims_are_one_json_object() {
    let later = NOW + 60;
    for payload in [
        String::new(),
        "null".to_owned(),
        format!("[{later}]"),
        format!("[{later},1]"),
        format!("{later}"),
        format!(r#"{{"exp":{later}"#),
        format!(r#"{{"exp":{later}}}{{}}"#),
        format!(r#"{{"exp":{later},"x":{}{}}}"#, "[".repeat(1_000), "]".repeat(1_000)),
    ] {
        assert_eq!(verdict(&payload), Err(TokenRefused::Malformed), "{payload}");
    }
    let not_utf8 = [format!(r#"{{"exp":{later},"x":""#).as_bytes(), b"\xff\"}"].concat();
    let token = forge_with(SECRET, HEADER.as_bytes(), &not_utf8);
    assert_eq!(hs256().verify::<Value>(&token, NOW), Err(TokenRefused::Malformed));
}

#[test]
fn claims_of_another_shape_are_malformed() {
    let token = hs256().sign(&json!({ "sub": "1", "exp": NOW + 60 }), NOW).unwrap();
    assert_eq!(hs256().verify::<Claims>(&token, NOW), Err(TokenRefused::Malformed));
}

/// ASVS 9.1.1: before the signature is known to be good, nothing the claims say has any effect.
#[test]
fn the_signature_is_checked_first() {
    for payload in ["{}", "not json", r#"{"exp":1}"#, r#"{"exp":9999999999,"nbf":9999999998}"#] {
        let forged = forge_with(&[0; 32], HEADER.as_bytes(), payload.as_bytes());
        assert_eq!(refusal(&hs256(), &forged), Some(TokenRefused::BadSignature), "{payload}");
    }
}
