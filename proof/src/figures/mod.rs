//! Every figure, one to a file.

mod at_rest;
mod authorization;
mod cited;
mod clock_jumps;
mod codes;
mod double_spend;
mod equality;
mod failed_writes;
mod forged;
mod full_disk;
mod fuzzing;
mod guesses;
mod half_done;
mod hostile;
mod killed;
mod libraries;
mod lost_answer;
mod mails;
mod overload;
mod power_cut;
mod refresh_race;
mod refusals;
mod replay;
mod requests;
mod revoked;
mod signatures;
mod soak;
mod steps;
mod timing;

use crate::figure::Figure;

/// In the order in which they are run and shown.
pub(crate) const ALL: &[&Figure] = &[
    &killed::FIGURE,
    &power_cut::FIGURE,
    &failed_writes::FIGURE,
    &full_disk::FIGURE,
    &half_done::FIGURE,
    &lost_answer::FIGURE,
    &refusals::FIGURE,
    &clock_jumps::FIGURE,
    &overload::FIGURE,
    &soak::FIGURE,
    &refresh_race::FIGURE,
    &replay::FIGURE,
    &double_spend::FIGURE,
    &timing::FIGURE,
    &equality::FIGURE,
    &guesses::FIGURE,
    &codes::FIGURE,
    &mails::FIGURE,
    &signatures::FIGURE,
    &forged::FIGURE,
    &steps::FIGURE,
    &cited::HOLES,
    &cited::REQUIREMENTS,
    &requests::FIGURE,
    &fuzzing::FIGURE,
    &authorization::FIGURE,
    &revoked::FIGURE,
    &at_rest::FIGURE,
    &hostile::FIGURE,
    &libraries::FIGURE,
];
