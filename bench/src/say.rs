//! Writing to the terminal.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the one place that does")]

use crate::results::{Comparison, Goal};
use crate::stats::Summary;

/// One line of text.
pub(crate) fn line(text: impl std::fmt::Display) {
    println!("{text}");
}

/// What went wrong.
pub(crate) fn failed(problem: &dyn std::error::Error) {
    eprintln!("bench: {problem}");
}

/// A comparison in two lines or three.
pub(crate) fn comparison(comparison: &Comparison, others: f64) {
    let Comparison { name, unit, subject, floor, goal } = comparison;
    println!("  {name}");
    println!("    {} {unit}", spread(subject));
    if let Some(floor) = floor {
        let times = comparison.times().unwrap_or(f64::NAN);
        println!("    {} {unit}: {}; {times:.3} times", spread(&floor.samples), floor.name);
    }
    if let Some(goal) = goal {
        println!("    {}: {}{}", comparison.verdict(others), goal, of_unit(*goal, unit));
    }
}

/// The unit, where a goal is not a ratio.
pub(crate) fn of_unit(goal: Goal, unit: &str) -> String {
    match goal {
        Goal::TimesAtLeast(_) | Goal::TimesAtMost(_) => String::new(),
        Goal::MoreAtMost(_) | Goal::AtMost(_) => format!(" {unit}"),
    }
}

/// The median, and in brackets the least and the most.
pub(crate) fn spread(samples: &[f64]) -> String {
    let summary = Summary::of(samples);
    if samples.len() == 1 {
        return short(summary.median);
    }
    format!("{} [{} .. {}]", short(summary.median), short(summary.min), short(summary.max))
}

/// A number with as many digits as mean something.
pub(crate) fn short(number: f64) -> String {
    let digits = match number.abs() {
        size if size >= 1_000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{number:.digits$}")
}
