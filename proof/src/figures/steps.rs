//! S11: the codes of an authenticator.

use defects::Defect;

use crate::figure::{Control, Figure, NO_ENGINE};
use crate::tested::Tests;

pub(crate) const FIGURE: Figure = Figure {
    id: "S11",
    title: "codes of an authenticator",
    goal: "codes other than RFC 4226, RFC 6238 and another implementation compute 0",
    about: "All ten codes of RFC 4226, appendix D; the six of RFC 6238, appendix B, that are of SHA-1, which authenticator \
            apps use and Tessera does; and for secrets of any length at moments of ten thousand years the codes of \
            another implementation. The mistake is made in the test.",
    trials: "codes",
    small: 10_000,
    full: 1_000_000,
    engines: NO_ENGINE,
    run: |stage| {
        let names = &["totp::tests::rfc_", "totp::tests::another_implementation"];
        Tests { chosen: &["--lib"], names }.run(stage)
    },
    controls: &[Control { defect: Defect::StepsAhead, engines: NO_ENGINE, within: 10_000 }],
};
