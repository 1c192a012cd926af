//! Figures that consist of tests of ours: those are run once more, on the binary of a stage, and say how much they
//! tried (`harness::figure`).

use std::collections::BTreeMap;
use std::process::Command;

use harness::cargo;
use harness::engine::{self, Engine};
use harness::figure;
use tempfile::NamedTempFile;

use crate::figure::{Counted, EVERY, Measure, Outcome};
use crate::stage::Stage;
use crate::{Problem, workspace};

/// Tests that make up a figure.
pub(crate) struct Tests {
    /// What cargo is told to build for them.
    pub(crate) chosen: &'static [&'static str],
    /// Parts of their names.
    pub(crate) names: &'static [&'static str],
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ended {
    Good,
    /// It was only listed, or left out, or what became of it cannot be read.
    NotRun,
    /// It failed, and what it said.
    Failed(String),
}

/// How a test fails that could not try anything (`harness::process`).
const NO_SERVER: &str = "the server did not start";

impl Tests {
    /// Runs them on a stage. What they tried is counted, and each that fails, is missing, or tried too little.
    pub(crate) fn run(&self, stage: &Stage) -> Result<Outcome, Problem> {
        let tally = NamedTempFile::new()?;
        let mut command = cargo::test(&workspace(), self.chosen, self.names);
        command.env(figure::BINARY, stage.binary).env(figure::TALLY, tally.path());
        command.env(engine::VARIABLE, variable(stage.engine));
        if stage.trials != EVERY {
            command.env(figure::TRIALS, stage.trials.to_string());
        }
        if let Some(defect) = stage.defect {
            command.env(defects::VARIABLE, defect.name());
        }
        let ended = ended(&mut command)?;
        let mut counted = counted(&ended, &figure::tally(tally.path())?);
        let missing = self.names.iter().filter(|name| !ended.keys().any(|test| test.contains(**name)));
        counted.broken(missing.map(|name| format!("no test is named {name}")).collect());
        let wanted = if stage.is_control() || stage.trials == EVERY { 1 } else { stage.trials };
        if usize::try_from(counted.trials).is_ok_and(|tried| tried < wanted) {
            counted.broken(vec![format!("{wanted} were to be tried")]);
        }
        match counted.examples.iter().find(|example| example.contains(NO_SERVER)) {
            Some(example) => Err(example.clone().into()),
            None => Ok(Outcome::Counted(counted)),
        }
    }
}

/// What [`engine::VARIABLE`] calls an engine.
pub(crate) fn variable(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}

fn counted(ended: &BTreeMap<String, Ended>, tally: &[(u64, String)]) -> Counted {
    let mut counted = Counted::default();
    let mut by_kind = BTreeMap::<&str, u64>::new();
    for (count, what) in tally {
        *by_kind.entry(what).or_default() += count;
    }
    counted.trials = by_kind.values().sum();
    if by_kind.len() > 1 {
        let number = |count: u64| u32::try_from(count).map_or(f64::INFINITY, f64::from);
        counted.measures =
            by_kind.iter().map(|(what, count)| Measure::of(what, number(*count), "")).collect();
    }
    for (name, ended) in ended {
        match ended {
            Ended::Good => {}
            Ended::NotRun => counted.broken(vec![format!("{name} was not run")]),
            Ended::Failed(said) => counted.broken(vec![format!("{name}: {said}")]),
        }
    }
    counted
}

/// Runs `cargo test`; how each test ended, by its name. An error if one broke off without saying how it ended.
pub(crate) fn ended(command: &mut Command) -> Result<BTreeMap<String, Ended>, Problem> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let ended = read(&said);
    // Besides a test that fails, sources that cannot be built make cargo fail, and a program that dies.
    let failed = ended.values().any(|how| matches!(how, Ended::Failed(_)));
    if ended.is_empty() || failed == output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo test broke off: {}", why.lines().last().unwrap_or_default()).into());
    }
    Ok(ended)
}

fn read(said: &str) -> BTreeMap<String, Ended> {
    let mut all = BTreeMap::new();
    for line in said.lines() {
        let listed = line.strip_suffix(": test").map(|name| (name, Ended::NotRun));
        let run = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")).map(|(name, how)| {
            let name = name.strip_suffix(" - should panic").unwrap_or(name);
            let ended = match how {
                "ok" => Ended::Good,
                "FAILED" => Ended::Failed(panic_of(said, name)),
                _ => Ended::NotRun,
            };
            (name, ended)
        });
        if let Some((name, ended)) = listed.or(run) {
            // Of two tests with one name in two programs, the one that ended worse is kept.
            let kept = all.entry(name.to_owned()).or_insert(Ended::Good);
            *kept = ended.max(kept.clone());
        }
    }
    all
}

/// What a test said when it failed.
fn panic_of(said: &str, name: &str) -> String {
    let head = format!("---- {name} stdout ----");
    let section =
        said.lines().skip_while(|line| *line != head).skip(1).take_while(|line| !line.starts_with("---- "));
    let panic = section.skip_while(|line| !line.contains("panicked at")).skip(1).take(3);
    panic.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "running 3 tests\ntest a::works ... ok\ntest a::breaks ... FAILED\ntest b::rests ... ignored\n\n\
                        failures:\n\n---- a::breaks stdout ----\n\nthread 'a::breaks' panicked at x.rs:1:2:\n\
                        2 were accepted\nleft\n\nfailures:\n    a::breaks\n\ntest result: FAILED. 1 passed; 1 failed\n";

    #[test]
    fn what_tests_say_is_read() {
        let ended = read(SAID);
        assert_eq!(ended["a::works"], Ended::Good);
        assert_eq!(ended["b::rests"], Ended::NotRun);
        let Ended::Failed(said) = &ended["a::breaks"] else { panic!("{ended:?}") };
        assert!(said.starts_with("2 were accepted left"), "{said}");
        assert_eq!(read("a: test\nb: bench\n"), BTreeMap::from([("a".to_owned(), Ended::NotRun)]));
        let twice = read("test a ... ignored\ntest a - should panic ... FAILED\n");
        assert_eq!(twice["a"], Ended::Failed(String::new()), "the worse one is kept");
    }

    #[test]
    fn what_was_tried_is_counted_and_each_test_that_failed() {
        let tally = [(3, "mutants".to_owned()), (4, "kinds".to_owned()), (5, "mutants".to_owned())];
        let both = counted(&read(SAID), &tally);
        // The one that rests counts too.
        assert_eq!((both.trials, both.failures, both.measures.len()), (12, 2, 2));
        let one = counted(&read("test a ... ok\n"), &tally[..1]);
        assert_eq!((one.trials, one.failures, one.measures.len()), (3, 0, 0));
        assert!(
            !counted(&read("test a ... ok\n"), &[]).holds(true),
            "a test that tried nothing shows nothing"
        );
    }
}
