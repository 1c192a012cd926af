//! Signing in by password.

use std::time::{Duration, Instant};

use argon2_before::{Algorithm, Argon2, Params, Version};
use harness::process::TesseraProcess;

use super::CALLERS;
use crate::Problem;
use crate::client::{Rounds, closed};
use crate::context::Context;
use crate::results::{Comparison, Goal};
use crate::stats::as_f64;
use crate::stock::Contract;
use crate::subject::{Hashing, PASSWORD};
use harness::machine::Usage;

/// Accounts that sign in in turn.
pub(super) const ACCOUNTS: usize = 1_000;

/// As many threads as the server hashes on.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let stock = context.stock(ACCOUNTS, Hashing::Production)?;
    let server = TesseraProcess::start(stock.options(&context.binary));
    let requests: Vec<Vec<u8>> = (0..ACCOUNTS).map(|number| Contract::Argon.sign_in(number)).collect();
    let mut rounds = Rounds::of(&requests);
    let time = context.slow_sample();
    let (mut cpu, mut hashes_cpu) = (Vec::new(), Vec::new());
    let [server, hashes, before] = context.in_turn([
        &mut || {
            let used = Usage::of(server.pid()).cpu_seconds;
            let tally = closed::run(server.address(), CALLERS, Some(time), &mut rounds)?.only(200)?;
            cpu.push((Usage::of(server.pid()).cpu_seconds - used) * 1e3 / as_f64(tally.all()));
            Ok(tally.per_second(200))
        },
        &mut || {
            let hashes = hashes_of_our_own(time)?;
            hashes_cpu.push(hashes.cpu_ms);
            Ok(hashes.per_second)
        },
        &mut || Ok(hashes_per_second_before(time)),
    ])?;
    let cheap = without_hashing(context)?;
    Ok(vec![
        // Hardly moved by what else the machine does: shows whether the floor does the same work.
        Comparison::alone("sign-ins: processor time", "ms each", cpu)
            .beside("the same hashes alone", hashes_cpu),
        // The rest of a sign-in where nothing empties the caches: the difference is what hashes cost their neighbours.
        Comparison::alone("sign-ins with next to no hashing: processor time", "ms each", cheap),
        Comparison::alone("sign-ins", "per second", server.clone())
            .bounded_by("the same hashes alone", hashes)
            .aiming(Goal::TimesAtLeast(0.97)),
        Comparison::alone("sign-ins beside argon2 0.5", "per second", server)
            .beside("hashes by argon2 0.5, fresh memory", before)
            .aiming(Goal::TimesAtLeast(2.5)),
    ])
}

/// Milliseconds of processor time for everything but the hash.
fn without_hashing(context: &Context) -> Result<Vec<f64>, Problem> {
    let stock = context.stock(ACCOUNTS, Hashing::Cheap)?;
    let server = TesseraProcess::start(stock.options(&context.binary));
    let requests: Vec<Vec<u8>> = (0..ACCOUNTS).map(|number| Contract::Argon.sign_in(number)).collect();
    let mut rounds = Rounds::of(&requests);
    let sample = |_| {
        let used = Usage::of(server.pid()).cpu_seconds;
        let tally = closed::run(server.address(), CALLERS, Some(context.sample()), &mut rounds)?.only(200)?;
        Ok((Usage::of(server.pid()).cpu_seconds - used) * 1e3 / as_f64(tally.all()))
    };
    (0..context.rounds()).map(sample).collect()
}

/// What hashing alone comes to.
pub(super) struct Hashes {
    pub(super) per_second: f64,
    /// Milliseconds of processor time for each.
    pub(super) cpu_ms: f64,
}

/// What the server's own hash pool does when nothing else is to be done.
pub(super) fn hashes_of_our_own(time: Duration) -> Result<Hashes, Problem> {
    let stored = Hashing::Production.stored()?;
    let pool = Hashing::Production.pool(threads())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let used = Usage::of(std::process::id()).cpu_seconds;
    let began = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (pool, stored) = (pool.clone(), stored.clone());
            runtime.spawn(async move {
                let mut count = 0;
                while began.elapsed() < time {
                    // Nobody is turned away: the pool's patience is longer than any sample.
                    count += usize::from(pool.verify(Some(stored.clone()), PASSWORD.into()).await.is_ok());
                }
                count
            })
        })
        .collect();
    let mut count = 0;
    for caller in callers {
        count += runtime.block_on(caller)?;
    }
    let took = began.elapsed().as_secs_f64();
    let used = Usage::of(std::process::id()).cpu_seconds - used;
    Ok(Hashes { per_second: as_f64(count) / took, cpu_ms: used * 1e3 / as_f64(count) })
}

/// The crate that is usual, as it is usually called.
fn hashes_per_second_before(time: Duration) -> f64 {
    let cost = Hashing::Production.cost();
    let began = Instant::now();
    let thread = || {
        let mut count = 0;
        while began.elapsed() < time {
            let parameters =
                Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).unwrap_or_default();
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
            let mut output = [0; 32];
            let hashed = argon2.hash_password_into(PASSWORD.as_bytes(), b"sixteen byte slt", &mut output);
            count += usize::from(hashed.is_ok());
        }
        count
    };
    let count: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads()).map(|_| scope.spawn(thread)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_default()).sum()
    });
    as_f64(count) / began.elapsed().as_secs_f64()
}
