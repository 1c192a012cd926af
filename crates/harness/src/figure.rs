//! What a test and a figure of docs/proof.md that consists of it say to each other, by variables of the environment.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use defects::Defect;

/// Names the binary to try instead of the one that was built with the test.
pub const BINARY: &str = "TESSERA_TEST_BINARY";
/// Says how much a test shall try that can try as much as one likes.
pub const TRIALS: &str = "TESSERA_TEST_TRIALS";
/// Names the file in which tests note how much they tried.
pub const TALLY: &str = "TESSERA_TEST_TALLY";

/// How much to try: as much as usual, unless a figure wants another number. Panics when that is none.
#[expect(clippy::panic, reason = "a test that tries nobody knows how much cannot pass")]
pub fn trials(usual: usize) -> usize {
    let Ok(wanted) = std::env::var(TRIALS) else { return usual };
    wanted.parse().unwrap_or_else(|_| panic!("{TRIALS} is a number, not {wanted}"))
}

/// Whether a test shall make this mistake itself, to show that it would notice: for what no binary can be built with.
pub fn mistaken(defect: Defect) -> bool {
    std::env::var(defects::VARIABLE).is_ok_and(|name| name == defect.name())
}

/// Notes that a test has tried so many of something; before it judges them, so that it is known also when it fails.
/// Does nothing unless a figure asks. Panics when it cannot be noted.
#[expect(clippy::panic, reason = "a figure without its count is none")]
pub fn tried(count: usize, what: &str) {
    let Some(path) = std::env::var_os(TALLY) else { return };
    let note = |path: &Path| {
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)?
            .write_all(format!("{count} {what}\n").as_bytes())
    };
    if let Err(error) = note(path.as_ref()) {
        panic!("{}: {error}", path.display());
    }
}

/// What tests noted in a file, in the order in which they did.
///
/// # Errors
/// When the file cannot be read or holds something else.
pub fn tally(path: &Path) -> io::Result<Vec<(u64, String)>> {
    let line = |line: &str| {
        let (count, what) = line.split_once(' ')?;
        Some((count.parse().ok()?, what.to_owned()))
    };
    let read = |text: String| text.lines().map(line).collect::<Option<Vec<_>>>();
    read(fs::read_to_string(path)?).ok_or_else(|| io::Error::other("no tally"))
}
