//! Writing to the terminal.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the one place that does")]

use crate::figure::{Counted, Figure, Measure, Outcome};
use crate::results::Entry;
use crate::run::Verdict;

/// One line of text.
pub(crate) fn line(text: impl std::fmt::Display) {
    println!("{text}");
}

/// What went wrong.
pub(crate) fn failed(problem: &dyn std::error::Error) {
    eprintln!("proof: {problem}");
}

/// A run of a figure in a few lines.
pub(crate) fn entry(figure: &Figure, entry: &Entry, verdict: Verdict) {
    println!("{} {}: {verdict} ({} s)", figure.id, figure.title, entry.seconds);
    for on in &entry.engines {
        match &on.outcome {
            Outcome::Counted(counted) => {
                println!("  {}: {}", on.engine, counts(figure, counted));
                counted.examples.iter().for_each(|example| println!("    {example}"));
            }
            Outcome::NotHere(why) => println!("  {}: not run here: {why}", on.engine),
        }
    }
    for control in &entry.controls {
        let noticed = if control.noticed { "noticed" } else { "NOT NOTICED" };
        println!("  control {} on {}: {noticed} ({})", control.defect, control.engine, control.by);
    }
}

/// What was counted and measured, in one line.
pub(crate) fn counts(figure: &Figure, counted: &Counted) -> String {
    let mut text = format!("{} failures in {} {}", counted.failures, counted.trials, figure.trials);
    for measure in &counted.measures {
        text.push_str(&format!("; {}", number(measure)));
    }
    text
}

fn number(measure: &Measure) -> String {
    let Measure { name, value, unit, at_most, .. } = measure;
    let digits = if value.fract() == 0.0 || value.abs() >= 100.0 { 0 } else { 3 };
    let aim = at_most.map_or(String::new(), |most| format!(" (at most {most})"));
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    format!("{name} {value:.digits$}{unit}{aim}")
}
