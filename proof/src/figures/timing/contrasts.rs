//! Which kinds of requests are compared, and the servers and people that it takes.

use harness::actors::{Melon, WolfPal};
use harness::http::Request;
use harness::people::{PASSWORD, address_of};
use harness::process::{Options, TesseraProcess};
use harness::server::Server;
use serde_json::json;

use super::Contrast;
use crate::Problem;
use crate::cast::{administrator, command};
use crate::stage::Stage;

/// A server with what is to be compared on it.
pub(super) struct Stand {
    pub(super) server: TesseraProcess,
    pub(super) contrasts: Vec<Contrast>,
}

/// Names of one length, so that requests are.
const KNOWN: &str = "ordinary";
const NOBODY: &str = "nobodyat";
const DISABLED: &str = "disabled";
const GUARDED: &str = "guardedx";
const WAITING: &str = "waitingx";
const HELD_UP: &str = "attacked";

/// A password that is as long as the right one.
const WRONG: &str = "incorrect horse";
/// As many sessions as are looked through for a place where the account is known.
const SESSIONS: usize = 100;

impl Stand {
    /// Where passwords are given, where nothing is hashed, and where guessing is held up.
    pub(super) fn all(stage: &Stage, full: bool) -> Result<Vec<Stand>, Problem> {
        // Where a hash may be left out on purpose, there must be one to leave out.
        let (memory_kib, passes) = match (full, stage.is_control()) {
            (true, _) => ("19456", "2"),
            (false, true) => ("4096", "1"),
            (false, false) => ("64", "1"),
        };
        let costly = |options: Options| {
            options.env("TESSERA_PASSWORDS__MEMORY_KIB", memory_kib).env("TESSERA_PASSWORDS__PASSES", passes)
        };
        let server = TesseraProcess::start(costly(stage.options()));
        populate(&server)?;
        let contrasts = [mails(), sign_in(), invites(&server)?].concat();
        Ok(vec![Stand { server, contrasts }, Self::held_up(stage)?])
    }

    fn held_up(stage: &Stage) -> Result<Stand, Problem> {
        let options = stage
            .options()
            .env("TESSERA_TRUSTED_PROXIES", r#"["127.0.0.0/8"]"#)
            .env("TESSERA_THROTTLE__PER_ACCOUNT", "1 then 1 per 30d");
        let server = TesseraProcess::start(options);
        create(&server, HELD_UP, true)?;
        let mut client = server.client();
        for number in 0..SESSIONS {
            let from = format!("198.18.0.{number}");
            client.send(&argon(HELD_UP, PASSWORD).header("X-Forwarded-For", &from))?;
        }
        for _ in 0..3 {
            client.send(&argon(HELD_UP, WRONG))?;
            client.send(&argon(NOBODY, WRONG))?;
        }
        let requests = [argon(HELD_UP, WRONG), argon(NOBODY, WRONG)];
        Ok(Stand {
            server,
            contrasts: vec![Contrast { what: "held up, unknown name", requests, status: 429 }],
        })
    }
}

fn populate(server: &TesseraProcess) -> Result<(), Problem> {
    for (name, confirmed) in [(KNOWN, true), (DISABLED, true), (GUARDED, true), (WAITING, false)] {
        create(server, name, confirmed)?;
    }
    command(server, &["account", "disable", DISABLED], "")?;
    let tokens = WolfPal::at(server.address()).sign_in(&address_of(GUARDED), PASSWORD);
    WolfPal::at(server.address()).enrol_totp(&tokens.access, server.totp_now());
    Ok(())
}

fn create(server: &TesseraProcess, name: &str, confirmed: bool) -> Result<(), Problem> {
    let email = address_of(name);
    let mut arguments = vec!["account", "create", "--username", name, "--email", &email];
    arguments.extend(confirmed.then_some("--confirmed"));
    command(server, &arguments, &format!("{PASSWORD}\n")).map(drop)
}

fn argon(name: &str, password: &str) -> Request {
    Request::new("POST", "/api/auth/login").json(&json!({ "username": name, "password": password }))
}

fn melon(name: &str) -> Request {
    Request::new("GET", "/auth/login").query(&[("username", name), ("password", WRONG)])
}

fn goscrobble(name: &str) -> Request {
    Request::new("POST", "/api/v1/login").json(&json!({ "username": name, "password": WRONG }))
}

fn wolfpal(name: &str) -> Request {
    Request::new("POST", "/auth/login").json(&json!({ "email": address_of(name), "password": WRONG }))
}

fn sign_in() -> Vec<Contrast> {
    let contrast = |what, requests, status| Contrast { what, requests, status };
    vec![
        contrast("unknown name, argon", [argon(KNOWN, WRONG), argon(NOBODY, WRONG)], 401),
        contrast("unknown address, wolfpal", [wolfpal(KNOWN), wolfpal(NOBODY)], 400),
        contrast("unknown name, goscrobble", [goscrobble(KNOWN), goscrobble(NOBODY)], 200),
        contrast("unknown name, melon", [melon(KNOWN), melon(NOBODY)], 401),
        contrast("disabled", [argon(KNOWN, WRONG), argon(DISABLED, PASSWORD)], 401),
        contrast("second factor", [argon(KNOWN, WRONG), argon(GUARDED, PASSWORD)], 401),
        contrast("unconfirmed", [argon(KNOWN, WRONG), argon(WAITING, WRONG)], 401),
    ]
}

fn asked(path: &str, name: &str) -> Request {
    Request::new("POST", path).json(&json!({ "email": address_of(name) }))
}

fn mails() -> Vec<Contrast> {
    let contrast = |what, path: &str, names: [&str; 2]| Contrast {
        what,
        requests: names.map(|name| asked(path, name)),
        status: 200,
    };
    let (forgot, resend) = ("/user/forgot-password", "/user/activate-account/resend");
    vec![
        contrast("reset, unknown address, wolfpal", forgot, [KNOWN, NOBODY]),
        contrast("reset, unknown address, goscrobble", "/api/v1/sendreset", [KNOWN, NOBODY]),
        contrast("reset, disabled", forgot, [KNOWN, DISABLED]),
        contrast("resend, unknown address", resend, [WAITING, NOBODY]),
        contrast("resend, confirmed", resend, [WAITING, KNOWN]),
    ]
}

fn invites(server: &TesseraProcess) -> Result<Vec<Contrast>, Problem> {
    let boss = administrator(server)?;
    let mut melon = Melon::at(server.address());
    let token = melon.sign_in(&boss, PASSWORD);
    let used = melon.invite(&token);
    let _ = melon.redeem(&used);
    let request = |code: &str| Request::new("GET", "/auth/code-authenticate").query(&[("code", code)]);
    // No code has this: it is of digits and capital letters.
    let requests = [request("zzzz"), request(&used)];
    Ok(vec![Contrast { what: "used invite code", requests, status: 401 }])
}
