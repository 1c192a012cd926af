//! Running a transcript against a server.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::Duration;

use super::Transcript;
use super::pattern::{Pattern, Values};
use super::steps::{Action, Body, Exchange, Expected, Part, Sent};
use crate::http::{Answer, Request};
use crate::server::Server;
use crate::{json::Json, jwt, mailbox, totp};

/// How often, and with what pauses, a mail is asked for before it counts as missing: 20 s in all, for
/// machines with much else to do.
const MAIL_TRIES: u32 = 500;
const MAIL_PAUSE: Duration = Duration::from_millis(40);

/// Where a replay stopped, and why.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The title of the section.
    pub title: String,
    /// `FILE:LINE` of the request or directive.
    pub place: String,
    /// What differs.
    pub reason: String,
    /// The request sent and the answer that came, if the step has them.
    pub exchange: Option<(Request, Answer)>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}\n{}: {}", self.title, self.place, self.reason)?;
        if let Some((request, answer)) = &self.exchange {
            let sent = request.to_bytes("(filled in)");
            writeln!(formatter, "\n--- sent\n{}", String::from_utf8_lossy(&sent))?;
            writeln!(formatter, "\n--- got\n{answer}")?;
        }
        Ok(())
    }
}

/// Replays a transcript from its first line to its last, stopping at the first thing that differs.
pub fn replay(transcript: &Transcript, server: &mut dyn Server) -> Result<(), Box<Failure>> {
    let mut run = Run { server, values: Values::new(), read_mails: BTreeSet::new(), exchange: None };
    for section in &transcript.sections {
        run.server.section(&section.title);
        for step in &section.steps {
            run.exchange = None;
            run.step(&step.action).map_err(|reason| {
                Box::new(Failure {
                    title: section.title.clone(),
                    place: format!("{}:{}", transcript.file, step.line),
                    reason,
                    exchange: run.exchange.take(),
                })
            })?;
        }
    }
    Ok(())
}

struct Run<'a> {
    server: &'a mut dyn Server,
    values: Values,
    /// What mails were read: each counts once, so that a second mail to one address is waited for.
    read_mails: BTreeSet<String>,
    exchange: Option<(Request, Answer)>,
}

impl Run<'_> {
    fn step(&mut self, action: &Action) -> Result<(), String> {
        match action {
            Action::Exchange(exchange) => self.exchange(exchange),
            Action::Mail { address, subject, name } => self.mail(address, subject, name),
            Action::Permit { username, permission, on } => {
                let (username, permission) = (username.fill(&self.values)?, permission.fill(&self.values)?);
                self.server.permit(&username, &permission, *on);
                Ok(())
            }
            Action::Totp { secret, shift, name } => self.totp(secret, *shift, name),
            Action::Unique { name, prefix } => {
                let chosen = self.server.fresh(prefix);
                self.values.keep(name, &chosen.unwrap_or_else(|| fresh(prefix)));
                Ok(())
            }
            Action::Read { token, part, expected } => {
                let parts = self.token(token)?;
                let got = if *part == Part::Claims { parts.claims } else { parts.header };
                expected.matches(&got, &mut self.values).map_err(|why| format!("{why}\nall of it: {got}"))
            }
            Action::Lifetime { token, seconds } => self.lifetime(token, *seconds),
            Action::Differ { one, other } => self.differ(one, other),
        }
    }

    fn exchange(&mut self, exchange: &Exchange) -> Result<(), String> {
        let request = filled(&exchange.sent, &self.values)?;
        let answer = self.server.send(request.clone());
        let result = compare(&exchange.expected, &answer, &mut self.values);
        self.exchange = Some((request, answer));
        result
    }

    fn mail(&mut self, address: &Pattern, subject: &Pattern, name: &str) -> Result<(), String> {
        let (address, subject) = (address.fill(&self.values)?, subject.fill(&self.values)?);
        for _ in 0..MAIL_TRIES {
            match self.server.newest_mail(&address, &subject) {
                Some(text) if self.read_mails.insert(text.clone()) => {
                    let token =
                        mailbox::link_token(&text).ok_or_else(|| format!("no link in the mail:\n{text}"))?;
                    self.values.keep(name, token);
                    return Ok(());
                }
                _ => thread::sleep(MAIL_PAUSE),
            }
        }
        Err(format!("no new mail to {address} with {subject:?} in its subject"))
    }

    fn totp(&mut self, secret: &str, shift: i64, name: &str) -> Result<(), String> {
        let text = self.values.get(secret)?;
        let bytes = totp::secret_bytes(text).ok_or_else(|| format!("not a base32 secret: {text:?}"))?;
        let code = totp::code_at(&bytes, self.server.totp_now() + shift * totp::STEP_SECONDS);
        self.values.keep(name, &code);
        Ok(())
    }

    fn lifetime(&mut self, token: &str, seconds: i64) -> Result<(), String> {
        let claims = self.token(token)?.claims;
        let of = |claim: &str| {
            claims.get(claim).and_then(Json::as_i64).ok_or_else(|| format!("no integer {claim} in {claims}"))
        };
        let lives = of("exp")? - of("iat")?;
        if lives == seconds {
            Ok(())
        } else {
            Err(format!("expected exp - iat to be {seconds}, got {lives}"))
        }
    }

    fn differ(&self, one: &str, other: &str) -> Result<(), String> {
        let value = self.values.get(one)?;
        if value == self.values.get(other)? {
            return Err(format!("{one} and {other} are both {value:?}"));
        }
        Ok(())
    }

    fn token(&self, name: &str) -> Result<jwt::Parts, String> {
        let token = self.values.get(name)?;
        jwt::parts(token).ok_or_else(|| format!("not a token: {token:?}"))
    }
}

fn filled(sent: &Sent, values: &Values) -> Result<Request, String> {
    let mut request = Request::new(&sent.method, &sent.target.fill(values)?);
    for (name, value) in &sent.headers {
        request = request.header(name, &value.fill(values)?);
    }
    request.body = sent.body.fill(values)?.into_bytes();
    Ok(request)
}

fn compare(expected: &Expected, answer: &Answer, values: &mut Values) -> Result<(), String> {
    if !expected.status.holds(answer.status) {
        return Err(format!("expected {}, got HTTP {}", expected.status, answer.status));
    }
    for (name, pattern) in &expected.headers {
        let got = answer.header(name).ok_or_else(|| format!("the header {name} is missing"))?;
        pattern.matches(got, values).map_err(|why| format!("header {name}: {why}"))?;
    }
    if let Some(name) = expected.absent.iter().find(|name| answer.header(name).is_some()) {
        return Err(format!("the header {name} should not be there"));
    }
    let body = std::str::from_utf8(&answer.body).map_err(|_| "the body is not UTF-8".to_owned())?;
    match &expected.body {
        Body::Empty if body.is_empty() => Ok(()),
        Body::Empty => Err(format!("expected an empty body, got {body:?}")),
        Body::Json(pattern) => pattern.matches_text(body, values),
        Body::Text(pattern) => pattern.matches(body, values),
    }
    .map_err(|why| format!("body: {why}"))
}

/// The prefix and ten characters that no other run has: the standard library seeds its hash maps from the
/// system's randomness.
fn fresh(prefix: &str) -> String {
    let mut number = RandomState::new().build_hasher().finish();
    let mut name = prefix.to_owned();
    for _ in 0..10 {
        name.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]));
        number /= 36;
    }
    name
}
