//! Checking access tokens.

use std::net::SocketAddr;
use std::time::Duration;

use harness::http::Request;
use harness::process::TesseraProcess;

use super::CONNECTIONS;
use crate::Problem;
use crate::client::{Rounds, closed};
use crate::context::Context;
use crate::floor::{AxumProcess, Fixed};
use crate::results::{Comparison, Goal};
use crate::stats::as_f64;
use crate::stock::{Contract, sign_in};
use crate::subject::{self, Hashing};
use harness::machine::Usage;

/// Different tokens; fewer in a quick run.
const TOKENS: usize = 10_000;
/// Signing algorithms, and what is aimed at with each.
const ALGORITHMS: [(&str, f64); 3] = [("HS256", 0.85), ("ES256", 0.75), ("EdDSA", 0.75)];
/// Who asks, and where.
const CHECKS: [(Contract, &str); 2] =
    [(Contract::Argon, "/api/auth/state"), (Contract::Melon, "/auth/check")];

/// A server that is asked the same as another.
pub(super) struct Side<'a> {
    address: SocketAddr,
    pid: u32,
    rounds: Rounds<'a>,
    /// Microseconds of processor time for each request, sample by sample.
    pub(super) cpu: Vec<f64>,
}

impl<'a> Side<'a> {
    pub(super) fn new(address: SocketAddr, pid: u32, requests: &'a [Vec<u8>]) -> Self {
        Self { address, pid, rounds: Rounds::of(requests), cpu: Vec::new() }
    }

    /// Good answers in a second.
    pub(super) fn sample(&mut self, time: Duration) -> Result<f64, Problem> {
        let before = Usage::of(self.pid).cpu_seconds;
        let tally = closed::run(self.address, CONNECTIONS, Some(time), &mut self.rounds)?.only(200)?;
        let used = Usage::of(self.pid).cpu_seconds - before;
        self.cpu.push(used * 1e6 / as_f64(tally.all()));
        Ok(tally.per_second(200))
    }
}

/// The check of an access token, as a request.
pub(super) fn request(path: &str, token: &str) -> Request {
    Request::new("GET", path).bearer(token)
}

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let count = context.pick(TOKENS / 5, TOKENS);
    let stock = context.stock(count, Hashing::Cheap)?;
    let mut comparisons = Vec::new();
    for (algorithm, goal) in ALGORITHMS {
        let options = stock
            .options(&context.binary)
            .env("TESSERA_MOUNTS__ARGON__ALGORITHM", algorithm)
            .env("TESSERA_MOUNTS__MELON__ALGORITHM", algorithm);
        let server = TesseraProcess::start(options);
        for (contract, path) in CHECKS {
            let tokens = sign_in(&server, contract, &stock.spread(count))?;
            let requests: Vec<Vec<u8>> =
                tokens.iter().map(|token| subject::bytes(&request(path, token))).collect();
            let answer = server.client().send(&request(path, &tokens[0]))?;
            let folder = tempfile::tempdir()?;
            let floor = AxumProcess::start(&[Fixed::of(path, &answer)], folder.path())?;
            let mut ours = Side::new(server.address(), server.pid(), &requests);
            let mut bare = Side::new(floor.address, floor.pid(), &requests);
            let time = context.sample();
            // Once without counting: connections, caches, accounts read for the first time.
            ours.sample(time)?;
            bare.sample(time)?;
            (ours.cpu, bare.cpu) = (Vec::new(), Vec::new());
            let [subject, bare_rate] =
                context.in_turn([&mut || ours.sample(time), &mut || bare.sample(time)])?;
            let name = format!("GET {path}, {algorithm}");
            comparisons.push(
                Comparison::alone(&name, "per second", subject)
                    .bounded_by("bare axum", bare_rate)
                    .aiming(Goal::TimesAtLeast(goal)),
            );
            comparisons.push(
                Comparison::alone(format!("{name}: processor time"), "us each", ours.cpu)
                    .beside("bare axum", bare.cpu),
            );
        }
    }
    Ok(comparisons)
}
