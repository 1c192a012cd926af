//! Fields that are missing, of another type, too long or not text, and bodies that are no bodies.

use std::collections::BTreeSet;
use std::sync::Mutex;

use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::http::{Answer, Client, Request};
use harness::openapi::Document;
use harness::process::TesseraProcess;

use super::rows::{Caller, Carrier, Field, Row};
use super::values::{FORM_VALUES, JSON_VALUES, NO_BODIES, TYPES};
use super::written::{in_chunks, json_pairs, json_text, padded, replaced, twice, with_fields, with_value};
use super::{OWN, each_row, shape};
use crate::openapi;
use crate::stand::{PASSWORD, account, address_of, administrator, server, told, usernames, wolfpal_believes};

/// The most bytes a body may have.
const LIMIT: usize = 102_400;

/// What every case needs.
struct Setting<'a> {
    server: &'a TesseraProcess,
    /// What every answer has to be as described in.
    document: Document,
    /// An account that is there.
    name: String,
    argon: String,
    wolfpal: String,
    goscrobble: String,
    /// Those of an administrator.
    boss_argon: String,
    boss_melon: String,
    boss_goscrobble: String,
    /// The names of accounts whose making was answered with success.
    made: Mutex<BTreeSet<String>>,
}

impl<'a> Setting<'a> {
    fn new(server: &'a TesseraProcess) -> Setting<'a> {
        let (name, boss) = (account(server, "victim"), administrator(server, "boss"));
        let at = server.address();
        Setting {
            server,
            document: openapi::document(),
            argon: Argon::at(at).sign_in(&name, PASSWORD),
            wolfpal: WolfPal::at(at).sign_in(&address_of(&name), PASSWORD).access,
            goscrobble: GoScrobble::at(at).sign_in(&name, PASSWORD).access,
            boss_argon: Argon::at(at).sign_in(&boss, PASSWORD),
            boss_melon: Melon::at(at).sign_in(&boss, PASSWORD),
            boss_goscrobble: GoScrobble::at(at).sign_in(&boss, PASSWORD).access,
            name,
            made: Mutex::default(),
        }
    }

    /// A request to the row by somebody who may call it, as far as it has fields to read.
    fn request(&self, row: &Row) -> Request {
        let request = Request::new(row.method, &row.target());
        match (row.contract, row.caller) {
            _ if row.fields.is_empty() => request,
            (_, Caller::Anybody) => request,
            ("argon", Caller::User) => request.bearer(&self.argon),
            ("argon" | OWN, Caller::Administrator) => request.bearer(&self.boss_argon),
            ("wolfpal", _) => request.bearer(&self.wolfpal),
            ("melon", _) => request.bearer(&self.boss_melon),
            ("goscrobble", Caller::User) => request.bearer(&self.goscrobble),
            ("goscrobble", Caller::Administrator) => request.bearer(&self.boss_goscrobble),
            (other, _) => panic!("no token for {other}"),
        }
    }
}

#[test]
fn bad_fields_and_bodies_are_refused_and_leave_nothing_behind() {
    let server = server();
    let setting = Setting::new(&server);
    let before: BTreeSet<String> = usernames(&server).into_iter().collect();
    let sessions = || told(&server, &["session", "list", &setting.name], "").as_array().unwrap().len();
    let sessions_before = sessions();
    each_row(|row| {
        let mut client = server.client();
        let mut wrong = bad_fields(&setting, row, &mut client);
        if client.connections() > 1 {
            wrong.push(format!("{} connections were needed", client.connections()));
        }
        wrong.extend(bad_bodies(&setting, row));
        wrong.extend(too_long(&setting, row));
        wrong
    });
    let expected: BTreeSet<String> = before.union(&setting.made.lock().unwrap()).cloned().collect();
    let after: BTreeSet<String> = usernames(&server).into_iter().collect();
    assert_eq!(after, expected, "accounts came or went that no success was answered for");
    assert_eq!(sessions(), sessions_before, "a refused request opened a session");
    // Who called is still signed in, so no refusal above was for want of a token.
    let at = server.address();
    for token in [&setting.argon, &setting.boss_argon] {
        assert_eq!(Argon::at(at).state(token).status, 200, "the account was changed");
    }
    assert!(wolfpal_believes(&server, &setting.wolfpal), "the account was changed");
    assert_eq!(Melon::at(at).check(&setting.boss_melon).status, 200);
    for token in [&setting.goscrobble, &setting.boss_goscrobble] {
        assert_eq!(GoScrobble::at(at).user(token).status, 200);
    }
    assert!(!server.output().contains("panicked"), "{}", server.output());
}

fn bad_fields(setting: &Setting<'_>, row: &Row, client: &mut Client) -> Vec<String> {
    let mut wrong = Vec::new();
    for carrier in row.carriers {
        let values: &[(&str, Option<&str>)] =
            if *carrier == Carrier::Json { &JSON_VALUES } else { &FORM_VALUES };
        for field in row.fields {
            for (what, value) in values {
                let mut good = row.good(&setting.name);
                let pairs = replaced(*carrier, &good, field, *value);
                let answer = client.send(&with_fields(setting.request(row), *carrier, &pairs)).unwrap();
                if let (true, Some(value)) = (literal(what), value) {
                    good.iter_mut()
                        .filter(|(name, _)| *name == field.name)
                        .for_each(|pair| pair.1 = (*value).into());
                }
                let problem = judge(setting, row, &good, may_pass(row, field, what), &answer);
                wrong.extend(
                    problem.map(|problem| format!("{}: {what} ({carrier:?}): {problem}", field.name)),
                );
            }
            let good = row.good(&setting.name);
            let twice = twice(*carrier, &good, field);
            let answer = client.send(&with_fields(setting.request(row), *carrier, &twice)).unwrap();
            // Of a name given twice in a query the first one counts (melon.md 2.3); in a body it is an error.
            let may_pass = row.quiet || *carrier == Carrier::Query;
            let problem = judge(setting, row, &good, may_pass, &answer);
            wrong.extend(problem.map(|problem| format!("{} twice ({carrier:?}): {problem}", field.name)));
        }
    }
    wrong
}

/// Whether the value is what it says: a percent sign that begins no escape stands for itself (URL
/// Standard, section 5.1).
fn literal(what: &str) -> bool {
    matches!(what, "half an escape" | "no escape")
}

/// Whether the request may succeed although this is in the place of the field.
fn may_pass(row: &Row, field: &Field, what: &str) -> bool {
    let any_character = matches!(what, "a NUL" | "a control character") && field.good.takes_any_character();
    // Without an address it is the other contract's registration, which asks for none.
    let others = row.shared() && field.name == "email" && what == "missing";
    row.quiet || field.optional || any_character || others || literal(what) || field.good.takes(what)
}

/// On connections of their own: whoever refuses a body without reading it may close them.
fn bad_bodies(setting: &Setting<'_>, row: &Row) -> Vec<String> {
    let mut wrong = Vec::new();
    let reads_body = row.carriers.iter().any(|carrier| *carrier != Carrier::Query);
    let deep = ["[".repeat(50_000), "{\"a\":".repeat(16_000)];
    let bodies = NO_BODIES.iter().copied().chain(deep.iter().map(String::as_bytes));
    for (number, body) in bodies.enumerate() {
        let mut request = setting.request(row).header("Content-Type", "application/json");
        request.body = body.to_vec();
        let may_pass = row.quiet || !reads_body;
        let answer = setting.server.client().send(&request).unwrap();
        wrong.extend(judge(setting, row, &[], may_pass, &answer).map(|w| format!("body {number}: {w}")));
    }
    for content_type in TYPES {
        let good = row.good(&setting.name);
        let mut request = with_fields(setting.request(row), Carrier::Json, &json_pairs(&good));
        request.headers.retain(|(name, _)| name != "Content-Type");
        if let Some(content_type) = content_type {
            request = request.header("Content-Type", content_type);
        }
        // GoScrobble never looks at the type (goscrobble.md 2.1).
        let may_pass = row.quiet || !reads_body || row.contract == "goscrobble";
        let answer = setting.server.client().send(&request).unwrap();
        wrong.extend(judge(setting, row, &good, may_pass, &answer).map(|w| format!("{content_type:?}: {w}")));
    }
    wrong
}

/// A body of the longest length is read, and one byte more is not, however its length is announced.
fn too_long(setting: &Setting<'_>, row: &Row) -> Vec<String> {
    let mut wrong = Vec::new();
    for field in row.fields.iter().filter(|_| row.carriers.contains(&Carrier::Json)) {
        for (length, chunked) in
            [(LIMIT, false), (LIMIT, true), (LIMIT + 1, false), (LIMIT + 1, true), (LIMIT * 20, true)]
        {
            let good = row.good(&setting.name);
            let mut request = with_fields(setting.request(row), Carrier::Json, &json_pairs(&good));
            let padding = "x".repeat(length - request.body.len());
            let longer = with_value(&json_pairs(&good), field.name, &padded(&good, field, &padding));
            request.body = json_text(&longer).into_bytes();
            if chunked {
                request = in_chunks(request);
            }
            let case = format!("{} of {length} bytes, chunked: {chunked}", field.name);
            let answer = match setting.server.client().send(&request) {
                Ok(answer) => answer,
                // The server may hang up on a body that is far too long before its answer is read.
                Err(_) if length > LIMIT + 1 => continue,
                Err(error) => {
                    wrong.push(format!("{case}: {error}"));
                    continue;
                }
            };
            if length > LIMIT && answer.status != 413 {
                wrong.push(format!("{case}: {answer}"));
            }
            let may_pass = row.quiet || field.optional && length <= LIMIT;
            wrong.extend(judge(setting, row, &good, may_pass, &answer).map(|w| format!("{case}: {w}")));
        }
    }
    wrong
}

/// What is wrong with the answer to a bad request, if anything is. Notes the names of accounts made.
fn judge(
    setting: &Setting<'_>,
    row: &Row,
    good: &[(&str, String)],
    may_pass: bool,
    answer: &Answer,
) -> Option<String> {
    let request = Request::new(row.method, &row.path);
    if let Err(undocumented) = setting.document.check(&request, answer) {
        return Some(undocumented);
    }
    if !shape::accepted(row, answer) {
        return shape::refusal(row, answer);
    }
    let made = ["/register", "/create"].iter().any(|end| row.path.ends_with(end))
        || (row.method, &*row.path) == ("POST", "/api/users");
    if let Some((_, name)) = good.iter().find(|(name, _)| made && *name == "username") {
        setting.made.lock().unwrap().insert(name.clone());
    }
    shape::common(answer).or_else(|| (!may_pass).then(|| format!("accepted: {answer}")))
}
