//! Runs SQL: one executor over every engine, knowing no tables.
//!
//! 1. [`DatabaseUrl::parse`] says which database, [`Database::open`] opens it, [`Database::migrate`]
//!    brings its schema up to this program's.
//! 2. Read with [`Database::query`]: one [`Statement`] whose parameters are `$1`, `$2`, ... and come from
//!    [`params!`]. Take columns from a [`Row`] by position.
//! 3. Write with [`Database::write`]: a [`Batch`] of statements, applied as a whole or not at all, and
//!    durable when it answers `Ok`. A statement that must touch an exact number of rows says so with
//!    [`Statement::touching`]; a race is decided by such a guard, never by a lock.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use db::{Batch, Database, DatabaseUrl, Options, Statement, params};
//!
//! let database = Database::open(&DatabaseUrl::parse("sqlite::memory:")?, Options::default()).await?;
//! let batch = Batch::new()
//!     .with(Statement::new("create table note (id text primary key, body text not null) strict", params![]))
//!     .with(Statement::new("insert into note values ($1, $2)", params!["n1", "hello"]).touching(1, "new"));
//! database.write(batch).await?;
//! let rows = database.query(Statement::new("select body from note where id = $1", params!["n1"])).await?;
//! assert_eq!(rows[0].text(0)?, "hello");
//! database.close().await;
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
//! ```
//!
//! The SQL is PostgreSQL's, cut down to what means the same on every engine: columns are `text`, `bigint`,
//! `boolean` or `bytea`, and everything is refused that one engine would understand differently and that
//! can be seen from here. There are no transactions to hold open between two calls.

mod counters;
mod database;
mod defect;
mod fault;
pub mod file;
mod fit;
mod lexer;
mod migration;
mod postgres;
mod row;
mod sqlite;
mod statement;
mod url;
mod value;
mod written;

pub use database::{Commits, Database, Options, ServerOptions, Stats};
pub use fault::{Fault, FaultKind};
pub use fit::Misfit;
pub use migration::{MigrateError, Migrated, Migration};
pub use row::Row;
pub use statement::{Batch, Statement};
pub use url::{DatabaseUrl, UrlError};
pub use value::Value;
pub use written::{GuardFailed, WriteError, Written};
