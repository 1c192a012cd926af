//! Whether what is asked costs more when there are more accounts.

use std::rc::Rc;
use std::time::Duration;

use harness::http::Request;
use harness::process::TesseraProcess;

use super::refresh::{self, Refreshes};
use super::{CALLERS, CONNECTIONS, check, thousands};
use crate::Problem;
use crate::client::{Rounds, Script, closed};
use crate::context::Context;
use crate::results::{Comparison, Goal};
use crate::stats::as_f64;
use crate::stock::{Contract, Stock, sign_in, username};
use crate::subject::{self, Hashing};

/// Accounts that are asked about, spread over all.
const ASKED: usize = 5_000;
const GOAL: Goal = Goal::TimesAtMost(1.3);
const CHECK: &str = "/api/auth/state";

/// A server on a database, and what it is asked.
struct Grown {
    server: TesseraProcess,
    stock: Rc<Stock>,
    bytes: f64,
    sign_ins: Vec<Vec<u8>>,
    checks: Vec<Vec<u8>>,
    searches: Vec<Vec<u8>>,
    refreshes: Refreshes,
}

impl Grown {
    fn new(context: &Context, accounts: usize) -> Result<Self, Problem> {
        let stock = context.stock(accounts, Hashing::Cheap)?;
        let bytes = as_f64(usize::try_from(std::fs::metadata(stock.file())?.len())?);
        let server = TesseraProcess::start(stock.options(&context.binary));
        let asked = stock.spread(ASKED);
        let tokens = sign_in(&server, Contract::Argon, &asked)?;
        let checks = tokens.iter().map(|token| subject::bytes(&check::request(CHECK, token))).collect();
        let refreshes = Refreshes::of(&sign_in(&server, Contract::GoScrobble, &asked)?)?;
        let administrator = sign_in(&server, Contract::Melon, &[0])?.concat();
        let search = |number: usize| {
            // Eight digits: found once.
            let name = &username(number)[4..];
            let request = Request::new("GET", "/api/users/search").query(&[("username", name)]);
            subject::bytes(&request.bearer(&administrator))
        };
        Ok(Self {
            bytes,
            sign_ins: asked.iter().map(|number| Contract::Argon.sign_in(*number)).collect(),
            searches: asked.iter().map(|number| search(*number)).collect(),
            checks,
            refreshes,
            server,
            stock,
        })
    }

    /// Milliseconds of the whole server's time for one request, when it has nothing else to do.
    fn each(
        server: &TesseraProcess,
        callers: usize,
        time: Duration,
        script: &mut impl Script,
    ) -> Result<f64, Problem> {
        let tally = closed::run(server.address(), callers, Some(time), script)?.only(200)?;
        Ok(1e3 / tally.per_second(200))
    }

    fn sign_in(&self, time: Duration) -> Result<f64, Problem> {
        Self::each(&self.server, CALLERS, time, &mut Rounds::of(&self.sign_ins))
    }

    fn check(&self, time: Duration) -> Result<f64, Problem> {
        Self::each(&self.server, CONNECTIONS, time, &mut Rounds::of(&self.checks))
    }

    fn search(&self, time: Duration) -> Result<f64, Problem> {
        Self::each(&self.server, 1, time, &mut Rounds::of(&self.searches))
    }

    fn refresh(&mut self, time: Duration) -> Result<f64, Problem> {
        Self::each(&self.server, refresh::CALLERS, time, &mut self.refreshes)
    }
}

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let few = context.pick(5_000, 10_000);
    compared(context, few, context.pick(50_000, 1_000_000))
}

pub(super) fn run_large(context: &Context) -> Result<Vec<Comparison>, Problem> {
    compared(context, 10_000, 10_000_000)
}

fn compared(context: &Context, few: usize, many: usize) -> Result<Vec<Comparison>, Problem> {
    let (mut small, mut large) = (Grown::new(context, few)?, Grown::new(context, many)?);
    let time = context.sample() / 2;
    let beside = |what: &str, [large, small]: [Vec<f64>; 2]| {
        Comparison::alone(format!("{what}, {} accounts", thousands(many)), "ms each", large)
            .beside(format!("{} accounts", thousands(few)), small)
            .aiming(GOAL)
    };
    let sign_ins = context.in_turn([&mut || large.sign_in(time), &mut || small.sign_in(time)])?;
    let checks = context.in_turn([&mut || large.check(time), &mut || small.check(time)])?;
    let searches = context.in_turn([&mut || large.search(time), &mut || small.search(time)])?;
    let refreshes = context.in_turn([&mut || large.refresh(time), &mut || small.refresh(time)])?;
    let on_disk = |grown: &Grown| grown.bytes / as_f64(grown.stock.accounts);
    Ok(vec![
        beside("signing in with next to no hashing", sign_ins),
        beside("checking a token", checks),
        beside("searching for a part of a name", searches),
        beside("refreshing", refreshes),
        Comparison::alone(
            format!("an account on disk, with its event, {} accounts", thousands(many)),
            "bytes",
            vec![on_disk(&large)],
        )
        .beside(format!("{} accounts", thousands(few)), vec![on_disk(&small)]),
    ])
}
