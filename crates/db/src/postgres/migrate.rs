//! Brings a PostgreSQL schema up to date, one step per transaction.

use super::failure::{Failure, Remedy};
use super::session::{Request, Session};
use crate::migration::next_step;
use crate::sqlite::dialect::translate;
use crate::{MigrateError, Migrated, Migration, Row, Statement, params};

/// How often to look again when others migrate the same database.
const TRIES: u32 = 20;

/// Finds the table of versions, without an error where there is none.
pub(super) const FIND_TABLE: &str = "select 1 from information_schema.tables \
     where table_schema = current_schema() and table_name = 'schema_version'";

/// Finds the versions on record, in order.
pub(super) const RECORDED: &str = "select version from schema_version order by version";

const TABLE: &str = "create table if not exists schema_version \
     (version bigint primary key, name text not null, applied_at bigint not null)";

/// Applies what is missing. Each step begins by recording itself, so of several programs that start at once
/// one applies it; the others wait for that one's commit, fail, and look again.
pub(super) async fn migrate(
    session: &mut Session,
    migrations: &'static [Migration],
    now_micros: i64,
) -> Result<Migrated, MigrateError> {
    let mut applied = Vec::new();
    let mut tries = TRIES;
    loop {
        let recorded = recorded(session).await.map_err(|failure| failure.fault)?;
        let Some(next) = next_step(migrations, &recorded)? else {
            return Ok(Migrated { applied, version: recorded.last().copied().unwrap_or(0) });
        };
        match step(session, next, now_micros).await {
            Ok(()) => {
                tracing::info!(version = next.version, name = next.name, "migration applied");
                applied.push(next.version);
                tries = TRIES;
            }
            Err(failure) if failure.remedy == Remedy::Again && tries > 0 => tries -= 1,
            Err(failure) => {
                let fault = failure.fault;
                return Err(MigrateError::Failed { version: next.version, name: next.name, fault });
            }
        }
    }
}

async fn step(session: &mut Session, migration: &Migration, now_micros: i64) -> Result<(), Failure> {
    for sql in migration.sql {
        // What the other engine would not understand is refused here too.
        translate(sql).map_err(|reason| Failure::broken(format!("{reason}, in: {sql}")))?;
    }
    if query(session, FIND_TABLE).await?.is_empty() {
        make_table(session).await?;
    }
    session.begin_with(Vec::new()).await?;
    let result = apply(session, migration, now_micros).await;
    match &result {
        Ok(()) => session.control("commit").await?,
        // If this fails, so does the next look.
        Err(_) => _ = session.control("rollback").await,
    }
    result
}

/// Two who make the same table at once can both find it missing: then one of them fails, and has it.
async fn make_table(session: &mut Session) -> Result<(), Failure> {
    match session.control(TABLE).await {
        Err(failure) if query(session, FIND_TABLE).await?.is_empty() => Err(failure),
        _ => Ok(()),
    }
}

async fn apply(session: &mut Session, migration: &Migration, now_micros: i64) -> Result<(), Failure> {
    let record = Statement::new(
        "insert into schema_version (version, name, applied_at) values ($1, $2, $3)",
        params![migration.version, migration.name, now_micros],
    );
    run(session, &record).await?;
    for sql in migration.sql {
        run(session, &Statement::new(*sql, params![])).await.map_err(|failure| match failure.remedy {
            // Only the record tells of others; what fails here would fail again.
            Remedy::Again if failure.fault.kind() == crate::FaultKind::Broken => {
                Failure { remedy: Remedy::None, ..failure }
            }
            _ => failure,
        })?;
    }
    Ok(())
}

/// The versions on record, in order; none if there is no record yet.
async fn recorded(session: &mut Session) -> Result<Vec<i64>, Failure> {
    if query(session, FIND_TABLE).await?.is_empty() {
        return Ok(Vec::new());
    }
    let rows = query(session, RECORDED).await?;
    rows.iter().map(|row| row.int(0).map_err(|fault| Failure::broken(fault.to_string()))).collect()
}

async fn query(session: &mut Session, sql: &'static str) -> Result<Vec<Row>, Failure> {
    run(session, &Statement::new(sql, params![])).await
}

async fn run(session: &mut Session, statement: &Statement) -> Result<Vec<Row>, Failure> {
    let prepared = session.prepare_one(statement).await?;
    session.one(Request::run(&prepared, statement)).await.map(|outcome| outcome.rows)
}
