//! More sign-ins than can be served, and what becomes of everybody else.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use harness::machine::{Usage, seconds_of_threads};
use harness::process::TesseraProcess;

use super::{CALLERS, CONNECTIONS, check, sign_in};
use crate::Problem;
use crate::client::{Rounds, Tally, closed, open};
use crate::context::Context;
use crate::results::{Comparison, Goal};
use crate::stats::as_f64;
use crate::stock::{self, Contract};
use crate::subject::{self, Hashing};

/// How many tokens are checked in turn.
const TOKENS: usize = 500;
const CHECK: &str = "/api/auth/state";
/// Connections for sign-ins: as many as can be waiting, and more for those that are turned away.
const WAITING: usize = 4_000;

/// A server, and what it is asked.
struct Crowd {
    address: SocketAddr,
    checks: Vec<Vec<u8>>,
    sign_ins: Vec<Vec<u8>>,
    /// Checks a second.
    rate: f64,
}

impl Crowd {
    fn check(&self, time: Duration) -> Result<Tally, Problem> {
        open::offer(self.address, CONNECTIONS, self.rate, time, &mut Rounds::of(&self.checks))
    }

    /// Checks while somebody else does something else, and what comes of both.
    fn check_beside(
        &self,
        time: Duration,
        other: impl Send + FnOnce() -> Result<Tally, Problem>,
    ) -> Result<(Tally, Tally), Problem> {
        thread::scope(|scope| {
            let other = scope.spawn(|| other().map_err(|problem| problem.to_string()));
            let checked = self.check(time)?;
            Ok((checked, other.join().map_err(|_| "the client broke")??))
        })
    }

    /// As many sign-ins as there can be.
    fn sign_in(&self, time: Duration) -> Result<Tally, Problem> {
        closed::run(self.address, CALLERS, Some(time), &mut Rounds::of(&self.sign_ins))?.only(200)
    }

    /// So many sign-ins a second, whether they can be served or not.
    fn flood(&self, rate: f64, time: Duration) -> Result<Tally, Problem> {
        open::offer(self.address, WAITING, rate, time, &mut Rounds::of(&self.sign_ins))
    }
}

/// Who used the processors, in seconds of processor time a second.
#[derive(Default)]
struct Shares {
    hashing: Vec<f64>,
    answering: Vec<f64>,
    client: Vec<f64>,
}

impl Shares {
    /// Processor time used so far: by the threads that hash, by all others of the server, by this program.
    fn now(server: u32) -> [f64; 3] {
        let hashing = seconds_of_threads(server, "password-hash");
        [hashing, Usage::of(server).cpu_seconds - hashing, Usage::of(std::process::id()).cpu_seconds]
    }

    /// Notes what is used in this time from the beginning of `work`, which may take longer.
    fn of<T>(&mut self, server: u32, time: Duration, work: impl FnOnce() -> T) -> T {
        let watch = || {
            let before = Self::now(server);
            thread::sleep(time);
            let after = Self::now(server);
            [0, 1, 2].map(|who| (after[who] - before[who]) / time.as_secs_f64())
        };
        let (done, used) = thread::scope(|scope| {
            let used = scope.spawn(watch);
            (work(), used.join().unwrap_or_default())
        });
        let shares = [&mut self.hashing, &mut self.answering, &mut self.client];
        shares.into_iter().zip(used).for_each(|(share, used)| share.push(used));
        done
    }

    /// Those of a flood beside those of no more sign-ins than can be served.
    fn beside(self, calm: Self) -> [Comparison; 3] {
        let share = |what: &str, flood, calm| {
            Comparison::alone(format!("processor time of {what}"), "s a second", flood)
                .beside("sign-ins, 16 at once, beside the same checks", calm)
        };
        [
            share("the threads that hash", self.hashing, calm.hashing),
            share("the server's other threads", self.answering, calm.answering),
            share("the client", self.client, calm.client),
        ]
    }
}

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let stock = context.stock(sign_in::ACCOUNTS, Hashing::Production)?;
    let server = TesseraProcess::start(stock.options(&context.binary));
    let address = server.address();
    let tokens = stock::sign_in(&server, Contract::Argon, &stock.spread(context.pick(50, TOKENS)))?;
    let checks: Vec<Vec<u8>> =
        tokens.iter().map(|token| subject::bytes(&check::request(CHECK, token))).collect();
    // At three times the capacity a queue of five seconds is full after two and a half; later if the capacity
    // was measured too low.
    let time = context.pick(Duration::from_secs(9), Duration::from_secs(15));
    let short = Duration::from_secs(4);
    let limit = closed::run(address, CONNECTIONS, Some(short / 2), &mut Rounds::of(&checks))?.per_second(200);
    let sign_ins = (0..stock.accounts).map(|number| Contract::Argon.sign_in(number)).collect();
    let crowd = Crowd { address, checks, sign_ins, rate: limit / 4.0 };
    let (mut quiet, mut busy, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    let (mut quiet_median, mut busy_median, mut lost) = (Vec::new(), Vec::new(), Vec::new());
    let (mut capacity, mut served, mut turned_away) = (Vec::new(), Vec::new(), Vec::new());
    let (mut calm_shares, mut flood_shares) = (Shares::default(), Shares::default());
    for _ in 0..context.rounds() {
        let alone = crowd.check(short)?.only(200)?;
        quiet.push(alone.within(200, 0.99));
        quiet_median.push(alone.within(200, 0.5));
        // The machine is the client's too: capacity is what is left beside the checks.
        let (checked, calm) =
            calm_shares.of(server.pid(), short, || crowd.check_beside(short, || crowd.sign_in(short)))?;
        checked.only(200)?;
        let able = calm.per_second(200);
        capacity.push(able);
        let (checked, flood) = flood_shares
            .of(server.pid(), time, || crowd.check_beside(time, || crowd.flood(able * 3.0, time)))?;
        busy.push(checked.within(200, 0.99));
        busy_median.push(checked.within(200, 0.5));
        refused.push(as_f64(checked.all() - checked.count(200)));
        served.push(as_f64(flood.in_time.get(&200).copied().unwrap_or_default()) / time.as_secs_f64());
        if flood.count(503) == 0 {
            return Err("nobody was turned away, so this was no overload".into());
        }
        turned_away.push(flood.within(503, 0.99));
        lost.push(as_f64(flood.all() - flood.count(200) - flood.count(503)));
    }
    let beside = "checks alone at the same rate";
    let mut comparisons = vec![
        Comparison::alone("checks offered", "per second", vec![crowd.rate]),
        Comparison::alone("checks while sign-ins flood in: slowest of a hundred", "ms", busy)
            .beside(beside, quiet)
            .aiming(Goal::TimesAtMost(3.0)),
        Comparison::alone("checks while sign-ins flood in: median", "ms", busy_median)
            .beside(beside, quiet_median),
        Comparison::alone("checks refused or without an answer", "checks", refused).aiming(Goal::AtMost(0.0)),
        Comparison::alone("sign-ins served while three times as many are offered", "per second", served)
            .beside("sign-ins, 16 at once, beside the same checks", capacity)
            .aiming(Goal::TimesAtLeast(0.95)),
        Comparison::alone("refused sign-ins: slowest of a hundred", "ms", turned_away)
            .aiming(Goal::AtMost(100.0)),
        Comparison::alone("sign-ins answered neither 200 nor 503", "sign-ins", lost)
            .aiming(Goal::AtMost(0.0)),
    ];
    // Who has the time that hashing lacks.
    comparisons.extend(flood_shares.beside(calm_shares));
    Ok(comparisons)
}
