//! Resident memory.

use harness::http::Request;
use harness::process::TesseraProcess;

use super::{CALLERS, CONNECTIONS, check, sign_in, thousands};
use crate::Problem;
use crate::client::{Rounds, closed};
use crate::context::Context;
use crate::floor::{AxumProcess, Fixed};
use crate::results::{Comparison, Goal};
use crate::stock::{self, Contract};
use crate::subject::{self, Hashing};
use harness::machine::Usage;

const CHECK: &str = "/api/auth/state";

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let mut idle = || -> Result<f64, Problem> {
        let server = TesseraProcess::start(subject::options(&context.binary, Hashing::Production));
        server.client().send(&Request::new("GET", CHECK))?;
        Ok(Usage::of(server.pid()).memory_mib)
    };
    let mut bare = || -> Result<f64, Problem> {
        let folder = tempfile::tempdir()?;
        let fixed = Fixed { path: CHECK.to_owned(), headers: Vec::new(), body: "{}".to_owned() };
        let floor = AxumProcess::start(&[fixed], folder.path())?;
        harness::http::Client::new(floor.address).send(&Request::new("GET", CHECK))?;
        Ok(Usage::of(floor.pid()).memory_mib)
    };
    let [idle, bare] = context.in_turn([&mut idle, &mut bare])?;
    let (accounts, sessions) = context.pick((10_000, 2_000), (1_000_000, 100_000));
    let many = format!(
        "{} accounts, {} live sessions, each made and checked",
        thousands(accounts),
        thousands(sessions)
    );
    Ok(vec![
        Comparison::alone("idle", "MiB", idle)
            .beside("a bare axum server", bare)
            .aiming(Goal::MoreAtMost(20.0)),
        Comparison::alone(many, "MiB", vec![with_many(context, accounts, sessions)?]),
        Comparison::alone("after signing in, 16 at once", "MiB", vec![loaded(context)?]),
    ])
}

fn with_many(context: &Context, accounts: usize, sessions: usize) -> Result<f64, Problem> {
    let stock = context.stock(accounts, Hashing::Cheap)?;
    let server = TesseraProcess::start(stock.options(&context.binary));
    let tokens = stock::sign_in(&server, Contract::Argon, &stock.spread(sessions))?;
    let checks: Vec<Vec<u8>> =
        tokens.iter().map(|token| subject::bytes(&check::request(CHECK, token))).collect();
    closed::run(server.address(), CONNECTIONS, None, &mut Once(checks.iter()))?.only(200)?;
    Ok(Usage::of(server.pid()).memory_mib)
}

fn loaded(context: &Context) -> Result<f64, Problem> {
    let stock = context.stock(sign_in::ACCOUNTS, Hashing::Production)?;
    let server = TesseraProcess::start(stock.options(&context.binary));
    let requests: Vec<Vec<u8>> = (0..stock.accounts).map(|number| Contract::Argon.sign_in(number)).collect();
    closed::run(server.address(), CALLERS, Some(context.slow_sample()), &mut Rounds::of(&requests))?
        .only(200)?;
    Ok(Usage::of(server.pid()).memory_mib)
}

/// Each request once.
struct Once<'a>(std::slice::Iter<'a, Vec<u8>>);

impl crate::client::Script for Once<'_> {
    fn request(&mut self, _connection: usize, out: &mut Vec<u8>) -> bool {
        self.0.next().inspect(|request| out.extend_from_slice(request)).is_some()
    }
}
