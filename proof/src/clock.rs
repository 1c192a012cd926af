//! The clock of a server that can have mistakes, set by hand.

use std::fs;
use std::io;

use tempfile::TempDir;

/// Where such a server reads by how much its clock is ahead: see [`defects::CLOCK_VARIABLE`].
pub(crate) struct Clock(TempDir);

impl Clock {
    /// A clock that is right.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    /// What the variable must be set to.
    pub(crate) fn path(&self) -> String {
        self.0.path().join("ahead").to_string_lossy().into_owned()
    }

    /// Sets the clock so many seconds ahead of the machine's, or behind it.
    pub(crate) fn ahead(&self, seconds: i64) -> io::Result<()> {
        let new = self.0.path().join("new");
        fs::write(&new, (seconds * 1_000_000).to_string())?;
        // At one instant: nobody reads half a number.
        fs::rename(new, self.path())
    }
}
