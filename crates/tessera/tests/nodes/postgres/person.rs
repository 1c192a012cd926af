//! What somebody was promised, and whether it is kept.

use harness::actors::{Tokens, WolfPal};
use harness::http::Request;
use harness::process::TesseraProcess;
use serde_json::json;

use crate::stand::{PASSWORD, address_of, eventually};

/// One account and everything that was answered about it.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    /// The choice that was acknowledged last, and those after it that nobody knows of.
    pub(crate) choices: Vec<bool>,
    pub(crate) sessions: Vec<Session>,
}

/// One session and the tokens that were answered.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) access: String,
    pub(crate) refresh: String,
    /// Whether a refresh since has been answered as it should: else the access token may be spent.
    pub(crate) fresh: bool,
    pub(crate) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Live,
    Ended,
    /// A sign-out was not acknowledged.
    Either,
}

impl Person {
    pub(crate) fn new(name: String) -> Person {
        Person { name, choices: vec![false], sessions: Vec::new() }
    }

    /// Holds every node to what was promised.
    pub(crate) fn audit(&mut self, nodes: &[TesseraProcess]) {
        for node in nodes {
            let tokens = WolfPal::at(node.address()).sign_in(&address_of(&self.name), PASSWORD);
            let chosen = choice(node, &tokens.access);
            assert!(self.choices.contains(&chosen), "the choice {chosen} was lost: {self:?}");
            self.choices = vec![chosen];
        }
        for session in &mut self.sessions {
            session.audit(nodes);
        }
    }
}

/// What is chosen, read with that token.
fn choice(node: &TesseraProcess, access: &str) -> bool {
    let request = Request::new("GET", "/notifications").bearer(access);
    let answer = node.client().send(&request).unwrap().expect_status(200).json();
    answer["notifications"]["email"]["weeklyGoals"].as_bool().expect("a choice")
}

pub(crate) fn choose(access: &str, chosen: bool) -> Request {
    let choice = json!({ "weeklyGoals": chosen, "yearlyGoals": false });
    Request::new("PUT", "/api/notifications/email").bearer(access).json(&choice)
}

impl Session {
    pub(crate) fn of(tokens: Tokens) -> Session {
        Session { access: tokens.access, refresh: tokens.refresh, fresh: true, state: State::Live }
    }

    fn audit(&mut self, nodes: &[TesseraProcess]) {
        let believed = |node: &TesseraProcess, access: &str| {
            let answer = WolfPal::at(node.address()).account(access);
            assert!(matches!(answer.status, 200 | 401), "{answer}");
            answer.status == 200
        };
        if self.state == State::Either {
            let refreshed = WolfPal::at(nodes[0].address()).try_refresh(&self.refresh);
            self.state = if refreshed.status == 200 { State::Live } else { State::Ended };
        }
        match self.state {
            State::Live => {
                let all = nodes.iter();
                let next: Vec<_> = all
                    .map(|node| WolfPal::at(node.address()).try_refresh(&self.refresh))
                    .map(Tokens::of)
                    .collect();
                assert!(
                    next.windows(2).all(|pair| pair[0] == pair[1]),
                    "one token began two lineages: {self:?}"
                );
                for node in nodes {
                    assert!(believed(node, &next[0].access), "a session was lost: {self:?}");
                }
            }
            State::Ended | State::Either => {
                for node in nodes {
                    // The others learn of it within a moment.
                    eventually("an ended session is over everywhere", || !believed(node, &self.access));
                    let answer = WolfPal::at(node.address()).try_refresh(&self.refresh);
                    assert_eq!(answer.status, 401, "an ended session lives: {self:?}");
                }
            }
        }
    }
}
