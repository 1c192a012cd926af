//! Exchanging refresh tokens.

use std::collections::VecDeque;

use data_encoding::BASE64URL_NOPAD;
use harness::http::Request;
use harness::machine::Usage;
use harness::process::TesseraProcess;
use serde_json::json;

use crate::client::{Answer, Script, closed};
use crate::context::Context;
use crate::results::{Comparison, Goal};
use crate::stats::as_f64;
use crate::stock::{Contract, sign_in};
use crate::subject::{self, Hashing};
use crate::{Problem, bare};

/// Callers at once.
pub(super) const CALLERS: usize = 64;

/// Sessions that are refreshed in turn, each with the token that the last answer gave.
pub(super) struct Refreshes(VecDeque<String>);

impl Refreshes {
    /// Of these access tokens, whose claims hold the refresh tokens.
    pub(super) fn of(tokens: &[String]) -> Result<Self, Problem> {
        let refresh: Option<VecDeque<String>> =
            tokens.iter().map(|token| refresh_token(token.as_bytes())).collect();
        Ok(Self(refresh.ok_or("a token without a refresh token")?))
    }
}

impl Script for Refreshes {
    fn request(&mut self, _connection: usize, out: &mut Vec<u8>) -> bool {
        let Some(token) = self.0.pop_front() else { return false };
        out.extend(subject::bytes(&Request::new("POST", "/api/v1/refresh").json(&json!({ "token": token }))));
        true
    }

    fn answered(&mut self, _connection: usize, answer: &Answer<'_>) {
        self.0.extend(answer.quoted_after("\"token\":\"").and_then(|token| refresh_token(token.as_bytes())));
    }
}

/// The refresh token in the claims of an access token.
fn refresh_token(token: &[u8]) -> Option<String> {
    let claims = BASE64URL_NOPAD.decode(token.split(|byte| *byte == b'.').nth(1)?).ok()?;
    let answer = Answer { status: 200, body: &claims };
    answer.quoted_after("\"refresh_token\":\"").map(str::to_owned)
}

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let sessions = context.pick(2_000, 20_000);
    let stock = context.stock(sessions, Hashing::Cheap)?;
    let mut server = TesseraProcess::start(stock.options(&context.binary));
    let tokens = sign_in(&server, Contract::GoScrobble, &stock.spread(sessions))?;
    // Stopped, so that the file is whole, and copied for the floor.
    server.stop();
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("floor.db");
    std::fs::copy(stock.file(), &copy)?;
    server.restart();
    let connection = bare::open(&copy)?;
    let mut rows = bare::sessions(&connection)?;
    let mut script = Refreshes::of(&tokens)?;
    let time = context.sample();
    let mut ours = || -> Result<[f64; 2], Problem> {
        let used = Usage::of(server.pid()).cpu_seconds;
        let tally = closed::run(server.address(), CALLERS, Some(time), &mut script)?.only(200)?;
        let used = Usage::of(server.pid()).cpu_seconds - used;
        Ok([tally.per_second(200), used * 1e6 / as_f64(tally.all())])
    };
    let before = subject::commits(&server)?;
    ours()?;
    let after = subject::commits(&server)?;
    let group = (after.1 - before.1) / (after.0 - before.0);
    let whole = whole(group);
    let (mut grouped, mut single) = (Vec::new(), Vec::new());
    let (mut ours_rate, mut ours_cpu, mut grouped_cpu) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..context.rounds() {
        let [rate, cpu] = ours()?;
        ours_rate.push(rate);
        ours_cpu.push(cpu);
        let used = Usage::of(std::process::id()).cpu_seconds;
        let rate = bare::refreshes(&connection, &mut rows, whole, time)?;
        let used = Usage::of(std::process::id()).cpu_seconds - used;
        grouped.push(rate);
        grouped_cpu.push(used * 1e6 / (rate * time.as_secs_f64()));
        single.push(bare::refreshes(&connection, &mut rows, 1, time)?);
    }
    Ok(vec![
        // Everything but the statements is HTTP, tokens, and going from thread to thread.
        Comparison::alone("refreshes: processor time", "us each", ours_cpu)
            .beside(format!("the same statements, {whole} refreshes a transaction"), grouped_cpu),
        Comparison::alone("refreshes", "per second", ours_rate.clone())
            .beside(format!("the same statements, {whole} refreshes a transaction"), grouped)
            .aiming(Goal::TimesAtLeast(0.80)),
        Comparison::alone("refreshes beside a transaction each", "per second", ours_rate)
            .beside("the same statements, a transaction each", single)
            .aiming(Goal::TimesAtLeast(5.0)),
        Comparison::alone("batches in one commit of the server", "batches", vec![group]),
    ])
}

/// The nearest whole number from 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    reason = "a group is small and not negative"
)]
fn whole(group: f64) -> usize {
    group.round().max(1.0) as usize
}
