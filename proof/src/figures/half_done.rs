//! D6: the process ends after any commit of a flow.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use defects::{CRASH_VARIABLE, Defect};
use harness::process::TesseraProcess;

use crate::Problem;
use crate::figure::{BOTH, Control, Counted, Figure, Measure, Outcome};
use crate::flows::{FLOWS, Flow};
use crate::stage::Stage;
use crate::stats;

pub(crate) const FIGURE: Figure = Figure {
    id: "D6",
    title: "the end after any commit of a flow",
    goal: "half-done flows 0",
    about: "Registration, confirmation, reset, new password, enrolment of a second factor, sign-in with a backup code \
            and deletion are each run on a server that ends right after its first commit, before anybody is told; then \
            after its second, and so on until the flow passes. Started again, the server must have done each step as a \
            whole or not at all, and the client must be able to go on. What is done in the background commits too, so \
            some of the ends meet that instead.",
    trials: "ends",
    small: 1,
    full: 20,
    engines: BOTH,
    run,
    controls: &[Control { defect: Defect::BatchInPieces, engines: BOTH, within: 1 }],
};

/// How long a server that hangs up may take to be gone.
const DYING: Duration = Duration::from_secs(10);
/// A flow that takes more commits than this does not end.
const MOST: usize = 40;

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let mut server = TesseraProcess::start(stage.crashing_options());
    let mut counted = Counted::default();
    let mut longest = 0;
    for _ in 0..stage.trials {
        for flow in &FLOWS {
            longest = longest.max(sweep(stage, &mut server, flow, &mut counted)?);
            if !stage.goes_on(counted.failures) {
                return Ok(Outcome::Counted(counted));
            }
        }
    }
    let longest = Measure::of("most commits until a flow passed", stats::count(longest), "");
    Ok(Outcome::Counted(counted.measured(longest)))
}

/// Ends the server after each commit of a flow in turn; how many there were.
fn sweep(
    stage: &Stage,
    server: &mut TesseraProcess,
    flow: &Flow,
    counted: &mut Counted,
) -> Result<usize, Problem> {
    for commits in 1..=MOST {
        let person = (flow.prepare)(server)?;
        server.set_env(CRASH_VARIABLE, &commits.to_string());
        // What is done in the background may be what ends it, even before anybody asks for anything.
        let passed = catch_unwind(AssertUnwindSafe(|| {
            server.restart();
            (flow.act)(server, &person);
        }));
        let died = passed.is_err() && server.dies_within(DYING);
        server.kill9();
        server.set_env(CRASH_VARIABLE, "0");
        server.restart();
        let mut broken = Vec::new();
        if passed.is_err() && !died {
            broken.push(format!("{}: a wrong answer before the end", flow.name));
        }
        let half = flow.broken(server, &person, passed.is_ok());
        broken.extend(half.map(|half| format!("{} after {commits}: {half}", flow.name)));
        counted.trial(broken);
        if passed.is_ok() || !stage.goes_on(counted.failures) {
            return Ok(commits);
        }
    }
    Err(format!("{} does not pass", flow.name).into())
}
