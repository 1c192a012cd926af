//! A migrated database that notes which functions of the store were used on it.

use std::collections::BTreeSet;

use db::{Batch, Database, DatabaseUrl, Options, Statement, WriteError, Written};
use harness::postgres::Cluster;

/// The database and the notes.
pub(crate) struct Bench {
    pub(crate) db: Database,
    /// `module::function` of everything that ran.
    pub(crate) used: BTreeSet<&'static str>,
}

impl Bench {
    /// On SQLite in memory.
    pub(crate) async fn sqlite() -> Self {
        Self::on("sqlite::memory:").await
    }

    /// On a database of its own on PostgreSQL.
    pub(crate) async fn postgres() -> Self {
        Self::on(&Cluster::shared().url(&Cluster::shared().create_database())).await
    }

    async fn on(url: &str) -> Self {
        let db = Database::open(&DatabaseUrl::parse(url).unwrap(), Options::default()).await.unwrap();
        db.migrate(store::migrations::ALL, 1).await.unwrap();
        Self { db, used: BTreeSet::new() }
    }

    /// Runs a batch; a guard may fail, nothing else.
    pub(crate) async fn run(&mut self, name: &'static str, batch: Batch) -> Result<Written, &'static str> {
        self.used.insert(name);
        match self.db.write(batch).await {
            Ok(written) => Ok(written),
            Err(WriteError::Guard(guard)) => Err(guard.name),
            Err(WriteError::Fault(fault)) => panic!("{name}: {fault}"),
        }
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        self.db.query(Statement::new(sql, vec![])).await.unwrap()[0].int(0).unwrap()
    }
}

/// Runs the statement, or the statements, that a function of the store makes; the name of the guard that
/// failed is the error.
macro_rules! write {
    ($bench:ident, $module:ident::$function:ident($($argument:expr),* $(,)?)) => {{
        let batch = db::Batch::from(store::$module::$function($($argument),*));
        $bench.run(concat!(stringify!($module), "::", stringify!($function)), batch).await
    }};
    ($bench:ident, each of $module:ident::$function:ident($($argument:expr),* $(,)?)) => {{
        let batch = store::$module::$function($($argument),*).into_iter().fold(db::Batch::new(), db::Batch::with);
        $bench.run(concat!(stringify!($module), "::", stringify!($function)), batch).await
    }};
}
pub(crate) use write;

/// Answers what a reading function of the store finds.
macro_rules! read {
    ($bench:ident, $module:ident::$function:ident($($argument:expr),* $(,)?)) => {{
        let found = store::$module::$function(&$bench.db, $($argument),*).await.unwrap();
        $bench.used.insert(concat!(stringify!($module), "::", stringify!($function)));
        found
    }};
}
pub(crate) use read;

/// Calls a function of the store that asks no database.
macro_rules! pure {
    ($bench:ident, $module:ident::$function:ident($($argument:expr),* $(,)?)) => {{
        $bench.used.insert(concat!(stringify!($module), "::", stringify!($function)));
        store::$module::$function($($argument),*)
    }};
}
pub(crate) use pure;

/// Runs each body once per engine, on an empty, migrated database.
macro_rules! engines {
    ($($(#[$meta:meta])* async fn $name:ident($bench:ident: Bench) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($bench: Bench) $body

            #[tokio::test]
            async fn sqlite() {
                body(Bench::sqlite().await).await;
            }

            #[tokio::test]
            async fn postgres() {
                body(Bench::postgres().await).await;
            }
        }
    )*};
}
pub(crate) use engines;
