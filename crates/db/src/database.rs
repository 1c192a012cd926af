//! The handle that everybody holds.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tally::{Count, Distribution};
use tracing::Instrument;

use crate::migration::missing;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::url::Target;
use crate::{
    Batch, DatabaseUrl, Fault, MigrateError, Migrated, Migration, Row, Statement, WriteError, Written,
};

/// How to open a database.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many queries run at once on a file, at least 1.
    pub readers: usize,
    /// How long to wait for another process that holds the file, before it counts as unavailable.
    pub busy_timeout: Duration,
    /// For a database on a server.
    pub server: ServerOptions,
}

/// How to use a database on a server. Files have no use for it.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The most connections, and so the most calls at once; at least 1.
    pub connections: usize,
    /// How long a call waits for a connection, and at the start for the server. Bounds for statements follow
    /// from it: every call ends within twice this time, and with less than 20 s after it got its connection.
    pub patience: Duration,
    /// The password, unless the URL has one; without either the variable `PGPASSWORD` counts.
    pub password: Option<SecretString>,
    /// Authorities (PEM) whose certificates are believed, unless the URL names them. A URL without `sslmode`
    /// then means `verify-full`.
    pub ca_file: Option<PathBuf>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self { connections: 16, patience: Duration::from_secs(5), password: None, ca_file: None }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 2, busy_timeout: Duration::from_secs(5), server: ServerOptions::default() }
    }
}

/// Counters since the database was opened, and how its connections are used now. A file has none to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Transactions committed for batches; one with nothing in it but what was refused is none.
    pub commits: u64,
    /// Batches that were applied, or refused on their own.
    pub batches: u64,
    /// Times that a batch was run again because another one was in its way.
    pub retries: u64,
    /// Connections to the server.
    pub connections_open: usize,
    /// Those of them that nobody uses.
    pub connections_idle: usize,
    /// Calls that wait for a connection, or for the threads of a file.
    pub callers_waiting: usize,
}

/// How transactions for batches were committed since the database was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commits {
    /// How many batches one transaction carried.
    pub batches: Distribution,
    /// How long it took from its beginning until it was committed, in microseconds.
    pub micros: Distribution,
}

/// An open database; clones are cheap and share it.
///
/// When the last clone is dropped, batches already handed over are still applied, in the background;
/// [`close`](Self::close) waits for that.
#[derive(Clone, Debug)]
pub struct Database {
    engine: Engine,
    queries: Arc<Count>,
}

/// The engine behind a handle.
#[derive(Clone, Debug)]
enum Engine {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Postgres>),
}

impl Database {
    /// Opens the database. A new database file can be read and written by its owner only; the folder
    /// must exist. A file that cannot be opened is
    /// [`FaultKind::Unavailable`](crate::FaultKind::Unavailable).
    ///
    /// On a server the database must exist. A server that does not answer is waited for as long as patience
    /// says; then, or if it does not let us in, it is unavailable.
    pub async fn open(url: &DatabaseUrl, options: Options) -> Result<Self, Fault> {
        let engine = match url.target() {
            Target::SqliteFile(path) => Engine::Sqlite(Arc::new(Sqlite::open_file(path, options).await?)),
            Target::SqliteMemory => Engine::Sqlite(Arc::new(Sqlite::open_memory(options).await?)),
            Target::Postgres(address) => {
                Engine::Postgres(Arc::new(Postgres::open(address, &options.server).await?))
            }
        };
        Ok(Self { engine, queries: Arc::default() })
    }

    /// Whether there is something to open that [`open`](Self::open) and [`migrate`](Self::migrate) would not make
    /// anew: a file, or on a server a database that was migrated before. One in memory is made by opening it.
    pub async fn exists(url: &DatabaseUrl, options: &Options) -> Result<bool, Fault> {
        match url.target() {
            Target::SqliteFile(path) => Ok(path.exists()),
            Target::SqliteMemory => Ok(true),
            Target::Postgres(address) => {
                let postgres = Postgres::open(address, &options.server).await?;
                let migrated = postgres.is_migrated().await;
                postgres.close().await;
                migrated
            }
        }
    }

    /// Runs one statement that only reads, and sees what was committed before it began.
    ///
    /// A statement that could write, ends a transaction, or has a guard is
    /// [`FaultKind::Broken`](crate::FaultKind::Broken).
    pub async fn query(&self, statement: Statement) -> Result<Vec<Row>, Fault> {
        if statement.guard.is_some() {
            return Err(Fault::broken("a query has a guard; guards belong to batches"));
        }
        self.queries.one();
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.query(statement).await,
            Engine::Postgres(postgres) => postgres.query(statement).await,
        }
    }

    /// Applies a batch as a whole or not at all; `Ok` means that it survives a crash and a power cut.
    ///
    /// Waits while too many batches are ahead of it. If the future is dropped before it answers, or a server does
    /// not answer the commit ([`FaultKind::Unavailable`](crate::FaultKind::Unavailable)), the batch is still
    /// applied as a whole or not at all.
    pub async fn write(&self, batch: Batch) -> Result<Written, WriteError> {
        let span = tracing::debug_span!("batch", statements = batch.len());
        let written = async {
            match &self.engine {
                Engine::Sqlite(sqlite) => sqlite.write(batch).await,
                Engine::Postgres(postgres) => postgres.write(batch).await,
            }
        };
        written.instrument(span).await
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
            Engine::Postgres(postgres) => postgres.migrate(migrations, now_micros).await,
        }
    }

    /// The versions of those migrations that the database has not seen; changes nothing.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate) would fail on the record of the steps: [`MigrateError::Newer`],
    /// [`MigrateError::OutOfOrder`], or [`MigrateError::Fault`].
    pub async fn missing(&self, migrations: &'static [Migration]) -> Result<Vec<i64>, MigrateError> {
        let recorded = match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.recorded().await?,
            Engine::Postgres(postgres) => postgres.recorded().await?,
        };
        missing(migrations, &recorded)
    }

    /// Lets the next value that the column generates come after every value it has had, also those that rows
    /// brought with them (`overriding system value`). For moving rows between databases, while nobody else writes.
    ///
    /// The names are of lower-case letters and `_`.
    pub async fn continue_identity(&self, table: &'static str, column: &'static str) -> Result<(), Fault> {
        match &self.engine {
            // SQLite remembers the largest by itself.
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(postgres) => postgres.continue_identity(table, column).await,
        }
    }

    /// What the server's own clock says, in microseconds since the epoch; a file has none.
    pub async fn server_clock(&self) -> Result<Option<i64>, Fault> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres(postgres) => postgres.clock().await.map(Some),
        }
    }

    /// Asks whether queries and batches are being served; waits its turn behind those under way.
    pub async fn ping(&self) -> Result<(), Fault> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.ping().await,
            Engine::Postgres(postgres) => postgres.ping().await,
        }
    }

    /// How many commits there were, for how many batches.
    pub fn stats(&self) -> Stats {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.stats(),
            Engine::Postgres(postgres) => postgres.stats(),
        }
    }

    /// How large commits were, and how long they took.
    pub fn commits(&self) -> Commits {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.commits(),
            Engine::Postgres(postgres) => postgres.commits(),
        }
    }

    /// How many queries were asked.
    pub fn queries(&self) -> u64 {
        self.queries.get()
    }

    /// Finishes the queries and batches already handed over, tidies up, and returns when all is done.
    /// From then on every other clone answers [`FaultKind::Unavailable`](crate::FaultKind::Unavailable).
    pub async fn close(self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close().await,
        }
    }
}
