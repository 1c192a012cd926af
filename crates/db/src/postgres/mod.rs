//! PostgreSQL: a pool of connections, each batch a transaction on one of them.
//!
//! Work is done in tasks of its own, so that a caller who leaves neither cuts a transaction in two nor costs a
//! connection. Races are decided by guards at the isolation level `read committed`: a statement that meets a
//! row that another batch changed waits for that batch and then looks again. Where another batch made ours
//! impossible (a unique index, a deadlock), ours is undone and run again from the start, and its guards see the
//! winner.

pub(crate) mod address;
mod batch;
mod bounds;
mod connector;
mod failure;
mod identity;
mod migrate;
mod pool;
mod session;
mod tls;
mod value;
mod verify;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use defects::{Defect, seeded_when_serving};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::Instrument;

use crate::defect::TOO_EARLY;
use crate::migration::check_order;
use crate::{
    Batch, Commits, Fault, FaultKind, MigrateError, Migrated, Migration, Row, ServerOptions, Statement,
    Stats, WriteError, Written, params,
};
use address::Address;
use batch::Refused;
use connector::Connector;
use failure::{Failure, Remedy};
use pool::Pool;
use session::{Request, Session};

/// How often a batch is run when others are in its way.
const TRIES: u32 = 5;

/// An open PostgreSQL database.
pub(crate) struct Postgres {
    pool: Arc<Pool>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("stats", &self.pool.stats()).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects, waiting a while for a server that is about to come up.
    pub(crate) async fn open(address: &Address, options: &ServerOptions) -> Result<Self, Fault> {
        let connector = Connector::new(address, options)?;
        let first = connector.connect_at_last().await.map_err(|failure| failure.fault)?;
        Ok(Self { pool: Arc::new(Pool::new(connector, options.connections, first)) })
    }

    pub(crate) async fn query(&self, statement: Statement) -> Result<Vec<Row>, Fault> {
        let turn = self.pool.turn().await?;
        let pool = Arc::clone(&self.pool);
        let work = async move { pool.within(turn, query(&pool, &statement)).await };
        finish(tokio::spawn(work.in_current_span())).await
    }

    pub(crate) async fn write(&self, batch: Batch) -> Result<Written, WriteError> {
        let turn = self.pool.turn().await?;
        let pool = Arc::clone(&self.pool);
        let end = turn.end;
        if seeded_when_serving(Defect::AnswerBeforeCommit) {
            return answer_too_early(pool, batch, end).await;
        }
        let work = async move { pool.within(turn, write(&pool, &batch, end)).await };
        finish(tokio::spawn(work.in_current_span())).await
    }

    pub(crate) async fn migrate(
        &self,
        migrations: &'static [Migration],
        now_micros: i64,
    ) -> Result<Migrated, MigrateError> {
        check_order(migrations)?;
        let _turn = self.pool.turn().await?;
        let mut session = self.pool.connector.connect_unbounded().await.map_err(|failure| failure.fault)?;
        let migrated = migrate::migrate(&mut session, migrations, now_micros).await;
        session.finish().await;
        migrated
    }

    /// Whether a program has migrated this database before.
    pub(crate) async fn is_migrated(&self) -> Result<bool, Fault> {
        Ok(!self.query(Statement::new(migrate::FIND_TABLE, params![])).await?.is_empty())
    }

    /// The versions of the migrations that the database has seen, in order.
    pub(crate) async fn recorded(&self) -> Result<Vec<i64>, Fault> {
        if !self.is_migrated().await? {
            return Ok(Vec::new());
        }
        let rows = self.query(Statement::new(migrate::RECORDED, params![])).await?;
        rows.iter().map(|row| row.int(0)).collect()
    }

    pub(crate) async fn continue_identity(
        &self,
        table: &'static str,
        column: &'static str,
    ) -> Result<(), Fault> {
        match self.write(identity::after_the_largest(table, column)?.into()).await {
            Ok(_) => Ok(()),
            Err(WriteError::Fault(fault)) => Err(fault),
            Err(WriteError::Guard(guard)) => Err(Fault::broken(guard.to_string())),
        }
    }

    /// What the server's clock says, in microseconds since the epoch.
    pub(crate) async fn clock(&self) -> Result<i64, Fault> {
        let sql = "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)";
        let rows = self.query(Statement::new(sql, params![])).await?;
        rows.first().map_or_else(|| Err(Fault::broken("the time has no row")), |row| row.int(0))
    }

    pub(crate) async fn ping(&self) -> Result<(), Fault> {
        self.query(Statement::new("select 1", params![])).await.map(drop)
    }

    pub(crate) fn stats(&self) -> Stats {
        self.pool.stats()
    }

    pub(crate) fn commits(&self) -> Commits {
        self.pool.counters.commits()
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// The end of a task. It is cut short only if the runtime ends, or by a mistake of ours.
async fn finish<T, E: From<Fault>>(task: JoinHandle<Result<T, E>>) -> Result<T, E> {
    match task.await {
        Ok(result) => result,
        Err(error) if error.is_cancelled() => Err(Fault::closed().into()),
        Err(_) => Err(Fault::broken("the task panicked").into()),
    }
}

async fn query(pool: &Pool, statement: &Statement) -> Result<Vec<Row>, Fault> {
    let mut session = pool.session(true).await.map_err(|failure| failure.fault)?;
    let mut result = read(&mut session, statement).await;
    if result.as_ref().is_err_and(|failure| failure.remedy == Remedy::Prepare) {
        session.forget();
        result = read(&mut session, statement).await;
    }
    pool.put(session);
    result.map_err(|failure| failure.fault)
}

async fn read(session: &mut Session, statement: &Statement) -> Result<Vec<Row>, Failure> {
    let prepared = session.prepare_one(statement).await?;
    match session.alone(Request::run(&prepared, statement), true).await {
        Ok(outcome) => Ok(outcome.rows),
        Err(failure) if failure.remedy == Remedy::ReadOnly => {
            Err(Failure::broken(format!("a query that writes: {}", statement.sql)))
        }
        Err(failure) => Err(failure),
    }
}

async fn write(pool: &Pool, batch: &Batch, end: Instant) -> Result<Written, WriteError> {
    let began = Instant::now();
    let mut session = pool.session(batch.len() != 1).await.map_err(|failure| failure.fault)?;
    let result = attempts(pool, &mut session, batch, end).await;
    pool.put(session);
    match &result {
        Ok(_) => {
            defects::committed();
            pool.counters.committed(1, began.elapsed());
        }
        Err(Refused::Guard(_)) => pool.counters.refused(1),
        Err(Refused::Failure(failure)) if failure.fault.kind() == FaultKind::Broken => {
            pool.counters.refused(1);
        }
        Err(Refused::Failure(_)) => {}
    }
    result.map_err(|refused| match refused {
        Refused::Guard(guard) => WriteError::Guard(guard),
        Refused::Failure(failure) => WriteError::Fault(failure.fault),
    })
}

/// The mistake of that name.
async fn answer_too_early(pool: Arc<Pool>, batch: Batch, end: Instant) -> Result<Written, WriteError> {
    let mut session = pool.session(true).await.map_err(|failure| failure.fault)?;
    let rehearsed = batch::rehearse(&mut session, &batch.statements).await;
    pool.put(session);
    let Ok(written) = rehearsed else { return write(&pool, &batch, end).await };
    tokio::spawn(async move {
        tokio::time::sleep(TOO_EARLY).await;
        // Nobody hears what comes of it.
        let _ = write(&pool, &batch, end).await;
    });
    Ok(written)
}

/// Runs the batch until it is applied, refused on its own, or others were in its way too often.
async fn attempts(
    pool: &Pool,
    session: &mut Session,
    batch: &Batch,
    end: Instant,
) -> Result<Written, Refused> {
    let mut tries = TRIES;
    loop {
        tries -= 1;
        let applied = match seeded_when_serving(Defect::BatchInPieces) {
            false => batch::apply(session, &batch.statements).await,
            true => in_pieces(session, batch).await,
        };
        let refused = match applied {
            Err(Refused::Failure(failure)) => failure,
            done => return done,
        };
        // Half of the time that is left, at least, for what may have to wait for a lock again.
        let in_time = Instant::now() + pool.connector.bounds().statement / 2 < end;
        match refused.remedy {
            Remedy::Again if tries > 0 && in_time => {
                let retries = pool.counters.retries.get();
                pool.counters.retries.one();
                tracing::debug!(fault = %refused.fault, "a batch is run again");
                tokio::time::sleep(pause(TRIES - tries, retries)).await;
            }
            Remedy::Prepare if tries > 0 => session.forget(),
            _ => return Err(refused.into()),
        }
    }
}

/// The mistake of that name: what stands before a guard that fails stays done.
async fn in_pieces(session: &mut Session, batch: &Batch) -> Result<Written, Refused> {
    let mut all = Written::default();
    for (index, statement) in batch.statements.iter().enumerate() {
        if index > 0 {
            defects::committed();
        }
        all.outcomes.extend(batch::apply(session, std::slice::from_ref(statement)).await?.outcomes);
    }
    Ok(all)
}

/// Longer each time, and not the same for two that are in each other's way.
fn pause(tries: u32, retries: u64) -> Duration {
    Duration::from_micros(500 * (1 << tries.min(5)) + 700 * (retries % 7))
}
