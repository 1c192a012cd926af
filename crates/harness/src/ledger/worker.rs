//! Somebody who makes accounts and uses them until no answer comes.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use super::{PAUSE, Person, Session, UnderWay};
use crate::http::{Answer, Client, Request};
use crate::mailbox;
use crate::people::{PASSWORD, address_of, unique};
use crate::process::CommandLine;

/// What the people of one round share.
pub(super) struct Round {
    pub(super) address: SocketAddr,
    pub(super) data: PathBuf,
    pub(super) commands: CommandLine,
    /// How many changes were answered with success.
    pub(super) promised: AtomicUsize,
    /// Set right before the end: an answer that is read later may have been given by a server that is no more, or
    /// to a disk that is.
    pub(super) over: AtomicBool,
}

impl Round {
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// The answer that was hoped for.
    fn expect(&self, answer: io::Result<Answer>, status: u16) -> Result<Answer, Stop> {
        match answer {
            _ if self.is_over() => Err(Stop::Dead),
            Ok(answer) if answer.status == status => Ok(answer),
            Ok(answer) => Err(Stop::Broken(format!("{status} was expected: {answer}"))),
            Err(error) => Err(Stop::Broken(format!("no answer: {error}"))),
        }
    }
}

/// Somebody who makes accounts and uses them until no answer comes.
pub(super) struct Worker<'a> {
    round: &'a Round,
    client: Client,
    people: Vec<Person>,
    dice: u64,
}

/// Why a worker stops.
enum Stop {
    /// The server died before it answered.
    Dead,
    /// It answered what it should not.
    Broken(String),
}

fn text(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().unwrap_or_default().to_owned()
}

impl<'a> Worker<'a> {
    pub(super) fn new(round: &'a Round, seed: usize) -> Worker<'a> {
        let dice = u64::try_from(seed).unwrap_or(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Worker { round, client: Client::new(round.address), people: Vec::new(), dice }
    }

    /// Works until the server is dead; answers what it knows of its people, and the answer that should not have
    /// come if one did.
    pub(super) fn work(mut self) -> (Vec<Person>, Option<String>) {
        loop {
            match self.step() {
                Ok(()) => self.round.promised.fetch_add(1, Ordering::Relaxed),
                Err(Stop::Dead) => return (self.people, None),
                Err(Stop::Broken(what)) => return (self.people, Some(what)),
            };
        }
    }

    /// A number below `sides` (a linear congruential generator: any sequence will do).
    fn roll(&mut self, sides: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.dice >> 33).unwrap_or(0) % sides
    }

    /// One change.
    fn step(&mut self) -> Result<(), Stop> {
        if self.round.is_over() {
            return Err(Stop::Dead);
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

    fn answered(&mut self, path: &str, fields: &Value, status: u16) -> Result<Answer, Stop> {
        let answer = self.client.send(&Request::new("POST", path).json(fields));
        self.round.expect(answer, status)
    }

    fn register(&mut self) -> Result<(), Stop> {
        let name = unique("crash");
        let fields = json!({ "username": name, "email": address_of(&name), "password": PASSWORD });
        self.answered("/auth/register", &fields, 201)?;
        self.people.push(Person {
            name,
            password: PASSWORD.to_owned(),
            resetting: None,
            permitted: false,
            sessions: Vec::new(),
            spent: Vec::new(),
        });
        Ok(())
    }

    fn sign_in(&mut self, who: usize) -> Result<(), Stop> {
        let person = &self.people[who];
        let fields = json!({ "email": address_of(&person.name), "password": person.password });
        let answer = self.answered("/auth/login", &fields, 200)?;
        let (access, refresh) = (text(&answer, "access_token"), text(&answer, "refresh_token"));
        let session = Session { access, refresh, older: Vec::new(), ended: false, under_way: None };
        self.people[who].sessions.push(session);
        Ok(())
    }

    fn refresh(&mut self, who: usize, which: usize) -> Result<(), Stop> {
        self.people[who].sessions[which].under_way = Some(UnderWay::Refresh);
        let fields = json!({ "refresh_token": self.people[who].sessions[which].refresh });
        let answer = self.answered("/auth/refresh", &fields, 200)?;
        let session = &mut self.people[who].sessions[which];
        session.under_way = None;
        session.access = text(&answer, "access_token");
        let before = std::mem::replace(&mut session.refresh, text(&answer, "refresh_token"));
        session.older.push(before);
        Ok(())
    }

    fn sign_out(&mut self, who: usize, which: usize) -> Result<(), Stop> {
        self.people[who].sessions[which].under_way = Some(UnderWay::SignOut);
        let request = Request::new("POST", "/auth/logout").bearer(&self.people[who].sessions[which].access);
        let answer = self.client.send(&request);
        self.round.expect(answer, 200)?;
        let session = &mut self.people[who].sessions[which];
        (session.under_way, session.ended) = (None, true);
        Ok(())
    }

    fn reset(&mut self, who: usize) -> Result<(), Stop> {
        let email = address_of(&self.people[who].name);
        self.answered("/api/v1/sendreset", &json!({ "email": email }), 200)?;
        let token = self.mailed(&email, &self.people[who].spent)?;
        let password = format!("{PASSWORD} {}", self.people[who].spent.len());
        self.people[who].resetting = Some((password.clone(), token.clone()));
        let fields = json!({ "token": token, "password": password });
        let answer = self.answered("/api/v1/resetpassword", &fields, 200)?;
        if text(&answer, "message") != "Password updated successfully!" {
            return Err(Stop::Broken(format!("a new password was refused: {answer}")));
        }
        self.people[who].finish_reset();
        Ok(())
    }

    /// The newest reset token.
    fn mailed(&self, address: &str, spent: &[String]) -> Result<String, Stop> {
        let folder = self.round.data.join("mail");
        while !self.round.is_over() {
            let mail = mailbox::newest(&folder, address, "reset");
            let token = mail.as_deref().and_then(mailbox::link_token).map(str::to_owned);
            if let Some(token) = token.filter(|token| !spent.contains(token)) {
                return Ok(token);
            }
            thread::sleep(PAUSE);
        }
        Err(Stop::Dead)
    }

    /// By a process of its own, which does not die with the server.
    fn permit(&mut self, who: usize) -> Result<(), Stop> {
        let person = &mut self.people[who];
        let output = self.round.commands.run(&["account", "permit", &person.name, "mod"], "");
        if self.round.is_over() {
            return Err(Stop::Dead);
        }
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Stop::Broken(format!("account permit {}: {said}", person.name)));
        }
        person.permitted = true;
        Ok(())
    }
}
