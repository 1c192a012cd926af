//! The handle that everybody holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::sqlite::Sqlite;
use crate::url::Target;
use crate::{
    Batch, DatabaseUrl, Fault, MigrateError, Migrated, Migration, Row, Statement, WriteError, Written,
};

/// How to open a database.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many queries run at once, at least 1.
    pub readers: usize,
    /// How long to wait for another process that holds the database, before it counts as unavailable.
    pub busy_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 2, busy_timeout: Duration::from_secs(5) }
    }
}

/// Counters since the database was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Transactions committed for batches.
    pub commits: u64,
    /// Batches that went through those transactions, applied or refused on their own.
    pub batches: u64,
}

/// An open database; clones are cheap and share it.
///
/// When the last clone is dropped, batches already handed over are still applied, in the background;
/// [`close`](Self::close) waits for that.
#[derive(Clone, Debug)]
pub struct Database {
    engine: Engine,
    queries: Arc<AtomicU64>,
}

/// The engine behind a handle.
#[derive(Clone, Debug)]
enum Engine {
    Sqlite(Arc<Sqlite>),
}

impl Database {
    /// Opens the database. A new database file can be read and written by its owner only; the folder
    /// must exist. A file that cannot be opened is
    /// [`FaultKind::Unavailable`](crate::FaultKind::Unavailable).
    pub async fn open(url: &DatabaseUrl, options: Options) -> Result<Self, Fault> {
        let sqlite = match url.target() {
            Target::SqliteFile(path) => Sqlite::open_file(path, options).await?,
            Target::SqliteMemory => Sqlite::open_memory(options).await?,
        };
        Ok(Self { engine: Engine::Sqlite(Arc::new(sqlite)), queries: Arc::default() })
    }

    /// Runs one statement that only reads, and sees what was committed before it began.
    ///
    /// A statement that could write, ends a transaction, or has a guard is
    /// [`FaultKind::Broken`](crate::FaultKind::Broken).
    pub async fn query(&self, statement: Statement) -> Result<Vec<Row>, Fault> {
        if statement.guard.is_some() {
            return Err(Fault::broken("a query has a guard; guards belong to batches"));
        }
        self.queries.fetch_add(1, Ordering::Relaxed);
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.query(statement).await,
        }
    }

    /// Applies a batch as a whole or not at all; `Ok` means that it survives a crash and a power cut.
    ///
    /// Waits while too many batches are ahead of it. If the future is dropped before it answers, the
    /// batch is still applied as a whole or not at all.
    pub async fn write(&self, batch: Batch) -> Result<Written, WriteError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.write(batch).await,
        }
    }

    /// Applies the migrations that the database has not seen, each in one transaction. Several processes
    /// may do so at once: each step is applied by one of them.
    ///
    /// `now_micros` (microseconds since the epoch, UTC) is recorded as the time of the steps.
    pub async fn migrate(
        &self,
        migrations: &'static [Migration],
        now_micros: i64,
    ) -> Result<Migrated, MigrateError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.migrate(migrations, now_micros).await,
        }
    }

    /// Asks whether queries and batches are being served; waits its turn behind those under way.
    pub async fn ping(&self) -> Result<(), Fault> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.ping().await,
        }
    }

    /// How many commits there were, for how many batches.
    pub fn stats(&self) -> Stats {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.stats(),
        }
    }

    /// How many queries were asked.
    pub fn queries(&self) -> u64 {
        self.queries.load(Ordering::Relaxed)
    }

    /// Finishes the queries and batches already handed over, tidies up, and returns when all is done.
    /// From then on every other clone answers [`FaultKind::Unavailable`](crate::FaultKind::Unavailable).
    pub async fn close(self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
        }
    }
}
