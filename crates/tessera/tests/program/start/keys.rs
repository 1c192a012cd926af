//! Signing keys: published halves, given keys, and whose token is good where.

use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::http::Request;
use harness::process::TesseraProcess;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::Value;

use crate::stand::{PASSWORD, account, address_of, cheap, told};

fn published(server: &TesseraProcess) -> JwkSet {
    let answer = server.client().send(&Request::new("GET", "/.well-known/jwks.json")).unwrap();
    let answer = answer.expect_status(200);
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    for key in answer.json()["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key.get(private).is_none(), "a private part {private:?} is published");
        }
    }
    serde_json::from_slice(&answer.body).unwrap()
}

/// The claims of a token as any resource server would verify it, by a library that is not ours.
fn verified(keys: &JwkSet, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let header = jsonwebtoken::decode_header(token)?;
    let key = keys.find(&header.kid.expect("a key id")).expect("its key is published");
    let mut validation = Validation::new(header.alg);
    validation.validate_aud = false;
    Ok(jsonwebtoken::decode(token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
}

#[test]
fn published_keys_verify_what_the_mounts_sign_also_after_a_restart() {
    let options = [("ARGON", "ES256"), ("WOLFPAL", "EdDSA"), ("MELON", "RS256")];
    let options = options.iter().fold(cheap(), |options, (mount, algorithm)| {
        options.env(&format!("TESSERA_MOUNTS__{mount}__ALGORITHM"), algorithm)
    });
    let mut server = TesseraProcess::start(options);
    let name = account(&server, "keyed");
    let sign_in = |server: &TesseraProcess| {
        let at = server.address();
        [
            ("ES256", Argon::at(at).sign_in(&name, PASSWORD)),
            ("EdDSA", WolfPal::at(at).sign_in(&address_of(&name), PASSWORD).access),
            ("RS256", Melon::at(at).sign_in(&name, PASSWORD)),
        ]
    };
    let before = sign_in(&server);
    let keys = published(&server);
    assert_eq!(keys.keys.len(), 3);
    server.restart();
    assert_eq!(published(&server), keys, "a restart made other keys");
    let after = sign_in(&server);
    let id = told(&server, &["account", "show", &name], "")["id"].clone();
    for (algorithm, token) in before.iter().chain(&after) {
        let claims = verified(&keys, token).unwrap();
        assert_eq!(claims["aid"], id, "{algorithm}");
        let (head, signature) = token.rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { 'B' } else { 'A' };
        let forged = format!("{head}.{other}{}", &signature[1..]);
        assert!(verified(&keys, &forged).is_err(), "{algorithm}: a forged signature verifies");
    }
    // A token from before the restart is good after it, and only at its mount.
    let [argon, wolfpal, melon] = before.map(|(_, token)| token);
    assert_eq!(Argon::at(server.address()).state(&argon).status, 200);
    assert_eq!(Melon::at(server.address()).check(&melon).status, 200);
    for other in [&wolfpal, &melon] {
        assert_eq!(Argon::at(server.address()).state(other).status, 401);
    }
    let listed = told(&server, &["key", "list"], "");
    let with_keys = listed.as_array().unwrap().iter().filter(|key| !key["public_key"].is_null());
    assert_eq!(with_keys.count(), 3);
}

#[test]
fn symmetric_keys_are_never_published() {
    let server = TesseraProcess::start(cheap());
    assert!(published(&server).keys.is_empty());
}

#[test]
fn a_given_key_signs_and_another_installation_with_it_verifies() {
    let key = "a-key-that-a-resource-server-knows-too";
    let given = || cheap().env("TESSERA_MOUNTS__GOSCROBBLE__KEY", key);
    let server = TesseraProcess::start(given());
    let name = account(&server, "shared");
    let token = GoScrobble::at(server.address()).sign_in(&name, PASSWORD).access;
    let mut validation = Validation::new(jsonwebtoken::Algorithm::HS512);
    validation.validate_aud = false;
    let decoding = DecodingKey::from_secret(key.as_bytes());
    let claims: Value = jsonwebtoken::decode(&token, &decoding, &validation).unwrap().claims;
    assert_eq!(claims["username"], *name);
}

#[test]
fn a_master_secret_from_the_environment_is_not_written_down() {
    let secret = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    let mut server = TesseraProcess::start(cheap().env("TESSERA_MASTER_SECRET", secret));
    assert!(!server.data().join("master.secret").exists());
    let name = account(&server, "given");
    let token = Argon::at(server.address()).sign_in(&name, PASSWORD);
    server.restart();
    assert_eq!(Argon::at(server.address()).state(&token).status, 200);
}
