//! Both engines side by side.

use std::time::Duration;

use harness::process::TesseraProcess;

use super::refresh::{self, Refreshes};
use super::{CALLERS, CONNECTIONS, check, refresh_postgres};
use crate::Problem;
use crate::client::{Rounds, closed};
use crate::context::Context;
use crate::results::Comparison;
use crate::stock::{Contract, Stock, sign_in};
use crate::subject::{self, Hashing};

const CHECK: &str = "/api/auth/state";

/// A server on one engine, and what it is asked.
struct Side {
    server: TesseraProcess,
    sign_ins: Vec<Vec<u8>>,
    checks: Vec<Vec<u8>>,
    refreshes: Refreshes,
}

impl Side {
    fn new(context: &Context, stock: &Stock) -> Result<Self, Problem> {
        let server = TesseraProcess::start(stock.options(&context.binary));
        let asked = stock.spread(stock.accounts);
        let tokens = sign_in(&server, Contract::Argon, &asked)?;
        let checks = tokens.iter().map(|token| subject::bytes(&check::request(CHECK, token))).collect();
        let refreshes = Refreshes::of(&sign_in(&server, Contract::GoScrobble, &asked)?)?;
        let sign_ins = asked.iter().map(|number| Contract::Argon.sign_in(*number)).collect();
        Ok(Self { server, sign_ins, checks, refreshes })
    }

    fn rounds(&self, callers: usize, time: Duration, requests: &[Vec<u8>]) -> Result<f64, Problem> {
        let tally = closed::run(self.server.address(), callers, Some(time), &mut Rounds::of(requests))?;
        Ok(tally.only(200)?.per_second(200))
    }

    fn sign_in(&self, time: Duration) -> Result<f64, Problem> {
        self.rounds(CALLERS, time, &self.sign_ins)
    }

    fn check(&self, time: Duration) -> Result<f64, Problem> {
        self.rounds(CONNECTIONS, time, &self.checks)
    }

    fn refresh(&mut self, time: Duration) -> Result<f64, Problem> {
        let tally = closed::run(self.server.address(), refresh::CALLERS, Some(time), &mut self.refreshes)?;
        Ok(tally.only(200)?.per_second(200))
    }
}

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let accounts = context.pick(1_000, 10_000);
    let cluster = refresh_postgres::cluster();
    let database = cluster.create_database();
    let file = context.stock(accounts, Hashing::Cheap)?;
    let served = Stock::make_in(&context.binary, cluster.url(&database), accounts, Hashing::Cheap)?;
    let (mut postgres, mut sqlite) = (Side::new(context, &served)?, Side::new(context, &file)?);
    let time = context.sample();
    let checks = context.in_turn([&mut || postgres.check(time), &mut || sqlite.check(time)])?;
    let refreshes = context.in_turn([&mut || postgres.refresh(time), &mut || sqlite.refresh(time)])?;
    let cheap = context.in_turn([&mut || postgres.sign_in(time), &mut || sqlite.sign_in(time)])?;
    let beside = |what: &str, [postgres, sqlite]: [Vec<f64>; 2]| {
        Comparison::alone(format!("{what} on PostgreSQL"), "per second", postgres).beside("on SQLite", sqlite)
    };
    Ok(vec![
        beside("checks", checks),
        beside("refreshes, 64 at once", refreshes),
        beside("sign-ins with next to no hashing, 16 at once", cheap),
    ])
}
