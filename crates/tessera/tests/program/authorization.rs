//! Who may call what: every endpoint by every kind of caller, each with the status that it is answered with.
//!
//! [`lines`] is the table; a test compares it with what the contracts declare, so that an endpoint without a
//! line fails. [`cast`] makes the callers.

mod cast;
mod lines;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cast::{Actor, CALLERS, Caller};
use harness::actors::Argon;
use harness::figure::tried;
use harness::http::{Answer, Request};
use harness::process::TesseraProcess;
use lines::{Line, SAID};
use serde_json::{Map, Value, json};

use crate::bad_input::tokens::keyed;
use crate::bad_input::{OWN, declared};
use crate::stand::{PASSWORD, address_of, unique, usernames};

/// A server with one of every kind.
struct Stage {
    server: TesseraProcess,
    cast: Vec<Actor>,
}

impl Stage {
    fn new() -> Stage {
        let server = keyed();
        let cast = CALLERS.map(|caller| Actor::new(&server, caller, &cast::CONTRACTS)).into();
        Stage { server, cast }
    }

    fn of(&self, caller: Caller) -> &Actor {
        self.cast.iter().find(|actor| actor.caller == caller).unwrap()
    }

    /// What is wrong with the answer that a kind of caller gets, if anything is.
    fn judge(&self, line: &Line, caller: Caller, mark: char) -> Option<String> {
        // What changes something gets a caller and an owner of its own.
        let fresh = mark == '+' && line.method != "GET" && line.may != lines::ALL;
        let new = |caller| Actor::new(&self.server, caller, &[line.contract]);
        let new_caller = fresh.then(|| new(caller));
        let needs_owner = line.path.contains("{id}") || line.fields.contains("{owner}");
        let new_owner = (fresh && needs_owner && caller != Caller::User).then(|| new(Caller::User));
        let actor = new_caller.as_ref().unwrap_or(self.of(caller));
        let same = (caller == Caller::User).then_some(actor);
        let owner = new_owner.as_ref().or(same).unwrap_or(self.of(Caller::User));
        let answer = self.server.client().send(&self.request(line, actor, owner)).unwrap();
        let expected = match mark {
            '+' => line.granted,
            '1' => 401,
            '3' => 403,
            '4' => 404,
            other => panic!("no such mark: {other}"),
        };
        (seen(line, &answer) != expected)
            .then(|| format!("{} {}: {caller:?}: not {expected}: {answer}", line.method, line.path))
    }

    fn request(&self, line: &Line, actor: &Actor, owner: &Actor) -> Request {
        let id = match line.path {
            _ if !line.path.contains("{id}") => String::new(),
            path if path.starts_with("/api/api-keys") => {
                let boss = self.of(Caller::Administrator).token("argon");
                cast::api_key(&self.server, boss, "user").field("id")
            }
            path if path.contains("/sessions/") => owner.session(&self.server),
            _ => owner.id.clone(),
        };
        let target = line.path.replace("{id}", &id).replace("{username}", &owner.name);
        let target = target.replace("{mount}", "wolfpal").replace("{token}", "nobody-gave-this-out");
        let own = if actor.name.is_empty() { owner } else { actor };
        let new = unique("new");
        let fill = |text: &str| {
            let text = text.replace("{owner}", &owner.id).replace("{name}", &owner.name);
            let text = text.replace("{own-mail}", &address_of(&own.name)).replace("{password}", PASSWORD);
            text.replace("{mail}", &address_of(&new)).replace("{new}", &new)
        };
        let fields: Vec<(&str, String)> = line
            .fields
            .split('&')
            .filter_map(|field| field.split_once('='))
            .map(|(n, v)| (n, fill(v)))
            .collect();
        let request = actor.sign(Request::new(line.method, &target), line.contract);
        let texts = || fields.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
        match line.contract {
            _ if fields.is_empty() => request,
            "melon" | OWN => request.query(&texts()),
            "pages" => request.form(&texts()),
            _ => request.json(&body(&fields)),
        }
    }
}

/// The fields as JSON: lists and truth values as they are, all else as text.
fn body(fields: &[(&str, String)]) -> Value {
    let value = |text: &String| match text.as_str() {
        list if list.starts_with('[') => serde_json::from_str(list).unwrap(),
        "true" => json!(true),
        text => json!(text),
    };
    fields.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect::<Map<_, _>>().into()
}

/// The status, or [`SAID`] for GoScrobble's errors in a 200.
fn seen(line: &Line, answer: &Answer) -> u16 {
    let refused = line.contract == "goscrobble" && answer.text().starts_with(r#"{"error""#);
    if refused && answer.status == 200 { SAID } else { answer.status }
}

#[test]
fn every_endpoint_has_a_line() {
    let declared: BTreeSet<String> =
        declared().iter().map(|(contract, method, path)| format!("{contract} {method} {path}")).collect();
    let lines: BTreeSet<String> =
        lines::all().iter().map(|line| format!("{} {} {}", line.contract, line.method, line.path)).collect();
    let missing: Vec<_> = declared.difference(&lines).collect();
    let stale: Vec<_> = lines.difference(&declared).collect();
    assert!(missing.is_empty() && stale.is_empty(), "without a line: {missing:#?}\nnot served: {stale:#?}");
}

#[test]
fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let stage = Stage::new();
    let before: BTreeSet<String> = usernames(&stage.server).into_iter().collect();
    let lines = lines::all();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(line) = lines.get(next.fetch_add(1, Ordering::Relaxed)) {
            assert_eq!(line.may.len(), CALLERS.len(), "{}", line.path);
            let marks = CALLERS.into_iter().zip(line.may.chars());
            wrong.extend(marks.filter_map(|(caller, mark)| stage.judge(line, caller, mark)));
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    tried(lines.len() * CALLERS.len(), "cells");
    assert!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
    // Those who were refused changed nothing: everybody is still there and signed in.
    let after: BTreeSet<String> = usernames(&stage.server).into_iter().collect();
    assert!(before.is_subset(&after), "gone: {:?}", before.difference(&after));
    let owner = stage.of(Caller::User);
    assert_eq!(Argon::at(stage.server.address()).state(owner.token("argon")).status, 200);
    assert!(!stage.server.output().contains("panicked"), "{}", stage.server.output());
}
