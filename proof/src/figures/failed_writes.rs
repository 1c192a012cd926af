//! D4: a call that writes the database fails.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use defects::Defect;
use harness::process::TesseraProcess;

use crate::Problem;
use crate::cast::until_written;
use crate::figure::{Control, Counted, Figure, Measure, Outcome, SQLITE};
use crate::flows::{FLOWS, Flow};
use crate::stage::Stage;
use crate::strace::{Failing, Injection};
use crate::{sqlite, stats};

pub(crate) const FIGURE: Figure = Figure {
    id: "D4",
    title: "an I/O error at every write",
    goal: "acknowledged and not durable 0, half-done flows 0, answers but 503 to what failed 0, panics 0, nothing \
           acknowledged while syncing fails; written again without a restart",
    about: "The flows of D6. While one is run, strace lets a call of the thread that writes the database fail, with \
            EIO or with ENOSPC: the first write, then the second, and so on until the flow passes; and every sync from \
            the first on, from the second on, and so on. Then the fault ends, the server must write again, is killed \
            and started, and is held to what it acknowledged. A flow that is acknowledged after a sync has failed is \
            run again, twice at most: it may have been a commit in the background that failed. Small runs take one \
            call of each kind and flow. It needs strace. On SQLite only: the files of PostgreSQL are its own.",
    trials: "failing calls",
    small: 28,
    full: 5_000,
    engines: SQLITE,
    run,
    controls: &[Control { defect: Defect::WriteErrorsIgnored, engines: SQLITE, within: 28 }],
};

/// What fails: names of calls, whether all further ones fail too, and the error.
const KINDS: [(&str, bool, &str); 4] = [
    ("write,pwrite64", false, "EIO"),
    ("fsync,fdatasync", true, "EIO"),
    ("write,pwrite64", false, "ENOSPC"),
    ("fsync,fdatasync", true, "ENOSPC"),
];
/// A flow with more calls than this does not end.
const MOST: usize = 400;
/// Small runs begin at different calls: every flow writes so often, and syncs so often.
const SPREAD: [usize; 2] = [9, 2];
/// How often a flow is run that was acknowledged after a sync had failed.
const AGAIN: usize = 3;
/// A log of this size is moved into the database by a restart, so that this does not happen within a flow, where a
/// sync may fail and nothing is lost.
const LONG_LOG: u64 = 1 << 21;

/// One kind of failure in one flow, call by call.
struct Lane {
    flow: &'static Flow,
    kind: (&'static str, bool, &'static str),
    /// Which call fails next, and which was the first.
    next: usize,
    first: usize,
    over: bool,
}

impl Lane {
    /// Goes on to the next call; behind the last one stand those before the first.
    fn advance(&mut self, passed: bool) {
        self.next = if passed && self.next >= self.first { 1 } else { self.next + 1 };
        self.over = self.next == self.first || self.next > MOST;
    }
}

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let mut server = TesseraProcess::start(stage.options());
    let probe = Failing { calls: "fsync", error: "EIO", when: "65535" };
    if let Err(why) = Injection::on(&server, &probe) {
        return Ok(Outcome::NotHere(format!("strace cannot make calls fail: {why}")));
    }
    let lanes = KINDS.iter().flat_map(|kind| FLOWS.iter().map(move |flow| (flow, *kind))).enumerate();
    let lane = |(number, (flow, kind)): (usize, (&'static Flow, (_, bool, _)))| {
        let first = 1 + number % SPREAD[usize::from(kind.1)];
        Lane { flow, kind, next: first, first, over: false }
    };
    let mut lanes: Vec<Lane> = lanes.map(lane).collect();
    let mut counted = Counted::default();
    let mut failed = 0;
    while lanes.iter().any(|lane| !lane.over) {
        for lane in lanes.iter_mut().filter(|lane| !lane.over) {
            if counted.trials >= u64::try_from(stage.trials)? || !stage.goes_on(counted.failures) {
                return Ok(Outcome::Counted(counted.measured(Measure::of(
                    "calls that failed",
                    stats::count(failed),
                    "",
                ))));
            }
            let (calls, broken) = again(&mut server, lane)?;
            failed += calls;
            counted.trial(broken);
            lane.advance(calls == 0);
        }
    }
    Ok(Outcome::Counted(counted.measured(Measure::of("calls that failed", stats::count(failed), ""))))
}

/// One try, or more if the first could be a misunderstanding: how many calls failed, and what did not hold.
fn again(server: &mut TesseraProcess, lane: &Lane) -> Result<(usize, Vec<String>), Problem> {
    for _ in 1..AGAIN {
        let tried = once(server, lane)?;
        if !tried.in_vain {
            return Ok((tried.failed, tried.broken));
        }
    }
    let mut tried = once(server, lane)?;
    if tried.in_vain {
        tried.broken.push(format!("{}: acknowledged although syncing had failed", tried.what));
    }
    Ok((tried.failed, tried.broken))
}

struct Tried {
    what: String,
    failed: usize,
    /// Acknowledged after a sync had failed: what failed may have been something else.
    in_vain: bool,
    broken: Vec<String>,
}

fn once(server: &mut TesseraProcess, lane: &Lane) -> Result<Tried, Problem> {
    let (flow, (calls, persistent, error)) = (lane.flow, lane.kind);
    let log = server.data().join("tessera.db-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > LONG_LOG) {
        server.restart();
    }
    let person = (flow.prepare)(server)?;
    let when = format!("{}{}", lane.next, if persistent { "+" } else { "" });
    let what = format!("{}, {error} at {calls} {when}", flow.name);
    let injection = Injection::on(server, &Failing { calls, error, when: &when })?;
    let acted = catch_unwind(AssertUnwindSafe(|| (flow.act)(server, &person)));
    let failed = injection.failed()?;
    drop(injection);
    let mut broken = Vec::new();
    if let Err(panic) = &acted {
        let said = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        if !said.contains("HTTP 503") {
            broken.push(format!("{what}: {said}"));
        }
    }
    if server.dies_within(Duration::ZERO) {
        broken.push(format!("{what}: the server ended"));
    } else if until_written(server).is_none() {
        broken.push(format!("{what}: nothing is written again"));
    }
    if server.output().contains("panicked") {
        broken.push(format!("{what}: {}", server.output()));
    }
    server.kill9();
    server.restart();
    broken.extend(sqlite::damage(&server.data())?);
    let half = flow.broken(server, &person, acted.is_ok());
    broken.extend(half.map(|half| format!("{what}: {half}")));
    Ok(Tried { in_vain: persistent && acted.is_ok() && failed > 0, what, failed, broken })
}
