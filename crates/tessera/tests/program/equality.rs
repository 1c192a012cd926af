//! Every contract answers alike whatever the account is, as long as the caller has not shown the password.
//!
//! Accounts in every state are asked about in every way that takes a name or an address; what differs from the
//! answers about somebody who is not there is a finding.

use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::figure::tried;
use harness::http::{Answer, Request};
use harness::process::TesseraProcess;
use harness::server::Server;
use serde_json::json;

use crate::stand::{PASSWORD, account, address_of, cheap, run, unique};

/// What may be known about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Nobody,
    Confirmed,
    Unconfirmed,
    Disabled,
    SecondFactor,
    Administrator,
    Deleted,
    Imported,
}

const STATES: [State; 8] = [
    State::Nobody,
    State::Confirmed,
    State::Unconfirmed,
    State::Disabled,
    State::SecondFactor,
    State::Administrator,
    State::Deleted,
    State::Imported,
];

/// An account in that state, by its name.
fn in_state(server: &TesseraProcess, state: State) -> String {
    let name = match state {
        State::Nobody | State::Unconfirmed | State::Imported => unique("person"),
        _ => account(server, "person"),
    };
    match state {
        State::Nobody | State::Confirmed => {}
        State::Unconfirmed => {
            WolfPal::at(server.address()).register(&name, &address_of(&name), PASSWORD).expect_status(201);
        }
        State::Disabled => {
            run(server, &["account", "disable", &name], "");
        }
        State::SecondFactor => {
            let mut wolfpal = WolfPal::at(server.address());
            let tokens = wolfpal.sign_in(&address_of(&name), PASSWORD);
            wolfpal.enrol_totp(&tokens.access, server.totp_now());
        }
        State::Administrator => {
            run(server, &["account", "permit", &name, "admin"], "");
        }
        State::Deleted => {
            run(server, &["account", "delete", &name], "");
        }
        State::Imported => {
            let line = json!({ "username": name, "email": address_of(&name), "email_confirmed": true });
            run(server, &["account", "import", "-"], &line.to_string());
        }
    }
    name
}

/// What is known of somebody: their name, or their address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Name,
    Address,
}

/// Every way to ask about somebody without their password, and what is answered to it several times over.
fn answers(server: &TesseraProcess, name: &str, by: By, wrong: &str, times: usize) -> Vec<(String, Answer)> {
    let (at, email) = (server.address(), address_of(name));
    let (mut argon, mut wolfpal) = (Argon::at(at), WolfPal::at(at));
    let (mut melon, mut goscrobble) = (Melon::at(at), GoScrobble::at(at));
    let mut client = server.client();
    let mut all = Vec::new();
    for time in 0..times {
        let mut keep = |what: &str, answer: Answer| all.push((format!("{what}, {time}"), answer));
        if by == By::Name {
            keep("argon sign-in", argon.try_sign_in(name, wrong));
            keep("melon sign-in", melon.try_sign_in(name, wrong));
            keep("goscrobble sign-in by name", goscrobble.try_sign_in(name, wrong));
            continue;
        }
        keep("wolfpal sign-in", wolfpal.try_sign_in(&email, wrong));
        keep("goscrobble sign-in by address", goscrobble.try_sign_in(&email, wrong));
        keep("wolfpal reset", wolfpal.send_reset(&email));
        keep("goscrobble reset", goscrobble.send_reset(&email));
        let resend = Request::new("POST", "/user/activate-account/resend").json(&json!({ "email": email }));
        keep("wolfpal resend", client.send(&resend).unwrap());
    }
    all
}

/// The answer without what is new in every answer and the name that was asked about, so also without its
/// length; numbers only by where they are if they count time.
fn comparable(answer: &Answer, name: &str, numbers: bool) -> String {
    let kept = |name: &str| !matches!(name, "date" | "x-request-id" | "content-length");
    let headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| kept(&name.to_ascii_lowercase()))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let text = format!("{}\n{}\n{}", answer.status, headers.join("\n"), answer.text().replace(name, "NAME"));
    if numbers { text } else { text.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect() }
}

/// What is answered otherwise than about nobody, of all that was asked.
fn differences(
    server: &TesseraProcess,
    by: By,
    wrong: &str,
    times: usize,
    numbers: bool,
) -> (usize, Vec<String>) {
    let names: Vec<String> = STATES.iter().map(|state| in_state(server, *state)).collect();
    let about: Vec<Vec<(String, Answer)>> =
        names.iter().map(|name| answers(server, name, by, wrong, times)).collect();
    let mut found = Vec::new();
    for ((state, name), answers) in STATES.iter().zip(&names).zip(&about) {
        for ((what, answer), (_, nobody)) in answers.iter().zip(&about[0]) {
            let (answer, nobody) =
                (comparable(answer, name, numbers), comparable(nobody, &names[0], numbers));
            if answer != nobody {
                found.push(format!("{state:?}, {what}: {answer}\nbut about nobody: {nobody}"));
            }
        }
    }
    let asked = about.iter().map(Vec::len).sum();
    tried(asked, "answers");
    (asked, found)
}

#[test]
fn answers_do_not_tell_the_state_of_an_account() {
    let server = TesseraProcess::start(cheap().unthrottled());
    for (by, ways) in [(By::Name, 3), (By::Address, 5)] {
        let (asked, found) = differences(&server, by, "wrong horse 9", 2, true);
        assert_eq!(asked, STATES.len() * ways * 2);
        assert!(found.is_empty(), "{} cells differ:\n{}", found.len(), found.join("\n\n"));
    }
    // The control: the right password may be told from a wrong one, and is, but not by who is disabled.
    for (by, told) in [(By::Name, "Confirmed, argon"), (By::Address, "Unconfirmed, wolfpal")] {
        let (_, found) = differences(&server, by, PASSWORD, 1, true);
        assert!(found.iter().any(|cell| cell.starts_with(told)), "{found:?}");
        assert!(!found.iter().any(|cell| cell.starts_with("Disabled")), "{found:?}");
    }
}

/// Name and address each by itself: an account has one counter for both, which nobody has. And without the tries
/// of a known place: who asks from where the account signed in may be its owner.
#[test]
fn being_held_up_does_not_tell_it_either() {
    let limits = "[throttle]\nper_account = \"3 then 1 per 1h\"\nper_address = \"off\"\n\
                  per_known_place = \"off\"\nmail = \"2 then 1 per 1h\"\nmail_per_address = \"off\"";
    let server = TesseraProcess::start(cheap().settings(limits));
    for by in [By::Name, By::Address] {
        let (_, found) = differences(&server, by, "wrong horse 9", 3, false);
        assert!(found.is_empty(), "{} cells differ:\n{}", found.len(), found.join("\n\n"));
        let name = in_state(&server, State::Confirmed);
        let refused = answers(&server, &name, by, "wrong horse 9", 3);
        let held_up = refused.iter().filter(|(_, answer)| answer.text().contains("Too many")).count();
        assert!(held_up > 1, "nobody was held up: {refused:?}");
    }
}
