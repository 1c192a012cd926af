//! S20: the libraries that the program is made of.

use defects::Defect;

use crate::figure::{Control, EVERY, Figure, NO_ENGINE};
use crate::tested::Tests;

pub(crate) const FIGURE: Figure = Figure {
    id: "S20",
    title: "libraries with known holes",
    goal: "vulnerable 0, unsound 0, left out of account 0",
    about: "Every library in Cargo.lock, also those of tests, against RustSec's advisories as of the date in \
            crates/tessera/tests/evidence/advisories/README.md. It is read by a test of ours, so that it takes neither a \
            network nor a tool that is not there: cargo-audit and cargo-deny read the same database. The mistake is made \
            in the test. That unsafe code is in one crate only is held by another (crates/tessera/tests/house.rs); that \
            two builds are the same byte for byte is not tried.",
    trials: "libraries",
    small: EVERY,
    full: EVERY,
    engines: NO_ENGINE,
    run: |stage| Tests { chosen: &["--test", "evidence"], names: &["libraries::"] }.run(stage),
    controls: &[Control { defect: Defect::HolePlanted, engines: NO_ENGINE, within: EVERY }],
};
