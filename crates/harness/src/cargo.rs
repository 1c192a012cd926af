//! Builds the binaries that are measured and proved, and runs tests.

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
    let mut command = cargo(root);
    command.args(["build", "--bin", binary]);
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

/// `cargo test` on the workspace in that folder as ./test has built it: what `chosen` tells cargo to build, and of that
/// every test whose name contains one of `names`.
pub fn test(root: &Path, chosen: &[&str], names: &[&str]) -> Command {
    let mut command = cargo(root);
    command.args(["test", "--workspace", "--no-fail-fast"]).args(chosen).arg("--").args(names);
    command
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}
