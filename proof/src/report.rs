//! The results that are kept, made readable: docs/proof.md.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::figure::{Figure, Outcome, Size};
use crate::results::{Entry, Results};
use crate::{Problem, figures, results, run, say};

/// Writes the page.
pub(crate) fn write(root: &Path) -> Result<(), Problem> {
    let page = root.join("docs/proof.md");
    fs::write(&page, text(figures::ALL, &results::load(root)?))?;
    say::line(format_args!("written to {}", page.display()));
    Ok(())
}

fn text(figures: &[&Figure], results: &Results) -> String {
    let mut text = "# Proof\n\n\
         What Tessera promises, tried on the real binary by `cargo run -p proof --release -- full` and written down by \
         `-- report`. Each figure is also tried on a server with a mistake made on purpose, its positive control: a \
         figure that does not notice has failed, whatever else it counted. Those without a database try a part of the \
         program by itself, as its tests do, or what is written about it. No failure in n trials means at most 3/n \
         with 95 % confidence. Times are judged in full runs only, on a machine that nobody else uses.\n\n\
         | | figure | goal | result | controls noticed | |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for figure in figures {
        text.push_str(&row(figure, results));
    }
    for figure in figures {
        _ = write!(text, "\n{}", section(figure, results));
    }
    text
}

fn row(figure: &Figure, results: &Results) -> String {
    let Figure { id, title, goal, .. } = figure;
    let Some((entry, size)) = results.get(*id).and_then(|kept| kept.best()) else {
        return format!("| {id} | {title} | {goal} | not run yet | | |\n");
    };
    let on = |on: &results::OnEngine| match &on.outcome {
        Outcome::Counted(counted) => format!("{}: {} in {}", on.engine, counted.failures, counted.trials),
        Outcome::NotHere(_) => format!("{}: not run here", on.engine),
    };
    let counts = entry.engines.iter().map(on).collect::<Vec<_>>().join("<br>");
    let noticed = entry.controls.iter().filter(|control| control.noticed).count();
    let verdict = run::verdict(entry, size);
    let small = if size == Size::Small { ", small" } else { "" };
    format!(
        "| {id} | {title} | {goal} | {counts} | {noticed} of {} | {verdict}{small} |\n",
        entry.controls.len()
    )
}

fn section(figure: &Figure, results: &Results) -> String {
    let Figure { id, title, goal, about, .. } = figure;
    let mut text = format!("## {id}: {title}\n\n{about}\n\nGoal: {goal}.\n\n");
    match results.get(*id).and_then(|kept| kept.best()) {
        Some((entry, size)) => text.push_str(&run_of(figure, entry, size)),
        None => text.push_str("Not run yet.\n"),
    }
    text
}

fn run_of(figure: &Figure, entry: &Entry, size: Size) -> String {
    let mut text = String::new();
    for on in &entry.engines {
        match &on.outcome {
            Outcome::Counted(counted) => {
                _ = writeln!(text, "- {}: {}.", on.engine, say::counts(figure, counted));
                for example in &counted.examples {
                    _ = writeln!(text, "  - {example}");
                }
            }
            Outcome::NotHere(why) => _ = writeln!(text, "- {}: not run here: {why}.", on.engine),
        }
    }
    for control in &entry.controls {
        let noticed = if control.noticed { "noticed" } else { "NOT NOTICED" };
        let trials = control.trials;
        _ = writeln!(
            text,
            "- Control `{}` on {}: {noticed} within {trials}.",
            control.defect, control.engine
        );
    }
    let size = if size == Size::Full { "full" } else { "small" };
    let binary = match (figure.engines.each.is_empty(), entry.release) {
        (true, _) => "",
        (false, true) => " of the release binary",
        (false, false) => " of the debug binary",
    };
    _ = writeln!(
        text,
        "\n{}, commit {}, {size} run{binary}, {} s; others used {:.0} % of the processors.",
        entry.date,
        entry.commit,
        entry.seconds,
        entry.others * 100.0
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{BOTH, Counted};
    use crate::results::{Controlled, Kept, OnEngine};

    const FIGURE: Figure = Figure {
        id: "X1",
        title: "nothing is lost",
        goal: "lost 0",
        about: "Tried.",
        trials: "kills",
        small: 1,
        full: 2,
        engines: BOTH,
        run: |_| Ok(Outcome::NotHere(String::new())),
        controls: &[],
    };

    fn entry(failures: u64, noticed: bool) -> Entry {
        let counted = Counted { trials: 9, failures, ..Counted::default() };
        Entry {
            date: "2026-01-31".into(),
            commit: "c0ffee".into(),
            seconds: 3,
            release: true,
            others: 0.0,
            engines: vec![OnEngine { engine: "SQLite".into(), outcome: Outcome::Counted(counted) }],
            controls: vec![Controlled {
                defect: "no-guards".into(),
                engine: "SQLite".into(),
                noticed,
                trials: 1,
                by: "two won".into(),
            }],
        }
    }

    fn page(kept: Kept) -> String {
        text(&[&FIGURE], &Results::from([("X1".to_owned(), kept)]))
    }

    #[test]
    fn a_row_says_what_was_promised_counted_and_noticed() {
        let page = page(Kept { small: Some(entry(4, true)), full: Some(entry(0, true)) });
        let row = "| X1 | nothing is lost | lost 0 | SQLite: 0 in 9 | 1 of 1 | passed |";
        assert!(page.contains(row), "{page}");
        assert!(page.contains("2026-01-31, commit c0ffee, full run of the release binary"), "{page}");
    }

    #[test]
    fn a_mistake_that_was_not_noticed_is_shown() {
        let page = page(Kept { small: Some(entry(0, false)), full: None });
        assert!(page.contains("| 0 of 1 | FAILED, small |") && page.contains("NOT NOTICED"), "{page}");
    }

    #[test]
    fn what_was_never_run_is_listed_as_such() {
        assert!(text(&[&FIGURE], &Results::new()).contains("not run yet"));
    }
}
