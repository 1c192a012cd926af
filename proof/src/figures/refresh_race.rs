//! S1: one refresh token, used by many at once.

use std::collections::BTreeSet;

use defects::Defect;
use harness::actors::Tokens;

use crate::Problem;
use crate::cast::{account, addresses, events, fleet, refresh, session};
use crate::figure::{BOTH, Control, Counted, Figure, Outcome};
use crate::race::{Answers, with_racers};
use crate::stage::Stage;

pub(crate) const FIGURE: Figure = Figure {
    id: "S1",
    title: "one refresh token, used by 2 to 16 at once",
    goal: "exactly one successor and one recorded rotation in every trial",
    about: "Two to sixteen clients, on connections that are open, use one refresh token at the same moment; on \
            PostgreSQL half of them at a second server. Within the grace everybody gets the same successor, which is \
            the token of the next trial; more than one recorded rotation for a trial counts as failure too.",
    trials: "races",
    small: 150,
    full: 10_000,
    engines: BOTH,
    run,
    controls: &[Control { defect: Defect::NoGuards, engines: BOTH, within: 2_000 }],
};

const MOST: usize = 16;
/// After so many rotations of one session another one is opened and the rotations are counted.
const EACH: usize = 100;

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let fleet = fleet(stage, |options| options.env("TESSERA_SESSIONS__REFRESH_GRACE", "30m"));
    let first = &fleet[0];
    let mut counted = Counted::default();
    with_racers(&addresses(&fleet), MOST, |racers| {
        let mut left = stage.trials;
        while left > 0 && stage.goes_on(counted.failures) {
            let name = account(first)?;
            let mut tokens = session(first, &name);
            let races = left.min(EACH);
            for race in 0..races {
                let users = 2 + race % (MOST - 1);
                match one_successor(racers.race(vec![refresh(&tokens.refresh); users])) {
                    Ok(next) => {
                        tokens = next;
                        counted.trial(Vec::new());
                    }
                    Err(broken) => {
                        counted.trial(vec![broken]);
                        tokens = session(first, &name);
                    }
                }
            }
            let recorded = events(first, &name)?;
            let rotations = recorded.iter().filter(|event| event["kind"] == "session_refreshed").count();
            if rotations != races {
                counted.broken(vec![format!("{rotations} rotations were recorded for {races} races")]);
            }
            left -= races;
        }
        Ok(())
    })?;
    Ok(Outcome::Counted(counted))
}

fn one_successor(answers: Answers) -> Result<Tokens, String> {
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    if let Some(other) = answers.iter().find(|answer| answer.status != 200) {
        return Err(format!("a parallel use was refused: {other}"));
    }
    let bodies: BTreeSet<_> = answers.iter().map(|answer| answer.body.clone()).collect();
    let first = answers.into_iter().next().filter(|_| bodies.len() == 1);
    first.map(Tokens::of).ok_or_else(|| format!("one refresh token began {} lineages", bodies.len()))
}
