//! Where a figure is tried: a binary, an engine, a sample size, and perhaps a mistake made on purpose.

use std::path::Path;
use std::time::{Duration, Instant};

use defects::Defect;
use harness::engine::Engine;
use harness::postgres::Cluster;
use harness::process::Options;

/// Where a figure is tried.
pub(crate) struct Stage<'a> {
    pub(crate) binary: &'a Path,
    /// The binary that can end at a chosen commit; without a mistake it is like the other.
    pub(crate) can_crash: &'a Path,
    pub(crate) engine: Engine,
    /// How many trials there are.
    pub(crate) trials: usize,
    pub(crate) defect: Option<Defect>,
    pub(crate) deadline: Option<Instant>,
}

/// The longest that a control looks for its mistake.
pub(crate) const CONTROL_LIMIT: Duration = Duration::from_secs(60);

impl Stage<'_> {
    /// How a server is started here: on an empty database of its own, with passwords that cost next to nothing and
    /// no throttle.
    pub(crate) fn options(&self) -> Options {
        self.options_on(&self.fresh_url())
    }

    /// The same for a server that can end at a chosen commit (see [`defects::committed`]).
    pub(crate) fn crashing_options(&self) -> Options {
        self.options_of(self.can_crash, &self.fresh_url())
    }

    /// The same on that database; the empty text stands for the file in the data folder.
    pub(crate) fn options_on(&self, url: &str) -> Options {
        self.options_of(self.binary, url)
    }

    fn options_of(&self, binary: &Path, url: &str) -> Options {
        let mut options = Options::new(binary).cheap().unthrottled();
        options = if url.is_empty() { options.on_file() } else { options.database(url) };
        if let Some(defect) = self.defect {
            options = options.env(defects::VARIABLE, defect.name());
        }
        options
    }

    /// An empty database; the empty text stands for the file in the data folder.
    pub(crate) fn fresh_url(&self) -> String {
        match self.engine {
            Engine::Sqlite => String::new(),
            Engine::Postgres => Cluster::shared().fresh_url(),
        }
    }

    /// Whether the database is the file in the data folder.
    pub(crate) fn is_file(&self) -> bool {
        self.engine == Engine::Sqlite
    }

    /// Whether a mistake was seeded that should be noticed.
    pub(crate) fn is_control(&self) -> bool {
        self.defect.is_some()
    }

    /// Whether to go on with another trial when so much failed so far: a control stops once it has noticed.
    pub(crate) fn goes_on(&self, failures: u64) -> bool {
        let late = self.deadline.is_some_and(|deadline| Instant::now() > deadline);
        !(self.is_control() && (failures > 0 || late))
    }
}
