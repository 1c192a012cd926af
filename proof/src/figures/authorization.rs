//! S16: who may do what.

use defects::Defect;

use crate::figure::{BOTH, Control, EVERY, Figure, SQLITE};
use crate::tested::Tests;

pub(crate) const FIGURE: Figure = Figure {
    id: "S16",
    title: "authorization matrix",
    goal: "answers with another status than the table says 0, endpoints without a line 0",
    about: "Every endpoint that the contracts declare, asked by nobody, by accounts that are unconfirmed, between the two \
            steps of a sign-in, the owner, another user, an administrator and disabled, with a token that is over, and with \
            an administrator's API keys for less and for all (crates/tessera/tests/program/authorization/lines.rs). In \
            the end every account must still be there, and the owner signed in.",
    trials: "cells",
    small: EVERY,
    full: EVERY,
    engines: BOTH,
    run: |stage| Tests { chosen: &["--test", "program"], names: &["authorization::"] }.run(stage),
    controls: &[Control { defect: Defect::AnybodyAsks, engines: SQLITE, within: EVERY }],
};
