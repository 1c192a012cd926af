//! What every engine must do. Each body runs once per engine, on an empty database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod batches;
mod concurrency;
mod disk;
mod group_commit;
mod isolation;
mod migrations;
mod opening;
mod queries;
mod values;

use db::{Batch, Database, DatabaseUrl, Options, Row, Statement, Value, WriteError, Written};

/// An empty database that lasts as long as the test.
struct Engine {
    db: Database,
    folder: Option<tempfile::TempDir>,
}

impl Engine {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite_file(&folder.path().join("test.db"));
        Self { db: Database::open(&url, Options::default()).await.unwrap(), folder: Some(folder) }
    }

    async fn sqlite_memory() -> Self {
        let url = DatabaseUrl::parse("sqlite::memory:").unwrap();
        Self { db: Database::open(&url, Options::default()).await.unwrap(), folder: None }
    }

    async fn write(&self, batch: impl Into<Batch>) -> Result<Written, WriteError> {
        self.db.write(batch.into()).await
    }

    /// Runs one statement that must succeed.
    async fn run(&self, sql: &'static str, params: Vec<Value>) -> Written {
        self.write(Statement::new(sql, params)).await.unwrap()
    }

    async fn rows(&self, sql: &'static str, params: Vec<Value>) -> Vec<Row> {
        self.db.query(Statement::new(sql, params)).await.unwrap()
    }

    /// The one number that a query answers.
    async fn number(&self, sql: &'static str) -> i64 {
        self.rows(sql, vec![]).await[0].int(0).unwrap()
    }

    /// A table to play with: `t (id text primary key, n bigint not null)`.
    async fn with_table(self) -> Self {
        self.run("create table t (id text primary key, n integer not null) strict", vec![]).await;
        self
    }
}

/// Runs each body once per engine.
macro_rules! engines {
    ($($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($engine: crate::Engine) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body(crate::Engine::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite_memory() {
                body(crate::Engine::sqlite_memory().await).await;
            }
        }
    )*};
}
use engines;
