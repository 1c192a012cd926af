//! S12 and S13: the tests that docs/advisories.md and docs/asvs.md name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use defects::Defect;
use harness::cargo;
use harness::engine;
use harness::evidence::{Held, rows};

use crate::figure::{Control, Counted, EVERY, Figure, Measure, NO_ENGINE, Outcome};
use crate::stage::Stage;
use crate::tested::{Ended, ended, variable};
use crate::{Problem, workspace};

pub(crate) const HOLES: Figure = Figure {
    id: "S12",
    title: "holes of others",
    goal: "rows with a test that is missing or fails 0, rows with neither a test nor a reason 0",
    about: "What went wrong in products like this one, row by row with the test that would fail if it went wrong here \
            (docs/advisories.md). In full runs every named test is run; in small ones, which follow a run of all \
            tests, it must be there. Tests with one body for both engines run on SQLite here, and those of the whole \
            program on its debug binary. Only rows with tests are counted. The mistake is a row that names a test that \
            there is not.",
    trials: "rows",
    small: 0,
    full: EVERY,
    engines: NO_ENGINE,
    run: |stage| run(stage, "advisories.md"),
    controls: &[Control { defect: Defect::TestMissing, engines: NO_ENGINE, within: 0 }],
};

pub(crate) const REQUIREMENTS: Figure = Figure {
    id: "S13",
    title: "requirements of OWASP ASVS 5.0",
    about: "What the standard asks of authentication, sessions and tokens, row by row with the test, the page or the \
            operator's duty that holds it (docs/asvs.md). Tried as S12 is.",
    run: |stage| run(stage, "asvs.md"),
    ..HOLES
};

/// The ends of the names of one test for several engines.
const ARMS: [&str; 3] = ["sqlite", "sqlite_memory", "postgres"];

/// A row as the pages have them, with a test that there is not.
const MISTAKE: &str = "| id | here |\n|---|---|\n| planted | `nothing::no_test_has_this_name` |\n";

fn run(stage: &Stage, page: &str) -> Result<Outcome, Problem> {
    let mut text = fs::read_to_string(workspace().join("docs").join(page))?;
    if stage.defect == Some(Defect::TestMissing) {
        text.push_str(&format!("\n{MISTAKE}"));
    }
    let names: Vec<&str> = named(&text).into_iter().collect();
    let is_listed_only = stage.trials != EVERY;
    let names = if is_listed_only { vec!["--list"] } else { names };
    let mut command = cargo::test(&workspace(), &["--tests"], &names);
    let ended = ended(command.env(engine::VARIABLE, variable(stage.engine)))?;
    Ok(Outcome::Counted(judged(&text, &ended, is_listed_only)))
}

/// The tests that a page names, without their files.
fn named(page: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for row in rows(page) {
        if let Held::Tests(cited) = row.held {
            names.extend(cited.into_iter().filter_map(|one| one.rsplit("::").next()));
        }
    }
    names
}

fn judged(page: &str, ended: &BTreeMap<String, Ended>, is_listed_only: bool) -> Counted {
    let mut counted = Counted::default();
    let mut otherwise = BTreeMap::<&str, u32>::new();
    for row in rows(page) {
        match row.held {
            Held::Tests(cited) => {
                let wrong = |one: &str| {
                    wrong(one, ended, is_listed_only).map(|what| format!("{}: {one}: {what}", row.id))
                };
                counted.trial(cited.into_iter().filter_map(wrong).collect());
            }
            Held::Otherwise(words) => *otherwise.entry(words).or_default() += 1,
            Held::Nothing(text) => {
                counted.broken(vec![format!("{}: neither a test nor a reason: {text}", row.id)]);
            }
        }
    }
    counted.measures =
        otherwise.iter().map(|(words, rows)| Measure::of(words, f64::from(*rows), "")).collect();
    counted
}

/// What is wrong with a test, if anything is. Those of its name in other files, and on each engine, count too.
fn wrong(cited: &str, ended: &BTreeMap<String, Ended>, is_listed_only: bool) -> Option<String> {
    let name = cited.rsplit("::").next().unwrap_or_default();
    // What macros call the arms that they make of a test.
    let own = |path: &str| path.rsplit("::").find(|part| !ARMS.contains(part)).is_some_and(|own| own == name);
    let mut same = ended.iter().filter(|(path, _)| own(path)).peekable();
    if same.peek().is_none() {
        return Some("there is no such test".to_owned());
    }
    same.find_map(|(path, how)| match how {
        Ended::Good => None,
        Ended::NotRun => (!is_listed_only).then(|| format!("{path} was not run")),
        Ended::Failed(said) => Some(format!("{path}: {said}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "| id | here |\n|---|---|\n| A | `x/y::works` |\n| B | `x/y::works`, `z::breaks` |\n\
                        | C | operator: in front |\n";

    fn after(how: &[(&str, Ended)], page: &str, is_listed_only: bool) -> Counted {
        let ended = how.iter().map(|(name, how)| ((*name).to_owned(), how.clone())).collect();
        judged(page, &ended, is_listed_only)
    }

    #[test]
    fn a_row_holds_when_all_its_tests_do() {
        let good = [("y::works::sqlite", Ended::Good), ("z::breaks", Ended::Good)];
        let counted = after(&good, PAGE, false);
        assert_eq!((counted.trials, counted.failures), (2, 0));
        assert_eq!(counted.measures.len(), 1, "{:?}", counted.measures);
        let bad = [("y::works::sqlite", Ended::Good), ("z::breaks", Ended::Failed("no".to_owned()))];
        assert_eq!(after(&bad, PAGE, false).failures, 1);
        let not_run = [("y::works::sqlite", Ended::Good), ("z::breaks", Ended::NotRun)];
        assert_eq!((after(&not_run, PAGE, false).failures, after(&not_run, PAGE, true).failures), (1, 0));
    }

    #[test]
    fn what_is_missing_or_not_said_is_noticed() {
        let listed = [("y::works", Ended::NotRun), ("z::breaks", Ended::NotRun)];
        assert_eq!(after(&listed, PAGE, true).failures, 0);
        assert_eq!(after(&listed, &format!("{PAGE}\n{MISTAKE}"), true).failures, 1);
        assert_eq!(after(&listed, "| id | here |\n|---|---|\n| D | soon |\n", true).failures, 1);
        assert_eq!(named(PAGE), BTreeSet::from(["works", "breaks"]));
    }
}
