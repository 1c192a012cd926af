//! The results that are kept, made readable: docs/performance.md and its pictures.

mod chart;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use crate::results::{Comparison, Outcome};
use crate::{Problem, context, peers, say, scenarios};

/// Writes the page and its pictures, and names the scenarios that were never measured.
pub(crate) fn write(root: &Path) -> Result<(), Problem> {
    let mut outcomes = Vec::new();
    for scenario in &scenarios::ALL {
        outcomes.extend(Outcome::load(&context::results(root), scenario.name)?);
    }
    outcomes.extend(Outcome::load(&context::results(root), peers::NAME)?);
    let Some(first) = outcomes.first() else { return Err("nothing was measured yet".into()) };
    let pictures = root.join("docs/performance");
    fs::create_dir_all(&pictures)?;
    for outcome in &outcomes {
        if let Some(svg) = chart::of(outcome)? {
            fs::write(pictures.join(format!("{}.svg", outcome.scenario)), svg)?;
        }
    }
    let page = root.join("docs/performance.md");
    let limits: BTreeMap<&str, String> = outcomes
        .iter()
        .map(|outcome| Ok((&*outcome.scenario, limits(root, &outcome.scenario)?)))
        .collect::<io::Result<_>>()?;
    fs::write(&page, text(first, &outcomes, &limits))?;
    say::line(format_args!("written to {}", page.display()));
    Ok(())
}

/// What was found out about a scenario by other means, in paragraphs; nothing if it was not written down.
fn limits(root: &Path, scenario: &str) -> io::Result<String> {
    match fs::read_to_string(root.join("bench/limits").join(scenario).with_extension("md")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read,
    }
}

fn text(first: &Outcome, outcomes: &[Outcome], limits: &BTreeMap<&str, String>) -> String {
    let machine = &first.machine;
    let mut text = format!(
        "# Performance\n\nEach section is what `cargo run -p bench --release -- NAME` measured last, `NAME` being its \
         heading; `all` measures every one, and `report` writes this page.\n\
         Everything is measured beside a floor, in turn, over and over, by the same client; what counts is the \
         ratio of the medians. Where others used more than a twentieth of the processors no time is judged. In \
         brackets stand the least and the most. Every write is on disk before it is answered, as in production. What \
         limits a scenario, as far as measuring has shown it, is told below its figures (it stands in `bench/limits`).\n\n\
         Machine: {} ({} cores), {} MiB of memory, Linux {}, {}.\n",
        machine.cpu, machine.cores, machine.memory_mib, machine.kernel, machine.rustc
    );
    let missing: Vec<&str> = scenarios::ALL
        .iter()
        .map(|scenario| scenario.name)
        .filter(|name| outcomes.iter().all(|outcome| outcome.scenario != *name))
        .collect();
    if !missing.is_empty() {
        _ = writeln!(text, "\nWithout a result that is kept: {}.", missing.join(", "));
    }
    for outcome in outcomes {
        _ = write!(text, "\n{}", section(outcome, limits.get(&*outcome.scenario).map_or("", String::as_str)));
    }
    text
}

fn section(outcome: &Outcome, limits: &str) -> String {
    let Outcome { scenario, about, commit, date, machine, others, comparisons, history, .. } = outcome;
    let mut text = format!("## {scenario}\n\n{about}\n\n");
    if chart::shown(outcome).next().is_some() {
        _ = write!(text, "![{scenario}](performance/{scenario}.svg)\n\n");
    }
    text.push_str("| | Tessera | beside | ratio | goal | |\n|---|---|---|---|---|---|\n");
    comparisons.iter().for_each(|comparison| text.push_str(&row(comparison, *others)));
    _ = write!(
        text,
        "\n{date}, commit {commit}; load average before {}, others used {:.0} % of the processors.\n",
        machine.load,
        others * 100.0
    );
    if !limits.is_empty() {
        _ = write!(text, "\n{limits}");
    }
    if history.len() > 1 {
        text.push_str("\n| date | commit | | |\n|---|---|---|---|\n");
        for past in history {
            for (name, median) in &past.medians {
                _ = writeln!(text, "| {} | {} | {name} | {} |", past.date, past.commit, say::short(*median));
            }
        }
    }
    text
}

fn row(comparison: &Comparison, others: f64) -> String {
    let Comparison { name, unit, subject, floor, goal } = comparison;
    let beside = floor
        .as_ref()
        .map_or(String::new(), |floor| format!("{} {unit}: {}", say::spread(&floor.samples), floor.name));
    let ratio = comparison.times().map_or(String::new(), |times| format!("{times:.2}"));
    let aim = goal.map_or(String::new(), |goal| format!("{goal}{}", say::of_unit(goal, unit)));
    let subject = say::spread(subject);
    format!("| {name} | {subject} {unit} | {beside} | {ratio} | {aim} | {} |\n", comparison.verdict(others))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{Goal, Past};
    use harness::machine::Machine;

    fn outcome() -> Outcome {
        Outcome {
            scenario: "check".into(),
            about: "Checking.".into(),
            machine: Machine::default(),
            commit: "c0ffee".into(),
            date: "2026-01-31".into(),
            command: String::new(),
            quick: false,
            others: 0.01,
            comparisons: vec![
                Comparison::alone("quick check", "per second", vec![90.0, 80.0, 100.0])
                    .beside("bare", vec![100.0])
                    .aiming(Goal::TimesAtLeast(0.85)),
                Comparison::alone("late answer", "ms", vec![7.0]).aiming(Goal::AtMost(5.0)),
            ],
            history: Vec::new(),
        }
    }

    #[test]
    fn a_row_says_what_was_measured_aimed_at_and_reached() {
        let section = section(&outcome(), "Threads take turns.\n");
        let reached = "| quick check | 90.00 [80.00 .. 100.0] per second | 100.0 per second: bare | 0.90 | at least 0.85 times | reached |";
        assert!(section.contains(reached), "{section}");
        assert!(section.contains("| late answer | 7.00 ms |  |  | at most 5 ms | MISSED |"), "{section}");
        assert!(section.contains("performance/check.svg") && section.contains("commit c0ffee"));
        assert!(section.contains(".\n\nThreads take turns.\n"), "{section}");
    }

    #[test]
    fn what_limits_is_told_of_scenarios_that_there_are() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let told = scenarios::ALL.iter().filter(|one| !limits(root, one.name).unwrap().is_empty());
        assert_eq!(told.count(), fs::read_dir(root.join("bench/limits")).unwrap().count());
        assert_eq!(limits(root, "nothing").unwrap(), "");
    }

    #[test]
    fn what_was_not_measured_is_named() {
        let page = text(&outcome(), &[outcome()], &BTreeMap::new());
        assert!(page.contains("kept: sign-in, register, refresh,"), "{page}");
        let all = scenarios::ALL.iter().map(|one| Outcome { scenario: one.name.into(), ..outcome() });
        let page = text(&outcome(), &all.collect::<Vec<_>>(), &BTreeMap::new());
        assert!(!page.contains("Without a result"), "{page}");
    }

    #[test]
    fn a_disturbed_run_is_shown_as_such() {
        let section = section(&Outcome { others: 0.4, ..outcome() }, "");
        assert!(section.contains("not judged") && section.contains("40 %"), "{section}");
        assert!(!section.contains("reached") && !section.contains("MISSED"), "{section}");
    }

    #[test]
    fn a_history_is_shown_once_there_is_one() {
        let mut outcome = outcome();
        outcome.history.push(outcome.past());
        assert!(!section(&outcome, "").contains("| date |"));
        let medians = [("quick check".to_owned(), 50.0)].into();
        outcome.history.push(Past { date: "2026-02-01".into(), commit: "beef".into(), medians });
        assert!(section(&outcome, "").contains("| 2026-02-01 | beef | quick check | 50.00 |"));
    }

    #[test]
    fn a_picture_shows_every_comparison_that_has_a_floor() {
        let svg = chart::of(&outcome()).unwrap().unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("quick check") && !svg.contains("late answer"));
    }
}
