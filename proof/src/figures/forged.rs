//! S10: tokens that nobody gave out, and tokens in places they are not for.

use defects::Defect;

use crate::figure::{BOTH, Control, Figure, SQLITE};
use crate::tested::Tests;

pub(crate) const FIGURE: Figure = Figure {
    id: "S10",
    title: "forged tokens",
    goal: "accepted 0, answered with 500 or above 0; the token that they were made of accepted",
    about: "There are twelve kinds of tokens. To the place that takes one kind, the good tokens of all others are shown, and \
            mutants of its own, which know what a token is made of: other claims and headers, key ids that lead \
            elsewhere, no signature, signatures by keys of other people, parts of other good tokens, other spellings of \
            the same words, bytes scribbled on. The same changes in every run.",
    trials: "tokens",
    small: 2_000,
    full: 1_000_000,
    engines: BOTH,
    run: |stage| Tests { chosen: &["--test", "program"], names: &["forged::"] }.run(stage),
    controls: &[
        Control { defect: Defect::SignaturesUnchecked, engines: SQLITE, within: 2_000 },
        Control { defect: Defect::AnybodyAsks, engines: SQLITE, within: 2_000 },
    ],
};
