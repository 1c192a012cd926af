//! S6: how many wrong passwords of one account are looked at, and whether its owner still gets in.

use std::time::Instant;

use defects::Defect;
use harness::http::{Answer, Request};
use harness::people::{PASSWORD, address_of};
use harness::process::TesseraProcess;
use serde_json::json;

use crate::Problem;
use crate::cast::account;
use crate::figure::{BOTH, Control, Counted, Figure, Measure, Outcome};
use crate::stage::Stage;

pub(crate) const FIGURE: Figure = Figure {
    id: "S6",
    title: "wrong passwords of one account that are looked at",
    goal: "at most 10 at once and one more in 16 minutes, by whatever name, contract, address and header, and the owner \
           gets in from where the account is known",
    about: "Under the limits that are the default. An account signs in from one network. Then its password is guessed \
            200 times: through all four contracts, by its name and its address in several spellings, each time from \
            another address behind a trusted proxy (IPv4, IPv6 of one /64 and of many), with headers that claim yet \
            other addresses. What is not answered as held up was looked at. Then the owner signs in, once from the first \
            address and once from its neighbour. That a day of this comes to 100 and an hour to 20 is shown under a \
            clock that is moved by hand, in the tests of accounts.",
    trials: "accounts under siege",
    small: 4,
    full: 200,
    engines: BOTH,
    run,
    controls: &[Control { defect: Defect::SpellingsApart, engines: BOTH, within: 1 }],
};

const GUESSES: usize = 200;
const AT_ONCE: usize = 10;
const SECONDS_FOR_ONE_MORE: u64 = 16 * 60;

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let options = stage
        .options()
        .env("TESSERA_TRUSTED_PROXIES", r#"["127.0.0.0/8"]"#)
        .env("TESSERA_THROTTLE__PER_ACCOUNT", "10 then 1 per 16m")
        .env("TESSERA_THROTTLE__PER_KNOWN_PLACE", "5 then 1 per 1h")
        .env("TESSERA_THROTTLE__PER_ADDRESS", "50 then 1 per 20s");
    let server = TesseraProcess::start(options);
    let mut counted = Counted::default();
    let mut most = 0;
    for number in 0..stage.trials {
        if !stage.goes_on(counted.failures) {
            break;
        }
        let (looked_at, broken) = siege(&server, number)?;
        most = most.max(looked_at);
        counted.trial(broken);
    }
    let most = f64::from(u32::try_from(most)?);
    Ok(Outcome::Counted(counted.measured(Measure::of("most guesses looked at", most, "guesses"))))
}

/// How many guesses at a new account were looked at, and what did not hold.
fn siege(server: &TesseraProcess, number: usize) -> Result<(usize, Vec<String>), Problem> {
    let name = account(server)?;
    let network = number % 0xffff;
    let (home, neighbour) = (format!("2001:db8:{network:x}:1::1"), format!("2001:db8:{network:x}:1:ffff::9"));
    let mut client = server.client();
    let began = Instant::now();
    let mut broken = Vec::new();
    let first = client.send(&from(sign_in(0, &name, PASSWORD), &home))?;
    broken.extend((!let_in(&first)).then(|| format!("the owner does not get in before: {first}")));
    let spellings = spellings(&name);
    let mut looked_at = 0;
    for guess in 0..GUESSES {
        let typed = &spellings[guess % spellings.len()];
        let mut request = from(sign_in(guess, typed, "wrong horse"), &stranger(guess));
        for header in ["X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP", "Forwarded"] {
            request = request.header(header, &format!("for={}", stranger(guess + 7_000)));
        }
        looked_at += usize::from(!held_up(&client.send(&request)?));
    }
    let more = usize::try_from(began.elapsed().as_secs() / SECONDS_FOR_ONE_MORE)? + 1;
    if looked_at > AT_ONCE + more {
        broken.push(format!("{looked_at} guesses were looked at"));
    }
    if looked_at < AT_ONCE / 2 {
        broken.push(format!("only {looked_at} guesses were looked at: the siege itself is no good"));
    }
    for address in [&home, &neighbour] {
        let answer = client.send(&from(sign_in(2, &name, PASSWORD), address))?;
        broken.extend((!let_in(&answer)).then(|| format!("the owner is kept out at {address}: {answer}")));
    }
    Ok((looked_at, broken))
}

/// The name and the address as somebody may type them.
fn spellings(name: &str) -> Vec<String> {
    let wide: String = name.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)).collect();
    let email = address_of(name);
    vec![name.to_owned(), email.clone(), name.to_uppercase(), email.to_uppercase(), wide]
}

/// A sign-in through one contract after the other; a name where WolfPal wants an address is one of Argon's.
fn sign_in(number: usize, typed: &str, password: &str) -> Request {
    match number % 4 {
        1 if typed.contains('@') => {
            Request::new("POST", "/auth/login").json(&json!({ "email": typed, "password": password }))
        }
        2 => {
            let body = json!({ "username": typed, "password": password });
            Request::new("POST", "/api/v1/login").json(&body)
        }
        3 if !typed.contains('@') => {
            Request::new("GET", "/auth/login").query(&[("username", typed), ("password", password)])
        }
        _ if typed.contains('@') => {
            Request::new("POST", "/api/v1/login").json(&json!({ "username": typed, "password": password }))
        }
        _ => {
            Request::new("POST", "/api/auth/login").json(&json!({ "username": typed, "password": password }))
        }
    }
}

/// The request as the proxy hands it on, with what the caller claimed before.
fn from(request: Request, address: &str) -> Request {
    request.header("X-Forwarded-For", &format!("203.0.113.250, {address}"))
}

fn stranger(number: usize) -> String {
    match number % 3 {
        0 => format!("198.18.{}.{}", number / 250 % 250, number % 250),
        1 => format!("2001:db8:ffff:1::{number:x}"),
        _ => format!("2001:db8:fffe:{number:x}::1"),
    }
}

fn held_up(answer: &Answer) -> bool {
    answer.text().contains("Too many")
}

fn let_in(answer: &Answer) -> bool {
    answer.status == 200 && !answer.text().contains(r#""error""#)
}
