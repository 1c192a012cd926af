//! What every engine must do. Each body runs once per engine, on an empty database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod batches;
mod concurrency;
mod disk;
mod group_commit;
mod isolation;
mod migrations;
mod opening;
mod postgres;
mod queries;
mod values;

use std::borrow::Cow;

use db::{Batch, Database, DatabaseUrl, Options, Row, Statement, Value, WriteError, Written};
use harness::postgres::Cluster;

/// An empty database that lasts as long as the test.
struct Engine {
    db: Database,
    folder: Option<tempfile::TempDir>,
    /// Its name, on a server.
    name: Option<String>,
}

impl Engine {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite_file(&folder.path().join("test.db"));
        Self { db: Database::open(&url, Options::default()).await.unwrap(), folder: Some(folder), name: None }
    }

    async fn sqlite_memory() -> Self {
        let url = DatabaseUrl::parse("sqlite::memory:").unwrap();
        Self { db: Database::open(&url, Options::default()).await.unwrap(), folder: None, name: None }
    }

    async fn postgres() -> Self {
        let name = Cluster::shared().create_database();
        let url = DatabaseUrl::parse(&Cluster::shared().url(&name)).unwrap();
        Self { db: Database::open(&url, Options::default()).await.unwrap(), folder: None, name: Some(name) }
    }

    /// A `create table` or `alter table .. add` in this engine's words.
    fn ddl(&self, sql: &'static str) -> Cow<'static, str> {
        if self.name.is_some() {
            return sql.into();
        }
        let strict = if sql.starts_with("create table") { " strict" } else { "" };
        format!(
            "{}{strict}",
            sql.replace("bigint", "integer").replace("boolean", "integer").replace("bytea", "blob")
        )
        .into()
    }

    async fn create(&self, sql: &'static str) {
        self.write(Statement::new(self.ddl(sql), vec![])).await.unwrap();
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
        self.create("create table t (id text primary key, n bigint not null)").await;
        self
    }
}

/// Runs each body once per engine; `on [..]` names them where a body means something on those only.
macro_rules! engines {
    (on $engines:tt $($tests:tt)*) => { $crate::engines! { @each $engines $($tests)* } };
    (@each $engines:tt $($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($engine: crate::Engine) $body

            $crate::engines! { @run $engines }
        }
    )*};
    (@run [$($engine:ident),+]) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $engine() {
            body(crate::Engine::$engine().await).await;
        }
    )+};
    ($($tests:tt)*) => { $crate::engines! { @each [sqlite, sqlite_memory, postgres] $($tests)* } };
}
use engines;
