//! S9: signatures and tokens that others made to break implementations.

use defects::Defect;

use crate::figure::{Control, EVERY, Figure, NO_ENGINE};
use crate::tested::Tests;

pub(crate) const FIGURE: Figure = Figure {
    id: "S9",
    title: "signatures and tokens of Wycheproof",
    goal: "judged otherwise than its authors judge 0, but for seven that are named with the reason; those of algorithms that \
           there are not refused, all",
    about: "Project Wycheproof's files on JSON web signatures and keys, Ed25519, and ECDSA on P-256, read by what checks \
            tokens in the server. The seven stand in crates/crypto/src/jwt/tests/wycheproof.rs: two tokens that are to the \
            letter a valid one, an RSA key of a generator that made weak ones and a secret one byte short, which only an \
            operator could set, and three that are no UTF-8 or no base64url. The mistake is made in the test.",
    trials: "tokens and signatures",
    small: EVERY,
    full: EVERY,
    engines: NO_ENGINE,
    run: |stage| Tests { chosen: &["--lib"], names: &["wycheproof::"] }.run(stage),
    controls: &[Control { defect: Defect::SignaturesUnchecked, engines: NO_ENGINE, within: EVERY }],
};
