//! Everything that reads bytes of strangers, each as a function that a fuzzer and an ordinary test call: it must
//! end, must not panic, and what it takes must be what it promises.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use config::{Layers, Limit, Period, Time};
use crypto::{JwtAlgorithm, JwtKey, KeyRing, MasterSecret, RefreshCodec, RootSecret};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use web::{BearerStyle, FirstWins, TrustedProxies};

/// A parser by its name.
pub(crate) type Parser = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const ALL: [Parser; 13] = [
    ("token", token),
    ("refresh_token", refresh_token),
    ("key_file", key_file),
    ("master_secret", master_secret),
    ("json_body", json_body),
    ("form_body", form_body),
    ("query", query),
    ("headers", headers),
    ("forwarded", forwarded),
    ("name", name),
    ("address", address),
    ("password_hash", password_hash),
    ("settings", settings),
];

const SECRET: &[u8; 32] = b"a secret that the fuzzer may not";

/// Nobody who does not know the key makes a token.
pub(crate) fn token(bytes: &[u8]) {
    static RINGS: LazyLock<Vec<KeyRing>> = LazyLock::new(|| {
        let key = |algorithm: JwtAlgorithm| {
            if algorithm.is_symmetric() {
                JwtKey::hmac(algorithm, "k1", SECRET)
            } else {
                JwtKey::generate(algorithm, "k1")
            }
        };
        // RS256 is left out: it would take seconds to begin.
        let algorithms = JwtAlgorithm::all().filter(|algorithm| *algorithm != JwtAlgorithm::RS256);
        algorithms
            .map(|algorithm| KeyRing::new(key(algorithm).expect("a key"), vec![]).expect("a ring"))
            .collect()
    });
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for ring in RINGS.iter() {
        assert!(ring.verify::<Value>(text, 0).is_err(), "a forged token: {text}");
    }
}

/// Nor the letters of a refresh token.
pub(crate) fn refresh_token(bytes: &[u8]) {
    static CODEC: LazyLock<RefreshCodec> = LazyLock::new(|| {
        let master = MasterSecret::from_text(&"5e".repeat(32)).expect("a master secret");
        RefreshCodec::new(&RootSecret::of_master(&master), "default/argon")
    });
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some((session, generation)) = CODEC.decode(text) {
        assert_eq!(CODEC.encode(session, generation), text, "two spellings of one token");
    }
}

/// What is taken for a private key can sign, and verifies what it signed.
pub(crate) fn key_file(bytes: &[u8]) {
    for algorithm in JwtAlgorithm::all() {
        let key =
            JwtKey::from_pkcs8(algorithm, "k1", bytes).or_else(|_| JwtKey::hmac(algorithm, "k1", bytes));
        let Ok(ring) = key.map(|key| KeyRing::new(key, vec![]).expect("one key is a ring")) else {
            continue;
        };
        let claims = serde_json::json!({ "exp": 10 });
        let token = ring.sign(&claims, 1).expect("a key that signs");
        assert_eq!(ring.verify::<Value>(&token, 1), Ok(claims));
    }
}

/// The secret of an installation, as an operator may have written it.
pub(crate) fn master_secret(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = MasterSecret::from_text(text);
    }
}

/// A body that is taken as JSON is JSON for another reader too.
pub(crate) fn json_body(bytes: &[u8]) {
    if let Ok(fields) = web::json_fields(bytes) {
        let other: Value = serde_json::from_slice(bytes).expect("JSON that only we can read");
        assert!(other.is_object());
        for name in ["email", "username", "password", ""] {
            assert_eq!(fields.has(name), other.get(name).is_some(), "{name:?}");
            assert_eq!(fields.value(name), other.get(name), "{name:?}");
        }
    }
}

/// A form.
pub(crate) fn form_body(bytes: &[u8]) {
    if let Ok(fields) = web::form_fields(bytes) {
        let _ = (fields.field("email"), fields.field_ignoring_case("PASSWORD"));
    }
}

/// A query.
pub(crate) fn query(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = web::query_fields(Some(text), FirstWins);
    }
}

/// The headers that say what a body is and who is calling: lines `name: value`.
pub(crate) fn headers(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (halves.next(), halves.next()) else { continue };
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let _ = web::media_type(&headers);
    for style in [BearerStyle::Exact, BearerStyle::AnyCase, BearerStyle::OptionalScheme] {
        if let Some(token) = web::bearer(&headers, style) {
            assert_eq!(headers.get_all("authorization").iter().count(), 1, "one of two headers: {token}");
        }
    }
}

/// Whatever a stranger sends, a stranger stays where they are; a proxy says who is calling.
pub(crate) fn forwarded(bytes: &[u8]) {
    let proxy = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let stranger = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append("x-forwarded-for", value);
        }
    }
    let proxies = TrustedProxies::from(vec!["10.0.0.0/8".parse().expect("a network")]);
    assert_eq!(proxies.client(stranger, &headers), stranger);
    // What the proxy adds is the last hop, whatever was there before.
    headers.append("x-forwarded-for", HeaderValue::from_static("192.0.2.1"));
    assert_eq!(proxies.client(proxy, &headers), stranger);
}

/// The key of a name is the key of itself, and a usable name has one that can be kept.
pub(crate) fn name(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let key = model::name_key(text);
    if model::usable_name(text).is_ok() {
        assert!(!key.is_empty() && !text.chars().any(char::is_control), "{text:?}");
        assert_eq!(model::name_key(&key), key, "{text:?}");
    }
}

/// An address that mail may go to is one address, and no line of a mail.
pub(crate) fn address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = model::email_key(text);
    if mail::valid_address(text) {
        assert!(!text.contains(char::is_control) && !text.contains([' ', ',', ';', '<', '>']), "{text:?}");
        assert_eq!(text.matches('@').count(), 1, "{text:?}");
    }
    if model::usable_email(text).is_ok() {
        assert!(!text.contains(['\r', '\n', '\0']), "{text:?}");
    }
}

/// A hash of an import.
pub(crate) fn password_hash(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = crypto::scheme_of(text);
    }
}

/// Settings of every kind: what is read back as written means the same.
pub(crate) fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(time) = text.parse::<Time>() {
        assert_eq!(time.to_string().parse::<Time>(), Ok(time), "{text:?}");
    }
    if let Ok(limit) = text.parse::<Limit>() {
        assert_eq!(limit.to_string().parse::<Limit>(), Ok(limit), "{text:?}");
    }
    let _ = text.parse::<Period>();
    for name in
        ["TESSERA_TRUSTED_PROXIES", "TESSERA_THROTTLE__MAIL", "TESSERA_PUBLIC_URL", "TESSERA_DATABASE"]
    {
        let environment = vec![(name.to_owned(), text.to_owned())];
        let _ = config::load(&Layers { environment, ..Layers::default() });
    }
}
