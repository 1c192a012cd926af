//! S5: whether answers tell who has an account, and in which state.

use defects::Defect;

use crate::figure::{BOTH, Control, EVERY, Figure, SQLITE};
use crate::tested::Tests;

pub(crate) const FIGURE: Figure = Figure {
    id: "S5",
    title: "answers about known and unknown accounts",
    goal: "answers that differ in status, headers or body by who has the name or address, and in which state the \
           account is, 0",
    about: "In every way to sign in, to have a password reset and to have a confirmation mailed again, it is asked about nobody and about accounts \
            that are confirmed, unconfirmed, disabled, an administrator's, deleted, imported without a password, and \
            with a second factor; with wrong passwords, and until the caller is held up. The right password may be told \
            from a wrong one. How long answers take is S4, which mails follow is S8.",
    trials: "answers",
    small: EVERY,
    full: EVERY,
    engines: BOTH,
    run: |stage| Tests { chosen: &["--test", "program"], names: &["equality::"] }.run(stage),
    controls: &[Control { defect: Defect::NobodyTold, engines: SQLITE, within: EVERY }],
};
