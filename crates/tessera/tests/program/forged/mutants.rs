//! Tokens made out of good ones by changes that know what a token is made of, the same ones for the same seed.

use crypto::{Randomness, SeededRandomness};
use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};

/// Draws from a seed.
pub(super) struct Dice(SeededRandomness);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(SeededRandomness::new(seed))
    }

    /// A number below `end`.
    fn below(&self, end: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % u64::try_from(end).unwrap()).unwrap()
    }

    fn of<'a, T: ?Sized>(&self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Characters that come into tokens: of their alphabets, of others, and such as mean something somewhere.
/// No blanks: one behind a token ends it.
const LETTERS: &str = "AZaz09-_.=+/%$\"'\\{}[]:;,!?*#&@~^`|<>()éıＡ\u{200b}";

/// One to three changes of `token`; never one of the good tokens themselves.
pub(super) fn mutant(dice: &Dice, token: &str, good: &[&str]) -> String {
    loop {
        let mut changed = token.to_owned();
        for _ in 0..=dice.below(3) {
            changed = match (jwt(&changed), dice.below(3)) {
                (Some(parts), 0..2) => restructured(dice, parts, good),
                _ => scribbled(dice, &changed),
            };
        }
        if !good.contains(&changed.as_str()) {
            return changed;
        }
    }
}

struct Parts {
    header: Value,
    claims: Value,
    signature: String,
}

fn jwt(token: &str) -> Option<Parts> {
    let mut pieces = token.split('.');
    let (header, claims, signature) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let object = |piece: &str| -> Option<Value> {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(piece.as_bytes()).ok()?).ok().filter(Value::is_object)
    };
    Some(Parts { header: object(header)?, claims: object(claims)?, signature: signature.to_owned() })
}

/// A change to the bytes, whatever they are.
fn scribbled(dice: &Dice, token: &str) -> String {
    let mut letters: Vec<char> = token.chars().collect();
    let strange: Vec<char> = LETTERS.chars().collect();
    let new = strange[dice.below(strange.len())];
    if letters.is_empty() {
        return new.to_string();
    }
    let place = dice.below(letters.len());
    match dice.below(8) {
        0 => letters[place] = new,
        1 => letters.insert(place, new),
        2 => drop(letters.remove(place)),
        3 => letters.truncate(place),
        4 => drop(letters.drain(..place)),
        5 => letters.swap(place, token.chars().count() / 2),
        6 => letters.extend_from_within(place..),
        _ => letters.push(new),
    }
    letters.into_iter().collect()
}

/// A change to what a token says or how it is written; the signature follows only with a key that is not ours.
fn restructured(dice: &Dice, parts: Parts, good: &[&str]) -> String {
    let Parts { mut header, mut claims, signature } = parts;
    match dice.below(9) {
        0 => header = other_header(dice, header),
        1 | 2 => claims = other_claims(dice, claims),
        3 => return signed(dice, &header, &claims),
        4 => return unsigned(dice, header, &claims),
        5 => return respelled(dice, &header, &claims, &signature),
        // Parts of another good token.
        6 => {
            let other = good.iter().filter_map(|token| jwt(token)).nth(dice.below(3));
            if let Some(other) = other {
                let message = format!("{}.{}", encoded(&header), encoded(&other.claims));
                return format!("{message}.{}", dice.of(&[&signature[..], &other.signature[..]]));
            }
        }
        7 => {
            let inner = format!("{}.{}.{signature}", encoded(&header), encoded(&claims));
            header["cty"] = json!("JWT");
            claims = json!({ "jwt": inner, "exp": 4_000_000_000_i64 });
        }
        _ => {
            let end = [".", "..", ".e30", ".e30.e30", "=", "%00", "\\0"];
            return format!("{}.{}.{signature}{}", encoded(&header), encoded(&claims), dice.of(&end));
        }
    }
    format!("{}.{}.{signature}", encoded(&header), encoded(&claims))
}

fn encoded(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

fn other_header(dice: &Dice, mut header: Value) -> Value {
    let algorithms =
        ["none", "NONE", "nOnE", "HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256", "", "hs256"];
    match dice.below(10) {
        0 | 1 => header["alg"] = json!(dice.of(&algorithms)),
        2 => header["alg"] = dice.of(&[&json!(null), &json!(0), &json!(["HS256"]), &json!({})]).clone(),
        3 => {
            let kids = [
                "",
                "1",
                "../../../../dev/null",
                "' or '1'='1",
                "/etc/hostname",
                "k1\u{0}",
                "http://evil.example/",
            ];
            header["kid"] = json!(dice.of(&kids));
        }
        4 => header["jku"] = json!("https://evil.example/jwks.json"),
        5 => header["jwk"] = json!({ "kty": "oct", "k": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }),
        6 => header["x5u"] = json!("https://evil.example/x509.pem"),
        7 => header["crit"] = dice.of(&[&json!(["exp"]), &json!([]), &json!(null), &json!(["b64"])]).clone(),
        8 => {
            header["b64"] = json!(false);
            header["crit"] = json!(["b64"]);
        }
        _ => header["zip"] = json!("DEF"),
    }
    header
}

fn other_claims(dice: &Dice, mut claims: Value) -> Value {
    let Some(members) = claims.as_object_mut() else { return claims };
    let names: Vec<String> = members.keys().cloned().collect();
    let name = names.get(dice.below(names.len().max(1))).cloned().unwrap_or_default();
    match dice.below(7) {
        0 => drop(members.remove(&name)),
        1 => {
            let values = [
                json!(null),
                json!(""),
                json!(0),
                json!(-1),
                json!([]),
                json!({}),
                json!(true),
                json!("admin"),
            ];
            members.insert(name, values[dice.below(values.len())].clone());
        }
        2 => {
            let far = [json!(4_000_000_000_i64), json!(i64::MAX), json!(1e300), json!("4000000000")];
            members.insert("exp".to_owned(), far[dice.below(far.len())].clone());
        }
        3 => {
            let uses = ["access", "refresh", "server", "second_step", "reset", ""];
            members.insert("use".to_owned(), json!(dice.of(&uses)));
        }
        4 => {
            let mounts = ["argon", "wolfpal", "melon", "goscrobble", "default", "*"];
            members.insert("mnt".to_owned(), json!(dice.of(&mounts)));
        }
        5 => {
            members.insert("permissions".to_owned(), json!(["admin", "*"]));
            members.insert("role".to_owned(), json!("Admin"));
        }
        _ => {
            let step = i64::try_from(dice.below(5)).unwrap() - 2;
            let number = members.get(&name).and_then(Value::as_i64);
            members.insert(name, json!(number.unwrap_or(1).saturating_add(step)));
        }
    }
    claims
}

/// Signed with a key that somebody may have put there by mistake.
fn signed(dice: &Dice, header: &Value, claims: &Value) -> String {
    let keys: [&[u8]; 9] = [
        b"",
        b"secret",
        b"changeme",
        b"your-256-bit-secret",
        b"null",
        &[0; 32],
        &[0; 64],
        b"tessera",
        b"argon",
    ];
    let algorithm = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512][dice.below(3)];
    let kid = header["kid"].as_str().map(str::to_owned);
    let header = Header { kid, ..Header::new(algorithm) };
    let mut later = claims.clone();
    later["exp"] = json!(4_000_000_000_i64);
    jsonwebtoken::encode(&header, &later, &EncodingKey::from_secret(dice.of(&keys))).unwrap()
}

fn unsigned(dice: &Dice, mut header: Value, claims: &Value) -> String {
    header["alg"] = json!(dice.of(&["none", "None", "NONE", "nOnE", ""]));
    let ending = dice.of(&["", ".", ".AA", ".bm9uZQ"]);
    format!("{}.{}{ending}", encoded(&header), encoded(claims))
}

/// The same words in another spelling: of JSON, of base64, or with members twice.
fn respelled(dice: &Dice, header: &Value, claims: &Value, signature: &str) -> String {
    let text = claims.to_string();
    let spelled = match dice.below(6) {
        0 => serde_json::to_string_pretty(claims).unwrap(),
        1 => text.replacen('{', "{\"exp\":4000000000,", 1),
        2 => text.replacen('}', ",\"use\":\"access\"}", 1),
        3 => text.replace('a', "\\u0061"),
        4 => format!("\u{feff}{text}"),
        _ => backwards(claims),
    };
    let bytes = spelled.as_bytes();
    let claims = match dice.below(3) {
        0 => BASE64URL_NOPAD.encode(bytes),
        1 => BASE64URL.encode(bytes),
        _ => BASE64.encode(bytes),
    };
    format!("{}.{claims}.{signature}", encoded(header))
}

/// The members in another order.
fn backwards(claims: &Value) -> String {
    let empty = Map::new();
    let members: Vec<String> = claims
        .as_object()
        .unwrap_or(&empty)
        .iter()
        .rev()
        .map(|(name, value)| format!("{}:{value}", json!(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}
