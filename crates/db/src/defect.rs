//! What the mistakes that can be seeded here have in common (see the crate `defects`).

use std::time::Duration;

/// How long before its commit a batch is answered by `Defect::AnswerBeforeCommit`.
pub(crate) const TOO_EARLY: Duration = Duration::from_millis(20);
