//! What a figure is: something that is promised, how it is tried, and the mistakes it must notice.

use defects::Defect;
use harness::engine::Engine;
use serde::{Deserialize, Serialize};

use crate::Problem;
use crate::stage::Stage;

/// Something that is promised and can be counted.
pub(crate) struct Figure {
    /// Its short name, by which it is asked for.
    pub(crate) id: &'static str,
    /// What it is about, in a few words.
    pub(crate) title: &'static str,
    /// What must hold.
    pub(crate) goal: &'static str,
    /// How it is tried, and what that does not show.
    pub(crate) about: &'static str,
    /// What a trial is, in the plural.
    pub(crate) trials: &'static str,
    /// How many on each engine in a small run; [`EVERY`] where their number is given.
    pub(crate) small: usize,
    /// How many on each engine in a full one.
    pub(crate) full: usize,
    /// Where it is tried.
    pub(crate) engines: Engines,
    /// Tries it on a stage and counts.
    pub(crate) run: fn(&Stage) -> Result<Outcome, Problem>,
    /// Mistakes that it must notice.
    pub(crate) controls: &'static [Control],
}

/// As many trials as there are.
pub(crate) const EVERY: usize = usize::MAX;

/// Engines on which something is tried.
#[derive(Clone, Copy)]
pub(crate) struct Engines {
    /// For what knows no database none: it is tried once.
    pub(crate) each: &'static [Engine],
    /// Whether a figure is tried on them at the same time: where most of it is waiting, and no time is judged.
    /// Controls are always tried one after the other.
    pub(crate) at_once: bool,
}

/// One engine after the other.
pub(crate) const BOTH: Engines = Engines { each: &[Engine::Sqlite, Engine::Postgres], at_once: false };

/// Both engines at the same time.
pub(crate) const BOTH_AT_ONCE: Engines = Engines { at_once: true, ..BOTH };

/// The file alone.
pub(crate) const SQLITE: Engines = Engines { each: &[Engine::Sqlite], at_once: false };

/// For what knows no database.
pub(crate) const NO_ENGINE: Engines = Engines { each: &[], at_once: false };

/// A mistake that a figure must notice.
pub(crate) struct Control {
    pub(crate) defect: Defect,
    /// Where the mistake is one.
    pub(crate) engines: Engines,
    /// After how many trials it must have been noticed.
    pub(crate) within: usize,
}

/// How large a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// For every run of the tests.
    Small,
    /// For being written down.
    Full,
}

/// What came of trying.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Counted(Counted),
    /// It cannot be tried on this machine, and why.
    NotHere(String),
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Counted {
    pub(crate) trials: u64,
    /// How often what was promised did not hold.
    pub(crate) failures: u64,
    /// The first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) examples: Vec<String>,
    /// What was measured beside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) measures: Vec<Measure>,
}

/// A number that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measure {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: String,
    /// The most it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at_most: Option<f64>,
    /// Whether it is a time: then it is judged only on a machine that nobody else uses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) timed: bool,
}

/// How many examples are kept, so that one of each of S4's contrasts fits, and how long each may be.
const EXAMPLES: usize = 16;
const LONGEST: usize = 300;

impl Counted {
    /// One more trial, and everything that did not hold in it.
    pub(crate) fn trial(&mut self, broken: Vec<String>) {
        self.trials += 1;
        self.broken(broken);
    }

    /// What did not hold, not counted as a trial.
    pub(crate) fn broken(&mut self, broken: Vec<String>) {
        self.failures += u64::try_from(broken.len()).unwrap_or(u64::MAX);
        let room = EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(broken.into_iter().take(room).map(|text| shortened(&text)));
    }

    /// The same with a number that was measured beside.
    pub(crate) fn measured(mut self, measure: Measure) -> Self {
        self.measures.push(measure);
        self
    }

    /// Whether all that is promised holds. Times count if `judging_times`.
    pub(crate) fn holds(&self, judging_times: bool) -> bool {
        let within = |measure: &Measure| {
            (measure.timed && !judging_times)
                || (measure.value.is_finite() && measure.at_most.is_none_or(|most| measure.value <= most))
        };
        self.trials > 0 && self.failures == 0 && self.measures.iter().all(within)
    }
}

impl Measure {
    /// A number without an aim.
    pub(crate) fn of(name: &str, value: f64, unit: &str) -> Self {
        Self { name: name.to_owned(), value, unit: unit.to_owned(), at_most: None, timed: false }
    }

    /// The same with the most that it may be.
    pub(crate) fn at_most(mut self, most: f64) -> Self {
        self.at_most = Some(most);
        self
    }

    /// The same as a time.
    pub(crate) fn timed(mut self) -> Self {
        self.timed = true;
        self
    }
}

fn shortened(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(trials: u64, broken: &[&str]) -> Counted {
        let mut counted = Counted { trials, ..Counted::default() };
        counted.broken(broken.iter().map(|text| (*text).to_owned()).collect());
        counted
    }

    #[test]
    fn what_was_not_tried_does_not_hold() {
        assert!(!counted(0, &[]).holds(true));
        assert!(counted(1, &[]).holds(true));
        assert!(!counted(1000, &["once"]).holds(true));
    }

    #[test]
    fn a_measure_must_be_a_number_within_its_aim() {
        let with = |value| counted(1, &[]).measured(Measure::of("", value, "").at_most(2.0));
        assert!(with(2.0).holds(false) && !with(2.1).holds(false) && !with(f64::NAN).holds(false));
    }

    #[test]
    fn times_count_on_a_quiet_machine_only() {
        let slow = counted(1, &[]).measured(Measure::of("", 9.0, "s").at_most(1.0).timed());
        assert!(slow.holds(false) && !slow.holds(true));
    }

    #[test]
    fn every_failure_is_counted_and_the_first_are_shown() {
        let counted = counted(1, &["a"; 20]);
        assert_eq!((counted.failures, counted.examples.len()), (20, EXAMPLES));
    }
}
