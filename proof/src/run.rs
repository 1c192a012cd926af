//! Runs a figure: on each engine against the plain binary, then against every mistake that it must notice.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use harness::cargo::{Profile, build};
use harness::engine::Engine;
use harness::machine::{self, Watch};

use crate::Problem;
use crate::figure::{Control, Counted, Engines, Figure, Outcome, Size};
use crate::results::{Controlled, Entry, OnEngine};
use crate::stage::{CONTROL_LIMIT, Stage};

/// Above this, a time says nothing.
const MOST_OTHERS: f64 = 0.05;

/// The binaries that are tried.
pub(crate) struct Program {
    plain: PathBuf,
    defects: PathBuf,
    without_postgres: bool,
    commit: String,
}

/// What can be said about a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    Failed,
    NotHere,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "FAILED",
            Self::NotHere => "not run here",
        })
    }
}

impl Program {
    /// The given binaries, or those of the sources, built as well as this program is.
    pub(crate) fn of(
        root: &Path,
        plain: Option<&Path>,
        defects: Option<&Path>,
        without_postgres: bool,
    ) -> Result<Self, Problem> {
        let profile = if cfg!(debug_assertions) { Profile::Dev } else { Profile::Release };
        let given_or = |given: Option<&Path>, name: &str, features: &[&str]| match given {
            Some(path) => std::path::absolute(path),
            None => build(root, profile, name, features),
        };
        let plain = given_or(plain, "tessera", &[])?;
        let defects = given_or(defects, "tessera-defects", &["seeded-defects"])?;
        for (path, expected) in [(&plain, false), (&defects, true)] {
            if machine::said(std::process::Command::new(path).arg("--version")).contains("SEEDED") != expected
            {
                return Err(format!("{} is not the binary that is needed here", path.display()).into());
            }
        }
        Ok(Self { plain, defects, without_postgres, commit: machine::commit(root) })
    }

    /// Those of the engines that are wanted; one place if there are none to choose from.
    fn places(&self, engines: Engines) -> Vec<Place> {
        let place = |engine: &Engine| match engine {
            Engine::Sqlite => Some(SQLITE),
            Engine::Postgres => (!self.without_postgres).then_some(POSTGRES),
        };
        if engines.each.is_empty() { vec![NOWHERE] } else { engines.each.iter().filter_map(place).collect() }
    }
}

/// Where something is tried.
#[derive(Clone, Copy)]
struct Place {
    engine: Engine,
    /// Its name for people.
    name: &'static str,
}

const SQLITE: Place = Place { engine: Engine::Sqlite, name: "SQLite" };
const POSTGRES: Place = Place { engine: Engine::Postgres, name: "PostgreSQL" };
/// For what has no database; the engine is not used.
const NOWHERE: Place = Place { engine: Engine::Sqlite, name: "no database" };

/// Runs a figure with its controls. Whatever goes wrong is a failure of the figure.
pub(crate) fn run(figure: &Figure, program: &Program, size: Size) -> (Entry, Verdict) {
    let (began, watch) = (Instant::now(), Watch::now());
    let trials = match size {
        Size::Small => figure.small,
        Size::Full => figure.full,
    };
    let on = |place: Place| {
        let stage = Stage {
            binary: &program.plain,
            engine: place.engine,
            trials,
            defect: None,
            can_crash: &program.defects,
            deadline: None,
        };
        OnEngine { engine: place.name.to_owned(), outcome: tried(figure, &stage) }
    };
    let places = program.places(figure.engines);
    let engines: Vec<OnEngine> = match figure.engines.at_once {
        true => std::thread::scope(|scope| {
            let running: Vec<_> = places.into_iter().map(|place| scope.spawn(move || on(place))).collect();
            running.into_iter().map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        }),
        false => places.into_iter().map(on).collect(),
    };
    let mut controls = Vec::new();
    // What was not tried at all has nothing to notice with.
    if engines.iter().any(|on| matches!(on.outcome, Outcome::Counted(_))) {
        for control in figure.controls {
            let places = program.places(control.engines);
            controls
                .extend(places.into_iter().filter_map(|place| controlled(figure, control, program, place)));
        }
    }
    let entry = Entry {
        date: machine::today(),
        commit: program.commit.clone(),
        seconds: began.elapsed().as_secs(),
        release: !cfg!(debug_assertions),
        others: (watch.others() * 1e3).round() / 1e3,
        engines,
        controls,
    };
    let verdict = verdict(&entry, size);
    (entry, verdict)
}

/// What can be said about a run of that size.
pub(crate) fn verdict(entry: &Entry, size: Size) -> Verdict {
    let judging_times = size == Size::Full && entry.others <= MOST_OTHERS;
    let counted = || {
        entry.engines.iter().filter_map(|on| match &on.outcome {
            Outcome::Counted(counted) => Some(counted),
            Outcome::NotHere(_) => None,
        })
    };
    let noticed = entry.controls.iter().all(|control| control.noticed);
    match counted().count() {
        0 => Verdict::NotHere,
        _ if noticed && counted().all(|counted| counted.holds(judging_times)) => Verdict::Passed,
        _ => Verdict::Failed,
    }
}

/// Tries a figure; what keeps it from being tried is counted as a failure.
fn tried(figure: &Figure, stage: &Stage) -> Outcome {
    let failure = |what: String| {
        let mut counted = Counted::default();
        counted.trial(vec![what]);
        Outcome::Counted(counted)
    };
    attempt(figure, stage).unwrap_or_else(|why| failure(format!("could not be tried: {why}")))
}

/// The harness panics when a server does not do what every server does.
fn attempt(figure: &Figure, stage: &Stage) -> Result<Outcome, String> {
    let run = catch_unwind(AssertUnwindSafe(|| (figure.run)(stage)));
    match run {
        Ok(outcome) => outcome.map_err(|problem| problem.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(text.unwrap_or_else(|| "it panicked".to_owned()))
        }
    }
}

/// Tries a figure with a mistake; none if that cannot be done here. A run that broke off has noticed nothing.
fn controlled(figure: &Figure, control: &Control, program: &Program, place: Place) -> Option<Controlled> {
    let stage = Stage {
        binary: &program.defects,
        engine: place.engine,
        trials: control.within,
        defect: Some(control.defect),
        can_crash: &program.defects,
        deadline: Some(Instant::now() + CONTROL_LIMIT),
    };
    let (noticed, trials, by) = match attempt(figure, &stage) {
        Ok(Outcome::NotHere(_)) => return None,
        Ok(Outcome::Counted(counted)) => {
            let noticed = counted.trials > 0 && !counted.holds(true);
            let shown = counted.examples.first().cloned();
            let what = if noticed { "a measure beyond its aim" } else { "everything held" };
            (noticed, counted.trials, shown.unwrap_or_else(|| what.to_owned()))
        }
        Err(why) => (false, 0, format!("could not be tried: {why}")),
    };
    let defect = control.defect.name().to_owned();
    Some(Controlled { defect, engine: place.name.to_owned(), noticed, trials, by })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(outcome: Outcome, noticed: bool) -> Entry {
        Entry {
            date: String::new(),
            commit: String::new(),
            seconds: 0,
            release: true,
            others: 0.0,
            engines: vec![OnEngine { engine: "SQLite".into(), outcome }],
            controls: vec![Controlled {
                defect: "no-guards".into(),
                engine: "SQLite".into(),
                noticed,
                trials: 1,
                by: String::new(),
            }],
        }
    }

    #[test]
    fn a_figure_that_does_not_notice_its_mistake_has_failed() {
        let good = Outcome::Counted(Counted { trials: 1, ..Counted::default() });
        assert_eq!(verdict(&entry(good.clone(), true), Size::Small), Verdict::Passed);
        assert_eq!(verdict(&entry(good, false), Size::Small), Verdict::Failed);
    }

    #[test]
    fn what_cannot_be_run_is_neither_passed_nor_failed() {
        let not_here = Outcome::NotHere("no privilege".into());
        assert_eq!(verdict(&entry(not_here, true), Size::Small), Verdict::NotHere);
    }
}
