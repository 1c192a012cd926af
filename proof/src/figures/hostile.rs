//! S19: headers and addresses that would lead mail or its links elsewhere.

use defects::Defect;

use crate::figure::{BOTH, Control, EVERY, Figure, SQLITE};
use crate::tested::Tests;

pub(crate) const FIGURE: Figure = Figure {
    id: "S19",
    title: "hostile headers and addresses",
    goal: "mails to another address than the stored one 0, links to another place than the settings say 0, answers of 500 and \
           above 0",
    about: "Everything that mails is asked with headers that name another host, as proxies and frameworks know them, and \
            with spellings of somebody's address: beside another, folded, in letters that look alike or cannot be seen, \
            in lists and objects. Then all mail is read. The mistake is in the addresses: nothing that makes a link is \
            handed a header that could be believed on purpose.",
    trials: "requests",
    small: EVERY,
    full: EVERY,
    engines: BOTH,
    run: |stage| Tests { chosen: &["--test", "program"], names: &["hostile::"] }.run(stage),
    controls: &[Control { defect: Defect::MailedAsTyped, engines: SQLITE, within: EVERY }],
};
