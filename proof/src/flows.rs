//! What people do in several steps, and how to tell afterwards whether half of it was done.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice::from_ref;
use std::sync::{Mutex, PoisonError};

use harness::actors::{Argon, Enrolled, GoScrobble, Tokens, WolfPal};
use harness::http::{Client, Request};
use harness::people::{PASSWORD, address_of, unique};
use harness::process::TesseraProcess;
use harness::server::Server;
use serde_json::Value;

use crate::Problem;
use crate::cast::{account, administrator, command, id_of, mailed, reset_token, session};

/// Something that people do.
pub(crate) struct Flow {
    pub(crate) name: &'static str,
    /// What comes before.
    pub(crate) prepare: fn(&TesseraProcess) -> Result<Person, Problem>,
    /// The flow itself. Panics when the server ends in the middle, or does not acknowledge all of it.
    pub(crate) act: fn(&TesseraProcess, &Person),
    /// How much of it was done, on a server that was started again; goes on as a client would.
    check: fn(&TesseraProcess, &Person) -> Result<Found, Problem>,
}

impl Flow {
    /// What is wrong with how much of it was done, on a server that was started again. What was acknowledged must be
    /// there; what panics is a server that does not let the client go on.
    pub(crate) fn broken(
        &self,
        server: &TesseraProcess,
        person: &Person,
        acknowledged: bool,
    ) -> Option<String> {
        match catch_unwind(AssertUnwindSafe(|| (self.check)(server, person))) {
            Ok(Ok(Found::Less)) if acknowledged => Some("acknowledged and lost".to_owned()),
            Ok(Ok(Found::Whole | Found::Less)) => None,
            Ok(Ok(Found::Half(half))) => Some(half),
            Ok(Err(problem)) => Some(problem.to_string()),
            Err(panic) => {
                let why = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                Some(format!("cannot go on: {why}"))
            }
        }
    }
}

/// How much of a flow was done.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    /// All of it.
    Whole,
    /// All that can be seen of it is as before.
    Less,
    /// What belongs together was torn apart.
    Half(String),
}

impl Found {
    /// Whole if it was done, unless that is contradicted.
    fn of(done: bool, torn: Option<String>) -> Self {
        match torn {
            Some(half) => Self::Half(half),
            None if done => Self::Whole,
            None => Self::Less,
        }
    }
}

/// Who does it, with what.
#[derive(Default)]
pub(crate) struct Person {
    name: String,
    tokens: Option<Tokens>,
    /// A mailed token, a ticket, or an administrator's token.
    key: String,
    enrolled: Mutex<Option<Enrolled>>,
}

const NEW: &str = "correct horse 2";

pub(crate) const FLOWS: [Flow; 7] = [
    Flow {
        name: "registration",
        prepare: |_| Ok(Person { name: unique("newcomer"), ..Person::default() }),
        act: |server, person| {
            let registered =
                WolfPal::at(server.address()).register(&person.name, &address_of(&person.name), PASSWORD);
            let _ = registered.expect_status(201);
        },
        check: |server, person| {
            let done = server.cli(&["account", "show", &person.name], "").status.success();
            urge(server, &address_of(&person.name))?;
            let mut wolfpal = WolfPal::at(server.address());
            // Whether this is the first or the second is not told to anybody who does not own the address.
            let _ = wolfpal.register(&person.name, &address_of(&person.name), PASSWORD);
            let token = mailed(from_ref(server), &address_of(&person.name), "activate")?;
            let _ = wolfpal.confirm(&token).expect_status(200);
            let signed_in = wolfpal.try_sign_in(&address_of(&person.name), PASSWORD).status;
            let torn = (signed_in != 200).then(|| "no sign-in after the confirmation".to_owned());
            Ok(Found::of(done, torn))
        },
    },
    Flow {
        name: "confirmation",
        prepare: |server| {
            let name = unique("newcomer");
            let registered = WolfPal::at(server.address()).register(&name, &address_of(&name), PASSWORD);
            let _ = registered.expect_status(201);
            let key = mailed(from_ref(server), &address_of(&name), "activate")?;
            Ok(Person { name, key, ..Person::default() })
        },
        act: |server, person| {
            let _ = WolfPal::at(server.address()).confirm(&person.key).expect_status(200);
        },
        check: |server, person| {
            let mut wolfpal = WolfPal::at(server.address());
            let before = wolfpal.try_sign_in(&address_of(&person.name), PASSWORD).status == 200;
            let again = wolfpal.confirm(&person.key).status == 200;
            let half = format!("signs in: {before}, and the token counts: {again}");
            Ok(Found::of(before, (before == again).then_some(half)))
        },
    },
    Flow {
        name: "reset",
        prepare: |server| {
            let name = account(server)?;
            let tokens = session(server, &name);
            let key = reset_token(from_ref(server), &name)?;
            Ok(Person { name, key, tokens: Some(tokens), ..Person::default() })
        },
        act: |server, person| {
            let reset = GoScrobble::at(server.address()).reset_password(&person.key, NEW);
            let _ = reset.expect_status(200).field("message");
        },
        check: |server, person| {
            let (old, new, lives) = password_and_session(server, person);
            let answer = GoScrobble::at(server.address()).reset_password(&person.key, "correct horse 3");
            let valid = answer.json().get("message").is_some();
            let half = format!("old password: {old}, new: {new}, session: {lives}, token counts: {valid}");
            Ok(Found::of(new, (!(old != new && old == lives && old == valid)).then_some(half)))
        },
    },
    Flow {
        name: "new password",
        prepare: |server| {
            let name = account(server)?;
            let tokens = session(server, &name);
            let key = Argon::at(server.address()).sign_in(&name, PASSWORD);
            Ok(Person { name, key, tokens: Some(tokens), ..Person::default() })
        },
        act: |server, person| {
            let changed = Argon::at(server.address()).change_password(&person.key, PASSWORD, NEW);
            let _ = changed.expect_status(200);
        },
        check: |server, person| {
            let (old, new, lives) = password_and_session(server, person);
            let half = format!("old password: {old}, new: {new}, session: {lives}");
            Ok(Found::of(new, (!(old != new && old == lives)).then_some(half)))
        },
    },
    Flow {
        name: "enrolment of a second factor",
        prepare: |server| {
            let name = account(server)?;
            let tokens = session(server, &name);
            Ok(Person { name, tokens: Some(tokens), ..Person::default() })
        },
        act: |server, person| {
            let access = person.tokens.as_ref().map(|tokens| tokens.access.clone()).unwrap_or_default();
            let enrolled = WolfPal::at(server.address()).enrol_totp(&access, server.totp_now());
            *person.enrolled.lock().unwrap_or_else(PoisonError::into_inner) = Some(enrolled);
        },
        check: |server, person| {
            let mut wolfpal = WolfPal::at(server.address());
            let first = wolfpal.try_sign_in(&address_of(&person.name), PASSWORD).expect_status(200);
            let asked = first.json().get("access_token").is_none();
            let enrolled = person.enrolled.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(Enrolled { backup_codes, .. }) = enrolled else { return Ok(Found::of(asked, None)) };
            let code = backup_codes.first().cloned().unwrap_or_default();
            let stepped = asked && wolfpal.second_step(&first.field("token"), &code).status == 200;
            let torn = (!stepped).then(|| "enrolled, and the backup codes do not count".to_owned());
            Ok(Found::of(asked, torn))
        },
    },
    Flow {
        name: "sign-in with a backup code",
        prepare: |server| {
            let name = account(server)?;
            let mut wolfpal = WolfPal::at(server.address());
            let enrolled = wolfpal.enrol_totp(&session(server, &name).access, server.totp_now());
            let key = wolfpal.try_sign_in(&address_of(&name), PASSWORD).expect_status(200).field("token");
            Ok(Person { name, key, enrolled: Mutex::new(Some(enrolled)), ..Person::default() })
        },
        act: |server, person| {
            let stepped = WolfPal::at(server.address()).second_step(&person.key, &backup_code(person));
            let _ = stepped.expect_status(200);
        },
        check: |server, person| {
            let listed = command(server, &["session", "list", &person.name, "--json"], "")?;
            let listed: Value = serde_json::from_str(&listed)?;
            let opened = listed.as_array().is_some_and(|sessions| sessions.len() > 1);
            let mut wolfpal = WolfPal::at(server.address());
            let ticket = wolfpal.try_sign_in(&address_of(&person.name), PASSWORD).expect_status(200);
            let counts = wolfpal.second_step(&ticket.field("token"), &backup_code(person)).status == 200;
            let half = format!("session: {opened}, and the code counts: {counts}");
            Ok(Found::of(opened, (opened == counts).then_some(half)))
        },
    },
    Flow {
        name: "deletion",
        prepare: |server| {
            let name = account(server)?;
            let tokens = session(server, &name);
            let boss = administrator(server)?;
            let key = Argon::at(server.address()).sign_in(&boss, PASSWORD);
            Ok(Person { name, key, tokens: Some(tokens), ..Person::default() })
        },
        act: |server, person| {
            let mut client = Client::new(server.address());
            let id = id_of(server, &person.name).unwrap_or_default();
            let request = Request::new("DELETE", &format!("/api/users/{id}")).bearer(&person.key);
            let deleted = client.send(&request).ok().map(|answer| answer.expect_status(200));
            assert!(deleted.is_some(), "no answer");
        },
        check: |server, person| {
            let (old, _, lives) = password_and_session(server, person);
            let free = Argon::at(server.address()).try_register(&person.name, PASSWORD).status == 200;
            let half = format!("signs in: {old}, session: {lives}, name free: {free}");
            Ok(Found::of(free, (old != lives || old == free).then_some(half)))
        },
    },
];

/// Whether the old password and the new one are taken, and whether the session from before lives.
fn password_and_session(server: &TesseraProcess, person: &Person) -> (bool, bool, bool) {
    let mut argon = Argon::at(server.address());
    let old = argon.try_sign_in(&person.name, PASSWORD).status == 200;
    let new = argon.try_sign_in(&person.name, NEW).status == 200;
    let access = person.tokens.as_ref().map(|tokens| tokens.access.clone()).unwrap_or_default();
    (old, new, WolfPal::at(server.address()).believes(&access))
}

/// Has mails sent at once that are still owed: a process that ended had one in its hands perhaps, and keeps it for five
/// minutes.
fn urge(server: &TesseraProcess, address: &str) -> Result<(), Problem> {
    let listed: Vec<Value> = serde_json::from_str(&command(server, &["mail", "list", "--json"], "")?)?;
    let owed = listed.iter().filter(|mail| mail["recipient"] == address && mail["sent_at"].is_null());
    for id in owed.filter_map(|mail| mail["id"].as_str()) {
        // One that is sent meanwhile is refused.
        let _ = server.cli(&["mail", "retry", id], "");
    }
    Ok(())
}

fn backup_code(person: &Person) -> String {
    let enrolled = person.enrolled.lock().unwrap_or_else(PoisonError::into_inner);
    enrolled.as_ref().and_then(|enrolled| enrolled.backup_codes.first().cloned()).unwrap_or_default()
}
