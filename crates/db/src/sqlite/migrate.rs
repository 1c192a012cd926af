//! Brings a SQLite schema up to date, one step per transaction.

use rusqlite::Connection;

use super::connection::Link;
use super::dialect::translate;
use super::execute;
use super::failure::{Failure, Trust};
use crate::migration::next_step;
use crate::{FaultKind, MigrateError, Migrated, Migration, Statement, params};

/// How often to wait the busy timeout for another process that is migrating: its steps may take longer
/// than any batch.
const PATIENCE: usize = 12;

const TABLE: &str = "create table if not exists schema_version \
    (version bigint primary key, name text not null, applied_at bigint not null)";

/// Applies what is missing. Each step decides anew, inside its transaction, what is missing: another
/// process may have been faster.
pub(super) fn migrate(
    link: &mut Link,
    migrations: &'static [Migration],
    now_micros: i64,
) -> Result<Migrated, MigrateError> {
    let mut applied = Vec::new();
    // The first look takes no lock, so a start with nothing to do does not wait for a writer.
    let mut version = look(link, migrations)?;
    while version.is_none() {
        match step(link, migrations, now_micros)? {
            Step::Applied(step) => applied.push(step),
            Step::UpToDate(at) => version = Some(at),
        }
    }
    Ok(Migrated { applied, version: version.unwrap_or(0) })
}

/// The version of a database that needs nothing; `None` when a step is missing.
fn look(link: &mut Link, migrations: &[Migration]) -> Result<Option<i64>, MigrateError> {
    let result = link.connection().and_then(|connection| recorded(connection));
    let recorded = result.map_err(|failure| trouble(link, failure))?;
    let missing = next_step(migrations, &recorded)?.is_some();
    Ok((!missing).then(|| recorded.last().copied().unwrap_or(0)))
}

enum Step {
    Applied(i64),
    UpToDate(i64),
}

/// Applies the first missing step in one transaction with its record.
fn step(link: &mut Link, migrations: &[Migration], now_micros: i64) -> Result<Step, MigrateError> {
    begin(link)?;
    let result = transact(link, migrations, now_micros);
    if let Err(error) = &result {
        link.recover(&aftermath(error));
    }
    result
}

/// What a failed step means to the connection. Its transaction is still open in any case, also when the
/// step was refused before SQL ran; if the circumstances failed, the connection is not worth keeping.
fn aftermath(error: &MigrateError) -> Failure {
    match error {
        MigrateError::Failed { fault, .. } | MigrateError::Fault(fault)
            if fault.kind() == FaultKind::Unavailable =>
        {
            Failure { fault: fault.clone(), trust: Trust::Lost }
        }
        other => Failure::broken(other.to_string()),
    }
}

fn transact(link: &mut Link, migrations: &[Migration], now_micros: i64) -> Result<Step, MigrateError> {
    let connection = &*link.connection().map_err(|failure| failure.fault)?;
    let recorded = recorded(connection).map_err(|failure| failure.fault)?;
    let Some(next) = next_step(migrations, &recorded)? else {
        execute::control(connection, "rollback").map_err(|failure| failure.fault)?;
        return Ok(Step::UpToDate(recorded.last().copied().unwrap_or(0)));
    };
    apply(connection, next, now_micros).map_err(|failure| MigrateError::Failed {
        version: next.version,
        name: next.name,
        fault: failure.fault,
    })?;
    tracing::info!(version = next.version, name = next.name, "migration applied");
    Ok(Step::Applied(next.version))
}

fn apply(connection: &Connection, migration: &Migration, now_micros: i64) -> Result<(), Failure> {
    ddl(connection, TABLE)?;
    for sql in migration.sql {
        ddl(connection, sql)?;
    }
    let record = Statement::new(
        "insert into schema_version (version, name, applied_at) values ($1, $2, $3)",
        params![migration.version, migration.name, now_micros],
    );
    execute::run(connection, &record)?;
    execute::control(connection, "commit")
}

fn ddl(connection: &Connection, sql: &str) -> Result<(), Failure> {
    let translated = translate(sql).map_err(|reason| Failure::broken(format!("{reason}, in: {sql}")))?;
    execute::run(connection, &Statement::new(translated, params![])).map(drop)
}

/// Begins a transaction that may write, waiting for another process that migrates.
fn begin(link: &mut Link) -> Result<(), MigrateError> {
    let mut attempts = PATIENCE;
    loop {
        attempts -= 1;
        let begun = link.connection().and_then(|connection| execute::control(connection, "begin immediate"));
        match begun {
            Ok(()) => return Ok(()),
            Err(failure) if failure.fault.kind() == FaultKind::Unavailable && attempts > 0 => {
                link.recover(&failure);
            }
            Err(failure) => return Err(trouble(link, failure)),
        }
    }
}

/// The versions on record, in order; none if there is no record yet.
pub(super) fn recorded(connection: &Connection) -> Result<Vec<i64>, Failure> {
    let table = "select 1 from sqlite_schema where type = 'table' and name = 'schema_version'";
    if execute::query(connection, &Statement::new(table, params![]))?.is_empty() {
        return Ok(Vec::new());
    }
    let versions = Statement::new("select version from schema_version order by version", params![]);
    let rows = execute::query(connection, &versions)?;
    rows.iter().map(|row| row.int(0).map_err(|fault| Failure::broken(fault.to_string()))).collect()
}

fn trouble(link: &mut Link, failure: Failure) -> MigrateError {
    link.recover(&failure);
    MigrateError::Fault(failure.fault)
}
