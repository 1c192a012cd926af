//! Every figure, one to a file.

mod killed;

use crate::figure::Figure;

/// In the order in which they are run and shown.
pub(crate) const ALL: [&Figure; 1] = [&killed::FIGURE];
