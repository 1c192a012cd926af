//! Whether a program can serve a database that others may have migrated since it started.

use crate::{Database, Fault, MigrateError, Migration, Statement, params};

/// How the name of a step begins that takes something away: `needs 4: ...` means that only programs which know
/// step 4 can go on with it.
const NEEDS: &str = "needs ";

/// Why a program cannot serve a database as it is.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Misfit {
    /// Somebody put another database in its place, or took tables away.
    #[error("the schema lacks step {step}")]
    Lacks {
        /// The first step that is missing.
        step: i64,
    },
    /// A later program took away what this one uses.
    #[error("the schema is at version {database}, for programs that know {needs}; this one knows {binary}")]
    Newer {
        /// The version the database is at.
        database: i64,
        /// The version that a program has to know at least.
        needs: i64,
        /// The last version in this program's list.
        binary: i64,
    },
    /// It could not be found out.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Database {
    /// Whether a program that knows these migrations can serve the database as it is now.
    ///
    /// A newer schema fits as long as its steps only add, which is what they do unless their names say otherwise:
    /// a program that runs goes on beside those that come after it, though it would not start any more.
    ///
    /// # Errors
    /// [`Misfit`] saying why not.
    pub async fn fits(&self, migrations: &'static [Migration]) -> Result<(), Misfit> {
        match self.missing(migrations).await {
            Ok(missing) => missing.first().map_or(Ok(()), |step| Err(Misfit::Lacks { step: *step })),
            Err(MigrateError::Newer { database, binary }) => {
                let sql = "select name from schema_version where version > $1";
                let rows = self.query(Statement::new(sql, params![binary])).await?;
                let names = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, Fault>>()?;
                match names.iter().filter_map(|name| needs(name)).max() {
                    Some(needs) if needs > binary => Err(Misfit::Newer { database, needs, binary }),
                    _ => Ok(()),
                }
            }
            Err(MigrateError::OutOfOrder { version } | MigrateError::Failed { version, .. }) => {
                Err(Misfit::Lacks { step: version })
            }
            Err(MigrateError::Fault(fault)) => Err(fault.into()),
        }
    }
}

/// The step that a program has to know to go on with the one of this name; none if it only adds.
fn needs(name: &str) -> Option<i64> {
    name.strip_prefix(NEEDS)?.split_once(':')?.0.parse().ok()
}
