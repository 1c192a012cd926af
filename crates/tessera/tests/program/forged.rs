//! Tokens that nobody gave out, and tokens in places they are not for: at each place that takes a token of one
//! kind, the good tokens of every other kind and thousands of mutants of its own.

mod mutants;

use std::thread;

use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::figure::{trials, tried};
use harness::http::{Answer, Request};
use harness::process::TesseraProcess;
use harness::server::Server;
use mutants::{Dice, mutant};
use serde_json::json;

use crate::stand::{PASSWORD, account, address_of, administrator, cheap, mailed, unique};

/// How many mutants a run makes, usually.
const MUTANTS: usize = 20_000;

/// A kind of token, the one good token of it, and the one place it is for.
struct Kind {
    name: &'static str,
    good: String,
    present: Box<dyn Fn(&str) -> Request + Sync>,
}

impl Kind {
    fn new(name: &'static str, good: String, present: impl Fn(&str) -> Request + Sync + 'static) -> Kind {
        Kind { name, good, present: Box::new(present) }
    }
}

/// Whether a token opened what it was shown to.
fn opened(answer: &Answer) -> bool {
    (200..300).contains(&answer.status) && !answer.text().starts_with(r#"{"error""#)
}

/// A token in the path as any client would write it.
fn segment(token: &str) -> String {
    url::form_urlencoded::byte_serialize(token.as_bytes()).collect::<String>().replace('+', "%20")
}

/// One good token of every kind; those that are mailed belong to accounts of their own.
fn kinds(server: &TesseraProcess) -> Vec<Kind> {
    let at = server.address();
    let name = account(server, "caller");
    let email = address_of(&name);
    let mut wolfpal = WolfPal::at(at);
    let tokens = wolfpal.sign_in(&email, PASSWORD);
    let goscrobble = GoScrobble::at(at).sign_in(&name, PASSWORD);
    let boss = administrator(server, "boss");
    let argon = Argon::at(at).sign_in(&boss, PASSWORD);
    let key = Request::new("POST", "/api/api-keys")
        .bearer(&argon)
        .json(&json!({ "name": "a key", "permissions": ["admin"] }));
    let key = server.client().send(&key).unwrap().expect_status(201).field("key");
    let mut melon = Melon::at(at);
    let melon_token = melon.sign_in(&boss, PASSWORD);
    let (code, spent) = (melon.invite(&melon_token), melon.invite(&melon_token));
    let invited = melon.redeem(&spent);
    let forgetful = account(server, "forgetful");
    wolfpal.send_reset(&address_of(&forgetful)).expect_status(200);
    let reset = mailed(server, &address_of(&forgetful), "password");
    let fresh = unique("fresh");
    wolfpal.register(&fresh, &address_of(&fresh), PASSWORD).expect_status(201);
    let activation = mailed(server, &address_of(&fresh), "");
    let careful = account(server, "careful");
    let careful_tokens = wolfpal.sign_in(&address_of(&careful), PASSWORD);
    let backup = wolfpal.enrol_totp(&careful_tokens.access, server.totp_now()).backup_codes.remove(0);
    let ticket = wolfpal.try_sign_in(&address_of(&careful), PASSWORD).expect_status(200).field("token");

    let bearer = |method: &'static str, path: &'static str| {
        move |token: &str| Request::new(method, path).bearer(token)
    };
    let mut all = vec![
        Kind::new("argon access", argon, bearer("GET", "/api/auth/state")),
        Kind::new("argon API key", key, |key| Request::new("GET", "/api/users").header("X-API-Key", key)),
        Kind::new("wolfpal access", tokens.access, bearer("GET", "/api/account")),
        Kind::new("wolfpal refresh", tokens.refresh, |token| {
            Request::new("POST", "/api/auth/refresh").json(&json!({ "refresh_token": token }))
        }),
        Kind::new("wolfpal ticket", ticket, move |token| {
            let body = json!({ "token": token, "code": backup });
            Request::new("POST", "/api/auth/two-factor").json(&body)
        }),
        Kind::new("melon access", melon_token, bearer("GET", "/auth/check")),
        Kind::new("melon server token", invited, |token| {
            let fields = [("username", &unique("friend")[..]), ("password", PASSWORD)];
            Request::new("POST", "/api/users/create").bearer(token).query(&fields)
        }),
        Kind::new("melon invite", code, |code| {
            Request::new("GET", "/auth/code-authenticate").query(&[("code", code)])
        }),
        Kind::new("goscrobble access", goscrobble.access, bearer("GET", "/api/v1/user")),
        Kind::new("goscrobble refresh", goscrobble.refresh, |token| {
            Request::new("POST", "/api/v1/refresh").json(&json!({ "token": token }))
        }),
        Kind::new("reset link", reset, |token| {
            let body = json!({ "password": "another horse 2", "comfirmPassword": "another horse 2" });
            Request::new("POST", &format!("/user/reset-password/{}", segment(token))).json(&body)
        }),
        Kind::new("activation link", activation, |token| {
            Request::new("PUT", &format!("/user/activate-account/{}", segment(token)))
        }),
    ];
    // A good token is shown last: what ends others comes behind them.
    all.sort_by_key(|kind| kind.name == "reset link");
    all
}

#[test]
fn no_mutant_and_no_token_of_another_kind_opens_anything() {
    let server = TesseraProcess::start(cheap().unthrottled());
    let kinds = kinds(&server);
    let good: Vec<&str> = kinds.iter().map(|kind| kind.good.as_str()).collect();
    let mut client = server.client();
    let mut wrong = Vec::new();
    for place in &kinds {
        for other in kinds.iter().filter(|other| other.name != place.name) {
            let answer = client.send(&(place.present)(&other.good)).unwrap();
            // An administrator's token makes accounts as well as a server token does.
            let may = place.name == "melon server token" && other.name == "melon access";
            if opened(&answer) != may || answer.status >= 500 {
                wrong.push(format!("{} as {}: {answer}", other.name, place.name));
            }
        }
    }
    tried(kinds.len() * (kinds.len() - 1), "tokens of another kind");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let each = trials(MUTANTS).div_ceil(kinds.len());
    let forge = |kind: &Kind, seed: u64| {
        let dice = Dice::new(seed);
        let mut client = server.client();
        let mut wrong = Vec::new();
        for _ in 0..each {
            let forged = mutant(&dice, &kind.good, &good);
            let answer = client.send(&(kind.present)(&forged)).unwrap();
            if opened(&answer) || answer.status >= 500 {
                wrong.push(format!("{}: {forged}: {answer}", kind.name));
            }
        }
        wrong
    };
    let forge = &forge;
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> =
            (1..).zip(&kinds).map(|(seed, kind)| scope.spawn(move || forge(kind, seed))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    tried(each * kinds.len(), "mutants");
    assert!(wrong.is_empty(), "{} were accepted or broke it:\n{}", wrong.len(), wrong.join("\n"));
    // The control: what the mutants were made of opens its place, so it is the change that was refused.
    for kind in &kinds {
        let answer = client.send(&(kind.present)(&kind.good)).unwrap();
        assert!(opened(&answer), "{}: {answer}", kind.name);
    }
}
