//! People who use a server until it dies, and what they were promised by then.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use harness::http::{Answer, Client, Request};
use harness::mailbox;
use harness::process::CommandLine;
use serde_json::{Value, json};

use crate::stand::{PASSWORD, address_of, unique};

/// One account and everything that was answered about it.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) password: String,
    /// A password that was being set when the server died, with its token.
    pub(super) resetting: Option<(String, String)>,
    pub(super) permitted: bool,
    pub(super) sessions: Vec<Session>,
    /// Reset tokens that were used.
    pub(super) spent: Vec<String>,
}

/// One session and the tokens that were answered.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) access: String,
    pub(super) refresh: String,
    /// Refresh tokens before that, oldest first.
    pub(super) older: Vec<String>,
    pub(super) ended: bool,
    /// What was asked for when the server died.
    pub(super) under_way: Option<UnderWay>,
}

/// A change whose answer did not come: it may have happened or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnderWay {
    Refresh,
    SignOut,
}

/// What the people of one round share.
pub(super) struct Round {
    pub(super) address: SocketAddr,
    pub(super) data: PathBuf,
    pub(super) commands: CommandLine,
    /// How many changes were answered with success.
    pub(super) promised: AtomicUsize,
    /// Set once the server is dead.
    pub(super) over: AtomicBool,
}

/// Somebody who makes accounts and uses them until no answer comes.
pub(super) struct Worker<'a> {
    round: &'a Round,
    client: Client,
    people: Vec<Person>,
    dice: u64,
}

/// The answer that was hoped for, or the end of the server. An unexpected answer fails the test.
fn expect(answer: io::Result<Answer>, status: u16) -> Option<Answer> {
    answer.ok().map(|answer| answer.expect_status(status))
}

fn text(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().unwrap_or_default().to_owned()
}

impl<'a> Worker<'a> {
    pub(super) fn new(round: &'a Round, seed: u64) -> Worker<'a> {
        let dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Worker { round, client: Client::new(round.address), people: Vec::new(), dice }
    }

    /// Works until the server is dead; answers what it knows of its people.
    pub(super) fn work(mut self) -> Vec<Person> {
        while self.step().is_some() {
            self.round.promised.fetch_add(1, Ordering::Relaxed);
        }
        self.people
    }

    /// A number below `sides` (a linear congruential generator: any sequence will do).
    fn roll(&mut self, sides: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.dice >> 33).unwrap() % sides
    }

    /// One change; none if the server died before it answered.
    fn step(&mut self) -> Option<()> {
        if self.round.over.load(Ordering::Relaxed) {
            return None;
        }
        let what = self.roll(16);
        if self.people.is_empty() || what < 3 {
            return self.register();
        }
        let who = self.roll(self.people.len());
        match (what, self.live_session(who)) {
            (3, _) => self.reset(who),
            (4, _) => self.permit(who),
            (5 | 6, Some(session)) => self.sign_out(who, session),
            (7..=12, Some(session)) => self.refresh(who, session),
            _ => self.sign_in(who),
        }
    }

    fn live_session(&self, who: usize) -> Option<usize> {
        self.people[who].sessions.iter().position(|session| !session.ended)
    }

    fn post(&mut self, path: &str, fields: &Value) -> io::Result<Answer> {
        self.client.send(&Request::new("POST", path).json(fields))
    }

    fn register(&mut self) -> Option<()> {
        let name = unique("crash");
        let fields = json!({ "username": name, "email": address_of(&name), "password": PASSWORD });
        expect(self.post("/auth/register", &fields), 201)?;
        self.people.push(Person {
            name,
            password: PASSWORD.to_owned(),
            resetting: None,
            permitted: false,
            sessions: Vec::new(),
            spent: Vec::new(),
        });
        Some(())
    }

    fn sign_in(&mut self, who: usize) -> Option<()> {
        let person = &self.people[who];
        let fields = json!({ "email": address_of(&person.name), "password": person.password });
        let answer = expect(self.post("/auth/login", &fields), 200)?;
        let (access, refresh) = (text(&answer, "access_token"), text(&answer, "refresh_token"));
        let session = Session { access, refresh, older: Vec::new(), ended: false, under_way: None };
        self.people[who].sessions.push(session);
        Some(())
    }

    fn refresh(&mut self, who: usize, which: usize) -> Option<()> {
        self.people[who].sessions[which].under_way = Some(UnderWay::Refresh);
        let fields = json!({ "refresh_token": self.people[who].sessions[which].refresh });
        let answer = expect(self.post("/auth/refresh", &fields), 200)?;
        let session = &mut self.people[who].sessions[which];
        session.under_way = None;
        session.access = text(&answer, "access_token");
        let before = std::mem::replace(&mut session.refresh, text(&answer, "refresh_token"));
        session.older.push(before);
        Some(())
    }

    fn sign_out(&mut self, who: usize, which: usize) -> Option<()> {
        self.people[who].sessions[which].under_way = Some(UnderWay::SignOut);
        let request = Request::new("POST", "/auth/logout").bearer(&self.people[who].sessions[which].access);
        expect(self.client.send(&request), 200)?;
        let session = &mut self.people[who].sessions[which];
        (session.under_way, session.ended) = (None, true);
        Some(())
    }

    fn reset(&mut self, who: usize) -> Option<()> {
        let email = address_of(&self.people[who].name);
        expect(self.post("/api/v1/sendreset", &json!({ "email": email })), 200)?;
        let token = self.mailed(&email, &self.people[who].spent)?;
        let password = format!("{PASSWORD} {}", self.people[who].spent.len());
        self.people[who].resetting = Some((password.clone(), token.clone()));
        let fields = json!({ "token": token, "password": password });
        let answer = expect(self.post("/api/v1/resetpassword", &fields), 200)?;
        assert_eq!(text(&answer, "message"), "Password updated successfully!", "{answer}");
        let person = &mut self.people[who];
        person.finish_reset();
        Some(())
    }

    /// The newest reset token; none if the server dies before it was mailed.
    fn mailed(&self, address: &str, spent: &[String]) -> Option<String> {
        let folder = self.round.data.join("mail");
        while !self.round.over.load(Ordering::Relaxed) {
            let mail = mailbox::newest(&folder, address, "reset");
            let token = mail.as_deref().and_then(mailbox::link_token).map(str::to_owned);
            if let Some(token) = token.filter(|token| !spent.contains(token)) {
                return Some(token);
            }
            thread::sleep(Duration::from_millis(2));
        }
        None
    }

    /// By a process of its own, which does not die with the server.
    fn permit(&mut self, who: usize) -> Option<()> {
        let person = &mut self.people[who];
        let output = self.round.commands.run(&["account", "permit", &person.name, "mod"], "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        person.permitted = true;
        Some(())
    }
}

impl Person {
    /// The reset that was under way has happened: it set the password and ended every session.
    pub(super) fn finish_reset(&mut self) {
        if let Some((password, token)) = self.resetting.take() {
            self.password = password;
            self.spent.push(token);
            self.sessions.iter_mut().for_each(|session| session.ended = true);
        }
    }
}
