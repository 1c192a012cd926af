//! What a transcript consists of, once read.

use std::fmt;

use super::json_pattern::JsonPattern;
use super::pattern::Pattern;

/// What stands under one title.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) steps: Vec<Step>,
}

/// One thing to do, and the line that asks for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) line: usize,
    pub(super) action: Action,
}

/// Everything a transcript can ask for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    Exchange(Box<Exchange>),
    Mail { address: Pattern, subject: Pattern, name: String },
    Permit { username: Pattern, permission: Pattern, on: bool },
    Totp { secret: String, shift: i64, name: String },
    Unique { name: String, prefix: String },
    Read { token: String, part: Part, expected: JsonPattern },
    Lifetime { token: String, seconds: i64 },
    Differ { one: String, other: String },
}

/// The part of a token that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Header,
    Claims,
}

/// A request with its answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exchange {
    pub(super) sent: Sent,
    pub(super) expected: Expected,
}

/// A request before values are filled in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) target: Pattern,
    pub(super) headers: Vec<(String, Pattern)>,
    pub(super) body: Pattern,
}

/// What an answer must be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expected {
    pub(super) status: Status,
    pub(super) headers: Vec<(String, Pattern)>,
    pub(super) absent: Vec<String>,
    pub(super) body: Body,
}

/// One status, or a class of them: `2xx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Exactly(u16),
    Class(u16),
}

impl Status {
    pub(super) fn parse(text: &str) -> Option<Status> {
        match text.strip_suffix("xx") {
            Some(digit) => digit.parse().ok().filter(|class| (1..=5).contains(class)).map(Status::Class),
            None => text.parse().ok().filter(|status| (100..600).contains(status)).map(Status::Exactly),
        }
    }

    pub(super) fn holds(self, status: u16) -> bool {
        match self {
            Status::Exactly(expected) => status == expected,
            Status::Class(class) => status / 100 == class,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Exactly(status) => write!(formatter, "HTTP {status}"),
            Status::Class(class) => write!(formatter, "HTTP {class}xx"),
        }
    }
}

/// What an answer's body must be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    Empty,
    Json(JsonPattern),
    Text(Pattern),
}
