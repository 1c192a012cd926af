//! What was measured, as it is kept in a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Problem;
use crate::stats::Summary;
use harness::machine::Machine;

/// One run of one scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) scenario: String,
    /// What it measures, in a sentence.
    pub(crate) about: String,
    pub(crate) machine: Machine,
    pub(crate) commit: String,
    pub(crate) date: String,
    pub(crate) command: String,
    /// Whether samples were short and data small.
    pub(crate) quick: bool,
    /// The part of the machine's processors that other programs used meanwhile.
    pub(crate) others: f64,
    pub(crate) comparisons: Vec<Comparison>,
    /// The medians of every run so far, oldest first, where they are worth following.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) history: Vec<Past>,
}

/// The medians of an earlier run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Past {
    pub(crate) date: String,
    pub(crate) commit: String,
    pub(crate) medians: BTreeMap<String, f64>,
}

/// Samples of one thing, mostly beside samples of what it cannot be better than.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Comparison {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) subject: Vec<f64>,
    pub(crate) floor: Option<Floor>,
    pub(crate) goal: Option<Goal>,
}

/// What something is compared with, measured in the same minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Floor {
    pub(crate) name: String,
    pub(crate) samples: Vec<f64>,
    /// Whether more of what is measured cannot be had: then a subject that has more shows a mistake.
    pub(crate) bound: bool,
}

/// What is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    /// At least this many times the floor.
    TimesAtLeast(f64),
    /// At most this many times the floor.
    TimesAtMost(f64),
    /// At most this much more than the floor, in the comparison's unit.
    MoreAtMost(f64),
    /// At most this, in the comparison's unit.
    AtMost(f64),
}

impl Comparison {
    /// Samples without anything to compare them with.
    pub(crate) fn alone(name: impl Into<String>, unit: &str, subject: Vec<f64>) -> Self {
        Self { name: name.into(), unit: unit.to_owned(), subject, floor: None, goal: None }
    }

    /// The same beside these.
    pub(crate) fn beside(mut self, name: impl Into<String>, samples: Vec<f64>) -> Self {
        self.floor = Some(Floor { name: name.into(), samples, bound: false });
        self
    }

    /// The same with an aim.
    pub(crate) fn aiming(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    pub(crate) fn median(&self) -> f64 {
        Summary::of(&self.subject).median
    }

    pub(crate) fn floor_median(&self) -> Option<f64> {
        self.floor.as_ref().map(|floor| Summary::of(&floor.samples).median)
    }

    /// The subject's median to the floor's.
    pub(crate) fn times(&self) -> Option<f64> {
        self.floor_median().map(|floor| self.median() / floor)
    }

    /// Whether the goal is reached; none without one.
    pub(crate) fn reached(&self) -> Option<bool> {
        let (median, floor) = (self.median(), self.floor_median().unwrap_or(f64::NAN));
        self.goal.map(|goal| match goal {
            Goal::TimesAtLeast(times) => median >= floor * times,
            Goal::TimesAtMost(times) => median <= floor * times,
            Goal::MoreAtMost(more) => median <= floor + more,
            Goal::AtMost(most) => median <= most,
        })
    }
}

/// Above this, whoever is measured gets what others leave, and not each the same: ratios of times then say
/// nothing, however often they are taken.
const MOST_OTHERS: f64 = 0.05;

/// What can be said about a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Reached,
    Missed,
    /// Others used too much of the machine for a time to mean anything.
    Disturbed,
    /// Faster than what it cannot be faster than: one of the two is not what it is taken for.
    Implausible,
    /// There is no goal.
    None,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Reached => "reached",
            Self::Missed => "MISSED",
            Self::Disturbed => "not judged: others used the machine",
            Self::Implausible => "not judged: better than its bound",
            Self::None => "",
        })
    }
}

impl Comparison {
    /// What can be said about the goal when others used this part of the machine.
    pub(crate) fn verdict(&self, others: f64) -> Verdict {
        // Counts too: who is refused or cut off depends on how long others took.
        let timed = !["MiB", "bytes", "instructions"].contains(&self.unit.as_str());
        let beaten = self.floor.as_ref().is_some_and(|floor| floor.bound)
            && self.times().is_some_and(|times| times > 1.03);
        match self.reached() {
            None => Verdict::None,
            Some(_) if timed && others > MOST_OTHERS => Verdict::Disturbed,
            Some(_) if beaten => Verdict::Implausible,
            Some(true) => Verdict::Reached,
            Some(false) => Verdict::Missed,
        }
    }

    /// The same beside what does a part of the same work with the same means, and so cannot be slower.
    pub(crate) fn bounded_by(mut self, name: impl Into<String>, samples: Vec<f64>) -> Self {
        self.floor = Some(Floor { name: name.into(), samples, bound: true });
        self
    }

    /// Whether every sample is a number.
    pub(crate) fn is_sound(&self) -> bool {
        let floor = self.floor.iter().flat_map(|floor| &floor.samples);
        !self.subject.is_empty() && self.subject.iter().chain(floor).all(|sample| sample.is_finite())
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TimesAtLeast(times) => write!(f, "at least {times} times"),
            Self::TimesAtMost(times) => write!(f, "at most {times} times"),
            Self::MoreAtMost(more) => write!(f, "at most {more} more"),
            Self::AtMost(most) => write!(f, "at most {most}"),
        }
    }
}

impl Outcome {
    /// Itself as an entry of a history.
    pub(crate) fn past(&self) -> Past {
        let medians = self.comparisons.iter().map(|one| (one.name.clone(), one.median())).collect();
        Past { date: self.date.clone(), commit: self.commit.clone(), medians }
    }

    /// Keeps it as `NAME.json` in a folder, which is made.
    pub(crate) fn save(&self, folder: &Path) -> Result<PathBuf, Problem> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}.json", self.scenario));
        fs::write(&path, format!("{}\n", serde_json::to_string_pretty(self)?))?;
        Ok(path)
    }

    /// The outcome of that scenario in a folder, if there is one.
    pub(crate) fn load(folder: &Path, scenario: &str) -> Result<Option<Self>, Problem> {
        let path = folder.join(format!("{scenario}.json"));
        if !path.exists() {
            return Ok(None);
        }
        let read = serde_json::from_slice(&fs::read(&path)?);
        read.map(Some).map_err(|error| format!("{}: {error}", path.display()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(subject: f64, goal: Goal) -> Comparison {
        Comparison::alone("", "ms", vec![subject]).beside("floor", vec![10.0]).aiming(goal)
    }

    #[test]
    fn a_goal_is_reached_up_to_its_limit() {
        for (goal, limit, beyond) in [
            (Goal::TimesAtLeast(0.5), 5.0, 4.9),
            (Goal::TimesAtMost(2.0), 20.0, 20.1),
            (Goal::MoreAtMost(5.0), 15.0, 15.1),
            (Goal::AtMost(12.0), 12.0, 12.1),
        ] {
            assert_eq!(comparison(limit, goal).reached(), Some(true), "{goal:?}");
            assert_eq!(comparison(beyond, goal).reached(), Some(false), "{goal:?}");
        }
    }

    #[test]
    fn nothing_is_judged_that_others_disturbed_or_that_cannot_be() {
        let rate = |subject| {
            Comparison::alone("", "per second", vec![subject])
                .bounded_by("bound", vec![100.0])
                .aiming(Goal::TimesAtLeast(0.97))
        };
        assert_eq!(rate(98.0).verdict(0.01), Verdict::Reached);
        assert_eq!(rate(90.0).verdict(0.01), Verdict::Missed);
        for subject in [90.0, 98.0, 150.0] {
            assert_eq!(rate(subject).verdict(0.4), Verdict::Disturbed);
        }
        assert_eq!(rate(150.0).verdict(0.01), Verdict::Implausible);
        let refused = Comparison::alone("", "checks", vec![7.0]).aiming(Goal::AtMost(0.0));
        assert_eq!(refused.verdict(0.4), Verdict::Disturbed);
        assert_eq!(refused.verdict(0.0), Verdict::Missed);
        // Memory is what it is, whoever else is busy; and what is no bound may be beaten.
        let memory = Comparison::alone("", "MiB", vec![9.0]).aiming(Goal::AtMost(10.0));
        assert_eq!(memory.verdict(0.9), Verdict::Reached);
        let other = Comparison::alone("", "per second", vec![150.0]).beside("other", vec![100.0]);
        assert_eq!(other.clone().verdict(0.0), Verdict::None);
        assert_eq!(other.aiming(Goal::TimesAtLeast(0.8)).verdict(0.0), Verdict::Reached);
    }

    #[test]
    fn what_is_no_number_is_no_sample() {
        assert!(comparison(1.0, Goal::AtMost(1.0)).is_sound());
        assert!(!comparison(f64::NAN, Goal::AtMost(1.0)).is_sound());
        assert!(!Comparison::alone("", "ms", vec![]).is_sound());
        assert!(!Comparison::alone("", "ms", vec![1.0]).beside("", vec![f64::INFINITY]).is_sound());
    }

    #[test]
    fn without_a_floor_no_comparison_with_it_is_won() {
        let alone = Comparison::alone("", "ms", vec![1.0]);
        assert_eq!((alone.times(), alone.reached()), (None, None));
        assert_eq!(alone.clone().aiming(Goal::TimesAtMost(2.0)).reached(), Some(false));
        assert_eq!(alone.aiming(Goal::AtMost(2.0)).reached(), Some(true));
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let comparison = comparison(3.0, Goal::MoreAtMost(5.0));
        let text = serde_json::to_string(&comparison).unwrap();
        assert_eq!(serde_json::from_str::<Comparison>(&text).unwrap(), comparison);
    }
}
