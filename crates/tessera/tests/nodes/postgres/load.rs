//! People who use an installation while it is disturbed, and keep a ledger of what was acknowledged.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use harness::actors::Tokens;
use harness::http::{Answer, Request};
use serde_json::json;

use super::fleet::{Directory, Spread};
use super::person::{Person, Session, State, choose};
use crate::stand::{PASSWORD, address_of, unique};

const WORKERS: usize = 6;
/// The longest that one person's list of sessions grows: everything is audited.
const SESSIONS: usize = 4;

/// What besides the right answer is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// 503 with Retry-After: the database fails.
    Busy,
    /// No answer: a node is killed.
    Lost,
    /// Nothing: whoever gets no byte of an answer asks another node.
    Nothing,
}

/// What all workers share.
pub(crate) struct Load<'a> {
    directory: &'a Directory,
    allowed: Allowed,
    acknowledged: AtomicUsize,
    undecided: AtomicUsize,
    over: AtomicBool,
}

impl<'a> Load<'a> {
    pub(crate) fn on(directory: &'a Directory, allowed: Allowed) -> Load<'a> {
        let (acknowledged, undecided) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Load { directory, allowed, acknowledged, undecided, over: AtomicBool::new(false) }
    }

    /// How many requests were answered as they should, and how many with neither success nor failure.
    pub(crate) fn counted(&self) -> (usize, usize) {
        (self.acknowledged.load(Ordering::Relaxed), self.undecided.load(Ordering::Relaxed))
    }

    /// Waits until so many more requests were answered as they should. A worker that failed ends it too.
    pub(crate) fn goes_on(&self, more: usize) {
        let enough = self.counted().0 + more;
        crate::stand::eventually("the load goes on", || {
            self.counted().0 >= enough || self.over.load(Ordering::Relaxed)
        });
    }

    /// Disturbs while everybody works; what they know at the end.
    pub(crate) fn while_disturbed(&self, disturb: impl FnOnce(&Self)) -> Vec<Person> {
        thread::scope(|scope| {
            let workers: Vec<_> =
                (0..WORKERS).map(|seed| scope.spawn(move || Worker::new(self, seed).work())).collect();
            let over = Over(&self.over);
            disturb(self);
            drop(over);
            workers
                .into_iter()
                .flat_map(|worker| worker.join().expect("a worker met a wrong answer"))
                .collect()
        })
    }
}

/// Ends the load, also when what it stands for panics.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Worker<'a> {
    load: &'a Load<'a>,
    spread: Spread<'a>,
    people: Vec<Person>,
    dice: u64,
}

impl<'a> Worker<'a> {
    fn new(load: &'a Load<'a>, seed: usize) -> Worker<'a> {
        let dice = u64::try_from(seed).unwrap().wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Worker { load, spread: Spread::over(load.directory, seed), people: Vec::new(), dice }
    }

    fn work(mut self) -> Vec<Person> {
        let mut failing = FailingEnds(&self.load.over, true);
        while !self.load.over.load(Ordering::Relaxed) {
            self.step();
        }
        failing.1 = false;
        drop(failing);
        self.people
    }

    /// A number below `sides` (a linear congruential generator: any sequence will do).
    fn roll(&mut self, sides: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.dice >> 33).unwrap() % sides
    }

    fn step(&mut self) {
        let what = self.roll(16);
        if self.people.is_empty() || what == 0 {
            return self.register();
        }
        let who = self.roll(self.people.len());
        let live = self.people[who].sessions.iter().position(|session| session.state == State::Live);
        match (what, live) {
            (1..=6, Some(which)) => self.refresh(who, which),
            (7..=10, Some(which)) if self.people[who].sessions[which].fresh => self.choose(who, which),
            (11 | 12, Some(which)) if self.people[who].sessions[which].fresh => self.sign_out(who, which),
            _ if self.people[who].sessions.len() < SESSIONS => self.sign_in(who),
            (_, Some(which)) => self.refresh(who, which),
            _ => self.register(),
        }
    }

    /// The right answer; none if there was none that decides. A wrong one fails the test.
    fn ask(&mut self, request: &Request, status: u16) -> Option<Answer> {
        let answer = match self.load.allowed {
            Allowed::Nothing => self.spread.send_on(request),
            Allowed::Busy | Allowed::Lost => self.spread.send(request),
        };
        match (answer, self.load.allowed) {
            (Ok(answer), _) if answer.status == status => {
                self.load.acknowledged.fetch_add(1, Ordering::Relaxed);
                Some(answer)
            }
            (Ok(answer), Allowed::Busy) if answer.status == 503 => {
                assert!(answer.header("retry-after").is_some(), "no word on when to try again: {answer}");
                self.undecided(None)
            }
            (Ok(answer), _) => panic!("{} {}: {answer}", request.method, request.target),
            (Err(error), Allowed::Lost) => self.undecided(Some(&error)),
            (Err(error), _) => panic!("{} {}: {error}", request.method, request.target),
        }
    }

    fn undecided(&self, error: Option<&io::Error>) -> Option<Answer> {
        assert!(error.is_none_or(|error| error.kind() != io::ErrorKind::TimedOut), "{error:?}");
        self.load.undecided.fetch_add(1, Ordering::Relaxed);
        // As a client that was told to wait, but for less.
        thread::sleep(std::time::Duration::from_millis(20));
        None
    }

    fn register(&mut self) {
        let name = unique("load");
        let fields = json!({ "username": name, "email": address_of(&name), "password": PASSWORD });
        if self.ask(&Request::new("POST", "/auth/register").json(&fields), 201).is_some() {
            self.people.push(Person::new(name));
        }
    }

    fn sign_in(&mut self, who: usize) {
        let fields = json!({ "email": address_of(&self.people[who].name), "password": PASSWORD });
        if let Some(answer) = self.ask(&Request::new("POST", "/auth/login").json(&fields), 200) {
            self.people[who].sessions.push(Session::of(Tokens::of(answer)));
        }
    }

    fn refresh(&mut self, who: usize, which: usize) {
        let session = &mut self.people[who].sessions[which];
        session.fresh = false;
        let fields = json!({ "refresh_token": session.refresh });
        if let Some(answer) = self.ask(&Request::new("POST", "/auth/refresh").json(&fields), 200) {
            self.people[who].sessions[which] = Session::of(Tokens::of(answer));
        }
    }

    fn choose(&mut self, who: usize, which: usize) {
        let chosen = self.roll(2) == 0;
        self.people[who].choices.push(chosen);
        let request = choose(&self.people[who].sessions[which].access, chosen);
        if self.ask(&request, 200).is_some() {
            self.people[who].choices = vec![chosen];
        }
    }

    fn sign_out(&mut self, who: usize, which: usize) {
        let request = Request::new("POST", "/auth/logout").bearer(&self.people[who].sessions[which].access);
        self.people[who].sessions[which].state = State::Either;
        if self.ask(&request, 200).is_some() {
            self.people[who].sessions[which].state = State::Ended;
        }
    }
}

/// Ends the load when a worker panics, so that nobody waits for it.
struct FailingEnds<'a>(&'a AtomicBool, bool);

impl Drop for FailingEnds<'_> {
    fn drop(&mut self) {
        if self.1 {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}
