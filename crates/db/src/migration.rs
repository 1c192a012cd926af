//! The ordered list of schema changes.

use crate::Fault;

/// One step of the schema, applied in one transaction together with the row that records it.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// From 1, rising through the list; gaps are allowed.
    pub version: i64,
    /// A few words for the record.
    pub name: &'static str,
    /// Statements in PostgreSQL's words, without parameters, one per text. Columns are `text`, `bigint`,
    /// `boolean`, `bytea`, or `bigint generated always as identity primary key`.
    pub sql: &'static [&'static str],
}

/// What [`Database::migrate`](crate::Database::migrate) did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The versions that this call applied, in order; another process may have applied others meanwhile.
    pub applied: Vec<i64>,
    /// The version the database is at now; 0 if it has none.
    pub version: i64,
}

/// Why the schema could not be brought up to date. Steps before the failing one stay applied.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MigrateError {
    /// A later program has migrated this database; this one must not touch it.
    #[error(
        "the database is at schema version {database}, but this program knows only versions up to {binary}: \
         run the newer program again, or restore a backup from before it"
    )]
    Newer {
        /// The version the database is at.
        database: i64,
        /// The last version in this program's list.
        binary: i64,
    },
    /// The list does not rise, or has a step the database never saw below one that it did.
    #[error("migration {version} is out of order")]
    OutOfOrder {
        /// The step in the wrong place.
        version: i64,
    },
    /// A step failed and was undone.
    #[error("migration {version} ({name}) failed: {fault}")]
    Failed {
        /// The step that failed.
        version: i64,
        /// Its name.
        name: &'static str,
        /// Why.
        fault: Fault,
    },
    /// The database failed outside of any step.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Refuses a list that does not rise from 1 or more.
pub(crate) fn check_order(migrations: &[Migration]) -> Result<(), MigrateError> {
    let mut last = 0;
    for migration in migrations {
        if migration.version <= last {
            return Err(MigrateError::OutOfOrder { version: migration.version });
        }
        last = migration.version;
    }
    Ok(())
}

/// The first step that is not among the `recorded` versions, which must be sorted.
pub(crate) fn next_step<'a>(
    migrations: &'a [Migration],
    recorded: &[i64],
) -> Result<Option<&'a Migration>, MigrateError> {
    let database = recorded.last().copied().unwrap_or(0);
    let binary = migrations.last().map_or(0, |migration| migration.version);
    if database > binary {
        return Err(MigrateError::Newer { database, binary });
    }
    match migrations.iter().find(|migration| !recorded.contains(&migration.version)) {
        Some(missed) if missed.version < database => {
            Err(MigrateError::OutOfOrder { version: missed.version })
        }
        step => Ok(step),
    }
}

/// The versions that are not among the `recorded` ones, which must be sorted.
pub(crate) fn missing(migrations: &[Migration], recorded: &[i64]) -> Result<Vec<i64>, MigrateError> {
    check_order(migrations)?;
    next_step(migrations, recorded)?;
    let versions = migrations.iter().map(|migration| migration.version);
    Ok(versions.filter(|version| !recorded.contains(version)).collect())
}
