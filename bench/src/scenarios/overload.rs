//! More sign-ins than can be served, and what becomes of everybody else.

use std::time::Duration;

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

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let stock = context.stock(sign_in::ACCOUNTS, Hashing::Production)?;
    let server = TesseraProcess::start(stock.options(&context.binary));
    let address = server.address();
    let tokens = stock::sign_in(&server, Contract::Argon, &stock.spread(context.pick(50, TOKENS)))?;
    let checks: Vec<Vec<u8>> =
        tokens.iter().map(|token| subject::bytes(&check::request(CHECK, token))).collect();
    let sign_ins: Vec<Vec<u8>> = (0..stock.accounts).map(|number| Contract::Argon.sign_in(number)).collect();
    // At three times the capacity a queue of five seconds is full after two and a half; later if the capacity
    // was measured too low.
    let time = context.pick(Duration::from_secs(9), Duration::from_secs(15));
    let half = time.min(Duration::from_secs(4)) / 2;
    let limit = closed::run(address, CONNECTIONS, Some(half), &mut Rounds::of(&checks))?.per_second(200);
    let alone = || open::offer(address, limit / 4.0, time, &mut Rounds::of(&checks));
    let (mut quiet, mut busy, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    let (mut quiet_median, mut busy_median, mut lost) = (Vec::new(), Vec::new(), Vec::new());
    let (mut capacity, mut served, mut turned_away) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..context.pick(2, context.rounds()) {
        let tally = alone()?;
        if tally.count(200) == 0 {
            return Err("no check was answered".into());
        }
        quiet.push(tally.within(200, 0.99));
        quiet_median.push(tally.within(200, 0.5));
        let calm = closed::run(address, CALLERS, Some(half), &mut Rounds::of(&sign_ins))?.only(200)?;
        let able = calm.per_second(200);
        capacity.push(able);
        let (checked, flood) = std::thread::scope(|scope| -> Result<(Tally, Tally), Problem> {
            let flood = scope.spawn(|| {
                let offered = open::offer(address, able * 3.0, time, &mut Rounds::of(&sign_ins));
                offered.map_err(|problem| problem.to_string())
            });
            let checked = alone()?;
            let flood = flood.join().map_err(|_| "the client broke")??;
            Ok((checked, flood))
        })?;
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
    Ok(vec![
        Comparison::alone("checks while sign-ins flood in: slowest of a hundred", "ms", busy)
            .beside("checks alone at the same rate", quiet)
            .aiming(Goal::TimesAtMost(3.0)),
        Comparison::alone("checks while sign-ins flood in: median", "ms", busy_median)
            .beside("checks alone at the same rate", quiet_median),
        Comparison::alone("checks refused or without an answer", "checks", refused).aiming(Goal::AtMost(0.0)),
        Comparison::alone("sign-ins served while three times as many are offered", "per second", served)
            .beside("sign-ins, 16 at once", capacity)
            .aiming(Goal::TimesAtLeast(0.95)),
        Comparison::alone("refused sign-ins: slowest of a hundred", "ms", turned_away)
            .aiming(Goal::AtMost(100.0)),
        Comparison::alone("sign-ins answered neither 200 nor 503", "sign-ins", lost)
            .aiming(Goal::AtMost(0.0)),
    ])
}
