//! D1: the process is killed under load.

use std::time::Instant;

use defects::Defect;
use harness::ledger::{settings, until_the_end};
use harness::process::TesseraProcess;

use crate::Problem;
use crate::figure::{BOTH, Control, Counted, Figure, Measure, Outcome};
use crate::stage::Stage;
use crate::{sqlite, stats};

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
    let mut counted = Counted::default();
    let (mut everybody, mut promised, mut ready) = (Vec::new(), 0, Vec::new());
    for number in 0..stage.trials {
        let mut known = until_the_end(&mut server, number, 40 + number * 37 % 50, TesseraProcess::kill9);
        let began = Instant::now();
        server.restart();
        ready.push(began.elapsed().as_secs_f64());
        if stage.is_file() {
            known.broken.extend(sqlite::damage(&server.data())?);
        }
        for (number, person) in known.people.iter_mut().enumerate() {
            known.broken.extend(person.audit(&server, number % 3 == 0));
        }
        if server.output().contains("panicked") {
            known.broken.push(server.output());
        }
        counted.trial(known.broken);
        if !stage.goes_on(counted.failures) {
            break;
        }
        promised += known.promised;
        everybody.extend(known.people);
    }
    if !stage.is_control() {
        // Those of early rounds have lived through every later one.
        everybody.iter_mut().for_each(|person| counted.broken(person.audit(&server, false)));
    }
    Ok(Outcome::Counted(
        counted.measured(Measure::of("acknowledged changes", stats::count(promised), "")).measured(
            Measure::of("ready again, p99", stats::percentile(&mut ready, 0.99), "s").at_most(1.0).timed(),
        ),
    ))
}
