//! What came out, as it is kept in proof/results.json.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Problem;
use crate::figure::{Outcome, Size};

/// The results of each figure, by its id.
pub(crate) type Results = BTreeMap<String, Kept>;

/// The newest run of each size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) small: Option<Entry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) full: Option<Entry>,
}

/// One run of one figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) date: String,
    pub(crate) commit: String,
    pub(crate) seconds: u64,
    /// Whether the release binary was tried.
    pub(crate) release: bool,
    /// The part of the machine's processors that other programs used meanwhile.
    pub(crate) others: f64,
    pub(crate) engines: Vec<OnEngine>,
    pub(crate) controls: Vec<Controlled>,
}

/// What came of it on one engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OnEngine {
    pub(crate) engine: String,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

/// Whether a mistake was noticed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Controlled {
    pub(crate) defect: String,
    pub(crate) engine: String,
    pub(crate) noticed: bool,
    /// After how many trials.
    pub(crate) trials: u64,
    /// What showed it, or why it was not noticed.
    pub(crate) by: String,
}

impl Kept {
    /// The full run if there is one.
    pub(crate) fn best(&self) -> Option<(&Entry, Size)> {
        let full = self.full.as_ref().map(|entry| (entry, Size::Full));
        full.or_else(|| self.small.as_ref().map(|entry| (entry, Size::Small)))
    }
}

fn path(root: &Path) -> PathBuf {
    root.join("proof/results.json")
}

/// What is kept; nothing if nothing was.
pub(crate) fn load(root: &Path) -> Result<Results, Problem> {
    let path = path(root);
    if !path.exists() {
        return Ok(Results::new());
    }
    serde_json::from_slice(&fs::read(&path)?).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Keeps a run instead of the last one of the same figure and size.
pub(crate) fn keep(root: &Path, id: &str, size: Size, entry: Entry) -> Result<(), Problem> {
    let mut results = load(root)?;
    let kept = results.entry(id.to_owned()).or_default();
    match size {
        Size::Small => kept.small = Some(entry),
        Size::Full => kept.full = Some(entry),
    }
    fs::write(path(root), format!("{}\n", serde_json::to_string_pretty(&results)?))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(commit: &str) -> Entry {
        Entry {
            date: "2026-01-31".into(),
            commit: commit.into(),
            seconds: 1,
            release: true,
            others: 0.0,
            engines: Vec::new(),
            controls: Vec::new(),
        }
    }

    #[test]
    fn a_small_run_never_takes_the_place_of_a_full_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("proof")).unwrap();
        for (size, commit) in [(Size::Small, "a"), (Size::Full, "b"), (Size::Small, "c")] {
            keep(folder.path(), "D1", size, entry(commit)).unwrap();
        }
        let results = load(folder.path()).unwrap();
        let kept = &results["D1"];
        assert_eq!(kept.best(), Some((&entry("b"), Size::Full)));
        assert_eq!(kept.small, Some(entry("c")));
    }
}
