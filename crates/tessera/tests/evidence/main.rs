//! What the documents claim about safety rests on tests that exist, and on libraries without known holes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod citations;
mod libraries;

use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
