//! Builds the binaries that are measured and proved.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How well a binary is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As tests are: quickly, with everything that the workspace has built before.
    Dev,
    /// As an operator builds it.
    Release,
}

/// Builds a binary of the crate `tessera` from the sources in that folder, and answers where it is.
///
/// # Errors
/// When cargo cannot be run or fails; what it said went to standard error.
pub fn build(root: &Path, profile: Profile, binary: &str, features: &[&str]) -> io::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).args(["build", "--bin", binary]);
    // Tests are built for the whole workspace with what tests need, which decides the features that dependencies
    // have; an example needs the same, so that nothing is built twice.
    let folder = match profile {
        Profile::Dev => {
            command.args(["--workspace", "--example", "compare"]);
            "debug"
        }
        Profile::Release => {
            command.args(["--release", "-p", "tessera"]);
            "release"
        }
    };
    for feature in features {
        command.args(["--features", &format!("tessera/{feature}")]);
    }
    if !command.status()?.success() {
        return Err(io::Error::other(format!("{binary} could not be built")));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join(folder).join(binary))
}
