//! Processor time as Linux tells it of a process.

use std::fmt::Display;
use std::fs;
use std::path::Path;

/// How many ticks a second has.
pub(crate) const TICKS_PER_SECOND: f64 = 100.0;

/// What stands in the `stat` of a process or of a thread (proc(5)); times in ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stat {
    pub(crate) parent: u32,
    /// Used by itself.
    pub(crate) own: f64,
    /// Used by the children that it has waited for.
    pub(crate) waited: f64,
}

impl Stat {
    /// Of a process by its id, or of `self`; `None` of one that is gone.
    pub(crate) fn of(process: impl Display) -> Option<Self> {
        Self::at(Path::new(&format!("/proc/{process}")))
    }

    /// Of the process or thread with this folder; `None` of one that is gone.
    pub(crate) fn at(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join("stat")).ok()?;
        // The second field is a name in parentheses that may hold anything.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
        let parent = fields.get(1)?.parse().ok()?;
        Some(Self { parent, own: number(14)? + number(15)?, waited: number(16)? + number(17)? })
    }

    pub(crate) fn all(self) -> f64 {
        self.own + self.waited
    }
}
