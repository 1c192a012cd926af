//! D1: the process is killed under load.

use defects::Defect;
use harness::ledger::settings;
use harness::process::TesseraProcess;

use crate::Problem;
use crate::figure::{BOTH, Control, Figure, Measure, Outcome};
use crate::rounds::rounds;
use crate::stage::Stage;
use crate::stats;

pub(crate) const FIGURE: Figure = Figure {
    id: "D1",
    title: "kill -9 under mixed load",
    goal: "acknowledged changes lost 0, ended sessions revived 0, damaged databases 0; ready again in at most 1 s \
           at the 99th percentile",
    about: "Six clients register, sign in, refresh, sign out, reset passwords and change permissions until the server \
            is killed in the middle; it is started again, and held to every answer that had arrived, the oldest \
            refresh tokens and used reset tokens included.",
    trials: "kills",
    small: 8,
    full: 200,
    engines: BOTH,
    run,
    controls: &[Control { defect: Defect::AnswerBeforeCommit, engines: BOTH, within: 20 }],
};

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let mut server = TesseraProcess::start(settings(stage.options()));
    let (counted, mut ready) = rounds(stage, &mut server, |server| {
        server.kill9();
        Ok(())
    })?;
    let ready = Measure::of("ready again, p99", stats::percentile(&mut ready, 0.99), "s");
    Ok(Outcome::Counted(counted.measured(ready.at_most(1.0).timed())))
}
