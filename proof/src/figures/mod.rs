//! Every figure, one to a file.

mod double_spend;
mod full_disk;
mod guesses;
mod half_done;
mod killed;
mod lost_answer;
mod mails;
mod power_cut;
mod refresh_race;
mod refusals;
mod replay;
mod revoked;

use crate::figure::Figure;

/// In the order in which they are run and shown.
pub(crate) const ALL: [&Figure; 12] = [
    &killed::FIGURE,
    &power_cut::FIGURE,
    &full_disk::FIGURE,
    &half_done::FIGURE,
    &lost_answer::FIGURE,
    &refusals::FIGURE,
    &refresh_race::FIGURE,
    &replay::FIGURE,
    &double_spend::FIGURE,
    &guesses::FIGURE,
    &mails::FIGURE,
    &revoked::FIGURE,
];
