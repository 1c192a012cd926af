//! Whether what is asked costs more when there are more accounts.

use std::rc::Rc;
use std::time::{Duration, Instant};

use harness::http::Request;
use harness::machine::bytes_moved;
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
    /// One for each of [`SEARCHES`].
    searches: Vec<Vec<Vec<u8>>>,
    refreshes: Refreshes,
    signing_in: Moved,
    refreshing: Moved,
}

/// KiB for each request as [`bytes_moved`] counts them, the answer included.
#[derive(Default)]
struct Moved([Vec<f64>; 3]);

/// What is searched for.
const SEARCHES: [&str; 4] = [
    "searching for a part of a name that one has",
    "searching for a part that nobody has",
    "searching for a part that everybody has (10,000 are listed)",
    "searching among those who call one a friend",
];

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
        let anybody = sign_in(&server, Contract::Melon, &[accounts - 1])?.concat();
        let search = |part: &str, token: &str| {
            let request = Request::new("GET", "/api/users/search").query(&[("username", part)]);
            subject::bytes(&request.bearer(token))
        };
        let searches = vec![
            // Eight digits.
            asked.iter().map(|number| search(&username(*number)[4..], &administrator)).collect(),
            asked.iter().map(|number| search(&format!("{number:08}r"), &administrator)).collect(),
            vec![search("ser0", &administrator)],
            vec![search("", &anybody)],
        ];
        Ok(Self {
            bytes,
            sign_ins: asked.iter().map(|number| Contract::Argon.sign_in(*number)).collect(),
            searches,
            checks,
            refreshes,
            server,
            stock,
            signing_in: Moved::default(),
            refreshing: Moved::default(),
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

    fn sign_in(&mut self, time: Duration) -> Result<f64, Problem> {
        let (server, mut script) = (&self.server, Rounds::of(&self.sign_ins));
        self.signing_in.of(server, || Self::each(server, CALLERS, time, &mut script))
    }

    fn check(&self, time: Duration) -> Result<f64, Problem> {
        Self::each(&self.server, CONNECTIONS, time, &mut Rounds::of(&self.checks))
    }

    fn search(&self, what: usize, time: Duration) -> Result<f64, Problem> {
        Self::each(&self.server, 1, time, &mut Rounds::of(&self.searches[what]))
    }

    fn refresh(&mut self, time: Duration) -> Result<f64, Problem> {
        let (server, script) = (&self.server, &mut self.refreshes);
        self.refreshing.of(server, || Self::each(server, refresh::CALLERS, time, script))
    }
}

impl Moved {
    /// Notes what `work` moves, which answers how many milliseconds each request took.
    fn of(
        &mut self,
        server: &TesseraProcess,
        work: impl FnOnce() -> Result<f64, Problem>,
    ) -> Result<f64, Problem> {
        let (before, began) = (bytes_moved(server.pid())?, Instant::now());
        let each = work()?;
        let after = bytes_moved(server.pid())?;
        let requests = began.elapsed().as_secs_f64() * 1e3 / each;
        for (way, samples) in self.0.iter_mut().enumerate() {
            samples.push((after[way] - before[way]) / 1_024.0 / requests);
        }
        Ok(each)
    }
}

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    compared(context, 10_000, context.pick(50_000, 1_000_000))
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
    let refreshes = context.in_turn([&mut || large.refresh(time), &mut || small.refresh(time)])?;
    let mut all = vec![
        beside("signing in with next to no hashing", sign_ins),
        beside("checking a token", checks),
        beside("refreshing", refreshes),
    ];
    for (number, what) in SEARCHES.into_iter().enumerate() {
        let mut large = || large.search(number, time);
        let searches = context.in_turn([&mut large, &mut || small.search(number, time)])?;
        all.push(beside(what, searches));
    }
    for (what, large, small) in
        [("sign-in", &large.signing_in, &small.signing_in), ("refresh", &large.refreshing, &small.refreshing)]
    {
        for (way, how) in ["read", "read from the disk", "written"].into_iter().enumerate() {
            let name = format!("{how} for a {what}, {} accounts", thousands(many));
            let row = Comparison::alone(name, "KiB", large.0[way].clone());
            all.push(row.beside(format!("{} accounts", thousands(few)), small.0[way].clone()));
        }
    }
    let alone = |what: &str, unit, of: fn(&Grown) -> f64| {
        Comparison::alone(format!("{what}, {} accounts", thousands(many)), unit, vec![of(&large)])
            .beside(format!("{} accounts", thousands(few)), vec![of(&small)])
    };
    all.push(alone("an account on disk, with its event and what searches go by", "bytes", |grown| {
        grown.bytes / as_f64(grown.stock.accounts)
    }));
    all.push(alone("accounts taken into the search index after an import", "per second", |grown| {
        grown.stock.indexed
    }));
    Ok(all)
}
