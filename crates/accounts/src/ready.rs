//! Whether requests are served properly just now.

use db::{FaultKind, Misfit};

use crate::accounts::Accounts;

/// Why they are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// The database does not answer.
    #[error("the database does not answer")]
    Unanswered,
    /// It has not answered for so long that no token is checked.
    #[error("what other servers changed is not known: the database did not answer for too long")]
    Behind,
    /// Its schema is not one that this program can serve.
    #[error("the schema of the database does not fit this program; the log says why")]
    Misfit,
}

impl Accounts {
    /// Whether tokens are checked, the database answers, and its schema is one that this program can serve.
    ///
    /// # Errors
    /// [`NotReady`] saying why not. The cause is logged here.
    pub async fn ready(&self) -> Result<(), NotReady> {
        if self.core.vouches().is_err() {
            return Err(NotReady::Behind);
        }
        let asked = async {
            self.core.db.ping().await?;
            self.core.db.fits(store::migrations::ALL).await
        };
        asked.await.map_err(|misfit| {
            tracing::error!(cause = %misfit, "not ready");
            match misfit {
                Misfit::Fault(fault) if fault.kind() == FaultKind::Unavailable => NotReady::Unanswered,
                Misfit::Fault(_) | Misfit::Lacks { .. } | Misfit::Newer { .. } => NotReady::Misfit,
            }
        })
    }
}
