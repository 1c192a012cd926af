//! Load, an end without warning, a new start, and an audit, over and over.

use std::time::Instant;

use harness::ledger::until_the_end;
use harness::process::TesseraProcess;

use crate::figure::{Counted, Measure};
use crate::stage::Stage;
use crate::{Problem, sqlite, stats};

/// What was counted, and how long each start took in seconds. `end` must leave the server dead.
pub(crate) fn rounds(
    stage: &Stage,
    server: &mut TesseraProcess,
    mut end: impl FnMut(&mut TesseraProcess) -> Result<(), Problem>,
) -> Result<(Counted, Vec<f64>), Problem> {
    let mut counted = Counted::default();
    let (mut everybody, mut promised, mut ready) = (Vec::new(), 0, Vec::new());
    for number in 0..stage.trials {
        let mut ended = Ok(());
        let enough = 40 + number * 37 % 50;
        let mut known = until_the_end(server, number, enough, |server| ended = end(server));
        ended?;
        let began = Instant::now();
        server.restart();
        ready.push(began.elapsed().as_secs_f64());
        if stage.is_file() {
            known.broken.extend(sqlite::damage(&server.data())?);
        }
        for (number, person) in known.people.iter_mut().enumerate() {
            known.broken.extend(person.audit(server, number % 3 == 0));
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
        everybody.iter_mut().for_each(|person| counted.broken(person.audit(server, false)));
    }
    Ok((counted.measured(Measure::of("acknowledged changes", stats::count(promised), "")), ready))
}
