//! What every scenario is given: the binary, how long to measure, databases to measure on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::Problem;
use crate::stock::Stock;
use crate::subject::Hashing;

/// How often everything is measured.
const ROUNDS: usize = 5;
/// The same in a quick run.
const QUICK_ROUNDS: usize = 2;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Enough to see that everything works, and gross mistakes.
    Quick,
    /// Enough to be written down.
    Full,
}

pub(crate) struct Context {
    pub(crate) binary: PathBuf,
    pub(crate) root: PathBuf,
    pub(crate) scale: Scale,
    stocks: RefCell<BTreeMap<(usize, Hashing), Rc<Stock>>>,
}

impl Context {
    pub(crate) fn new(binary: PathBuf, root: PathBuf, scale: Scale) -> Self {
        Self { binary, root, scale, stocks: RefCell::default() }
    }

    /// The first in a quick run, else the second.
    pub(crate) fn pick<T>(&self, quick: T, full: T) -> T {
        match self.scale {
            Scale::Quick => quick,
            Scale::Full => full,
        }
    }

    /// How often everything is measured.
    pub(crate) fn rounds(&self) -> usize {
        self.pick(QUICK_ROUNDS, ROUNDS)
    }

    /// How long one sample of something fast takes.
    pub(crate) fn sample(&self) -> Duration {
        self.pick(Duration::from_millis(400), Duration::from_millis(1_500))
    }

    /// How long one sample of something takes that happens some tens of times a second.
    pub(crate) fn slow_sample(&self) -> Duration {
        self.pick(Duration::from_millis(1_500), Duration::from_secs(4))
    }

    /// A database with so many accounts. What is asked for twice in a run is made once.
    pub(crate) fn stock(&self, accounts: usize, hashing: Hashing) -> Result<Rc<Stock>, Problem> {
        if let Some(stock) = self.stocks.borrow().get(&(accounts, hashing)) {
            return Ok(Rc::clone(stock));
        }
        let stock = Rc::new(Stock::make(&self.binary, accounts, hashing)?);
        self.stocks.borrow_mut().insert((accounts, hashing), Rc::clone(&stock));
        Ok(stock)
    }

    /// Where results are kept that are worth it; a quick run's are not.
    pub(crate) fn results(&self) -> PathBuf {
        match self.scale {
            Scale::Quick => self.root.join("target/bench/quick"),
            Scale::Full => results(&self.root),
        }
    }

    /// Measures each of several things in turn, round after round, so that slow changes of the machine meet all.
    /// That does not make a busy machine fit for measuring: the scheduler gives each another share of what others
    /// leave, every time. Answers the samples of each.
    pub(crate) fn in_turn<const N: usize>(
        &self,
        mut measures: [&mut dyn FnMut() -> Result<f64, Problem>; N],
    ) -> Result<[Vec<f64>; N], Problem> {
        let mut samples = [const { Vec::new() }; N];
        for _ in 0..self.rounds() {
            for (measure, samples) in measures.iter_mut().zip(&mut samples) {
                samples.push(measure()?);
            }
        }
        Ok(samples)
    }
}

/// The folder of the results that are kept.
pub(crate) fn results(root: &Path) -> PathBuf {
    root.join("bench/results")
}
