//! Tokens that are no good, at every endpoint that asks for one.

use data_encoding::BASE64URL_NOPAD;
use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::http::{Answer, Request};
use harness::jwt;
use harness::process::TesseraProcess;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::rows::{Caller, Row};
use super::{OWN, each_row, shape};
use crate::stand::{PASSWORD, account, address_of, administrator, cheap, eventually, run, unique, usernames};

/// The keys that the mounts are given, so that this test can sign as they do.
const KEYS: [(&str, &str); 4] = [
    ("argon", "argon-signs-with-these-bytes-here"),
    ("wolfpal", "wolfpal-signs-with-these-bytes-here"),
    ("melon", "melon-signs-with-these-bytes-here"),
    ("goscrobble", "goscrobble-signs-with-64-bytes-that-are-as-long-as-its-hash-is!!"),
];

/// The one bad token that is good somewhere.
const SERVER: &str = "a Server token";

/// A server whose mounts sign with [`KEYS`].
pub(crate) fn keyed() -> TesseraProcess {
    let options = KEYS.iter().fold(cheap().unthrottled(), |options, (mount, key)| {
        options.env(&format!("TESSERA_MOUNTS__{}__KEY", mount.to_uppercase()), key)
    });
    TesseraProcess::start(options)
}

/// The same token long after its end.
pub(crate) fn expired(contract: &str, token: &str) -> String {
    let claims = jwt::parts(token).unwrap().claims.to_string();
    let mut claims: Value = serde_json::from_str(&claims).unwrap();
    claims["exp"] = json!(1_700_000_000);
    sign(contract, &Header::new(algorithm_of(contract)), &claims)
}

/// Good tokens of one account, or of several that fell.
struct Good {
    argon: String,
    wolfpal: String,
    wolfpal_refresh: String,
    melon: String,
    goscrobble: String,
    goscrobble_letters: String,
}

impl Good {
    fn sign_in(server: &TesseraProcess, name: &str) -> Good {
        let at = server.address();
        let wolfpal = WolfPal::at(at).sign_in(&address_of(name), PASSWORD);
        let goscrobble = GoScrobble::at(at).sign_in(name, PASSWORD);
        Good {
            argon: Argon::at(at).sign_in(name, PASSWORD),
            wolfpal: wolfpal.access,
            wolfpal_refresh: wolfpal.refresh,
            melon: Melon::at(at).sign_in(name, PASSWORD),
            goscrobble: goscrobble.access,
            goscrobble_letters: goscrobble.refresh,
        }
    }

    fn of(&self, contract: &str) -> &str {
        match contract {
            "argon" => &self.argon,
            "wolfpal" => &self.wolfpal,
            "melon" => &self.melon,
            "goscrobble" => &self.goscrobble,
            // Any contract's will do.
            OWN => &self.argon,
            other => panic!("no endpoint of {other} asks for a token"),
        }
    }
}

struct Setting {
    server: TesseraProcess,
    good: Good,
    ended: Good,
    disabled: Good,
    deleted: Good,
    server_token: String,
}

impl Setting {
    fn new() -> Setting {
        let server = keyed();
        let [good, ended, disabled, deleted] = ["caller", "ended", "disabled", "deleted"].map(|prefix| {
            let name = account(&server, prefix);
            run(&server, &["account", "permit", &name, "admin"], "");
            (Good::sign_in(&server, &name), name)
        });
        run(&server, &["account", "set-password", &ended.1], "another horse 2\n");
        run(&server, &["account", "disable", &disabled.1], "");
        run(&server, &["account", "delete", &deleted.1], "");
        let boss = administrator(&server, "boss");
        let mut melon = Melon::at(server.address());
        let boss = melon.sign_in(&boss, PASSWORD);
        let code = melon.invite(&boss);
        let server_token = melon.redeem(&code);
        eventually("what was ended is refused", || {
            [&ended, &disabled, &deleted].iter().all(|(fallen, _)| {
                melon.check(&fallen.melon).status == 401
                    && Argon::at(server.address()).state(&fallen.argon).status == 401
            })
        });
        let (good, ended, disabled, deleted) = (good.0, ended.0, disabled.0, deleted.0);
        Setting { server, good, ended, disabled, deleted, server_token }
    }

    /// Every bad token for a row, with what is bad about it.
    fn bad(&self, contract: &str) -> Vec<(String, String)> {
        let good = self.good.of(contract);
        let (head, signature) = good.rsplit_once('.').unwrap();
        let claims: Value = serde_json::from_str(&jwt::parts(good).unwrap().claims.to_string()).unwrap();
        let mut bad = vec![
            ("empty".to_owned(), String::new()),
            ("no token".to_owned(), "nonsense".to_owned()),
            ("dots".to_owned(), "..".to_owned()),
            ("garbled".to_owned(), format!("{head}.{}", garbled(signature))),
            ("truncated".to_owned(), good[..good.len() - 5].to_owned()),
            ("without signature".to_owned(), format!("{head}.")),
            ("longer".to_owned(), format!("{good}AAAA")),
            ("very long".to_owned(), format!("{good}{}", "A".repeat(60_000))),
            ("of an ended session".to_owned(), self.ended.of(contract).to_owned()),
            ("of a disabled account".to_owned(), self.disabled.of(contract).to_owned()),
            ("of a deleted account".to_owned(), self.deleted.of(contract).to_owned()),
            ("alg none".to_owned(), unsigned(&claims, "none")),
            ("alg NONE".to_owned(), unsigned(&claims, "NONE")),
            ("a refresh token".to_owned(), self.good.wolfpal_refresh.clone()),
            ("letters of a refresh token".to_owned(), self.good.goscrobble_letters.clone()),
            (SERVER.to_owned(), self.server_token.clone()),
        ];
        for (other, _) in KEYS.iter().filter(|(other, _)| *other != contract && contract != OWN) {
            bad.push((format!("of {other}"), self.good.of(other).to_owned()));
        }
        bad.extend(crafted(if contract == OWN { "argon" } else { contract }, &claims));
        bad
    }
}

/// Tokens signed with the mount's own key that say something they may not.
fn crafted(contract: &str, claims: &Value) -> Vec<(String, String)> {
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    let without = |name: &str| {
        let mut changed = claims.clone();
        changed.as_object_mut().unwrap().remove(name);
        changed
    };
    let algorithm = algorithm_of(contract);
    let header = Header::new(algorithm);
    let own = |claims: &Value| sign(contract, &header, claims);
    let mut all = vec![
        ("expired".to_owned(), own(&with("exp", json!(1_700_000_000)))),
        ("without exp".to_owned(), own(&without("exp"))),
        ("exp a text".to_owned(), own(&with("exp", json!("4000000000")))),
        ("exp negative".to_owned(), own(&with("exp", json!(-1)))),
        ("exp beyond all bounds".to_owned(), own(&with("exp", json!(1e300)))),
        ("nbf in the future".to_owned(), own(&with("nbf", json!(4_000_000_000_i64)))),
        ("of another mount".to_owned(), own(&with("mnt", json!("elsewhere")))),
        ("use refresh".to_owned(), own(&with("use", json!("refresh")))),
        ("use server".to_owned(), own(&with("use", json!("server")))),
        ("use unheard of".to_owned(), own(&with("use", json!("other")))),
        ("gen negative".to_owned(), own(&with("gen", json!(-1)))),
        ("sid no id".to_owned(), own(&with("sid", json!("1")))),
        ("aid unknown".to_owned(), own(&with("aid", json!("01890a5d-ac96-774b-bcce-b302099a8057")))),
        ("no object".to_owned(), own(&json!([1]))),
        ("only an account".to_owned(), own(&json!({ "username": "admin", "exp": 4_000_000_000_i64 }))),
    ];
    for name in ["sid", "gen", "aid", "mnt", "use"] {
        all.push((format!("without {name}"), own(&without(name))));
    }
    let known = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
    for other in known.into_iter().filter(|other| *other != algorithm) {
        all.push((format!("{other:?}"), sign(contract, &Header::new(other), claims)));
    }
    let kid = Header { kid: Some("unknown".to_owned()), ..header.clone() };
    all.push(("an unknown kid".to_owned(), sign(contract, &kid, claims)));
    for (other, _) in KEYS.iter().filter(|(other, _)| *other != contract) {
        all.push((format!("signed with the key of {other}"), sign(other, &header, claims)));
    }
    all
}

fn algorithm_of(contract: &str) -> Algorithm {
    if contract == "goscrobble" { Algorithm::HS512 } else { Algorithm::HS256 }
}

fn sign(contract: &str, header: &Header, claims: &Value) -> String {
    let (_, key) = KEYS.iter().find(|(name, _)| *name == contract).unwrap();
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(key.as_bytes())).unwrap()
}

fn unsigned(claims: &Value, algorithm: &str) -> String {
    let encoded = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}.", encoded(&json!({ "alg": algorithm, "typ": "JWT" })), encoded(claims))
}

/// The signature with its first character another one.
fn garbled(signature: &str) -> String {
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{first}{}", &signature[1..])
}

#[test]
fn bad_tokens_open_nothing_anywhere() {
    let setting = Setting::new();
    let names = usernames(&setting.server);
    each_row(|row| if row.caller == Caller::Anybody { Vec::new() } else { check(&setting, row) });
    assert_eq!(usernames(&setting.server), names, "a bad token made an account");
    // What is told apart from the bad ones: the good tokens go on, also one that this test signed itself.
    let at = setting.server.address();
    assert_eq!(Argon::at(at).state(&setting.good.argon).status, 200);
    assert_eq!(Melon::at(at).check(&setting.good.melon).status, 200);
    let claims = jwt::parts(&setting.good.argon).unwrap().claims.to_string();
    let again = sign("argon", &Header::new(Algorithm::HS256), &serde_json::from_str(&claims).unwrap());
    assert_eq!(Argon::at(at).state(&again).status, 200, "the crafted tokens are bad for another reason");
    assert_eq!(WolfPal::at(at).sign_out(&setting.good.wolfpal).status, 200);
    Melon::at(at).create(&setting.server_token, &unique("invited"), PASSWORD);
}

fn check(setting: &Setting, row: &Row) -> Vec<String> {
    let mut client = setting.server.client();
    let fields: Vec<(&str, String)> = row.good(&unique("unmade"));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let request = || Request::new(row.method, &row.target()).query(&fields).form(&fields);
    let mut wrong = Vec::new();
    for (what, token) in setting.bad(row.contract) {
        // Signing out must not need a refresh first, so an expired token will do (wolfpal.md 2.6).
        let expired = matches!(what.as_str(), "expired" | "exp negative");
        if row.path.ends_with("/logout") && expired || row.path.ends_with("/create") && what == SERVER {
            continue;
        }
        let answer = client.send(&request().bearer(&token)).unwrap();
        wrong.extend(judge(row, &answer).map(|problem| format!("{what}: {problem}")));
    }
    let good = setting.good.of(row.contract);
    let headers: [(&str, Vec<String>); 6] = [
        ("no header", vec![]),
        ("another scheme", vec![format!("Basic {good}")]),
        ("scheme and token in one word", vec![format!("Bearer{good}")]),
        ("the bare token", vec![good.to_owned()]),
        ("two headers", vec![format!("Bearer {good}"), format!("Bearer {good}")]),
        ("no ASCII", vec![format!("Bearer \u{e9}{good}")]),
    ];
    // GoScrobble takes a token without the scheme as well (goscrobble.md 2.2).
    let bare = |what: &str| what == "the bare token" && row.contract == "goscrobble";
    for (what, values) in headers.into_iter().filter(|(what, _)| !bare(what)) {
        let request = values.iter().fold(request(), |request, value| request.header("Authorization", value));
        let answer = client.send(&request).unwrap();
        wrong.extend(judge(row, &answer).map(|problem| format!("{what}: {problem}")));
    }
    let in_query = Request::new(row.method, &row.target()).query(&[("jwt", good), ("access_token", good)]);
    wrong.extend(
        judge(row, &client.send(&in_query).unwrap()).map(|problem| format!("in the query: {problem}")),
    );
    wrong
}

fn judge(row: &Row, answer: &Answer) -> Option<String> {
    if answer.status == 401 { shape::refusal(row, answer) } else { Some(format!("not a 401: {answer}")) }
}
