//! What only a server can do to us.

mod bounds;
mod outages;
mod proxy;
mod round_trips;
mod tls;
mod urls;

use std::time::Duration;

use db::{
    Batch, Database, DatabaseUrl, Fault, FaultKind, Options, ServerOptions, Statement, WriteError, params,
};

/// Opens a database on a server, with few connections and little patience.
async fn open(url: &str, connections: usize, patience: Duration) -> Database {
    try_open(url, server(connections, patience)).await.unwrap()
}

async fn try_open(url: &str, server: ServerOptions) -> Result<Database, Fault> {
    Database::open(&DatabaseUrl::parse(url).unwrap(), Options { server, ..Options::default() }).await
}

fn server(connections: usize, patience: Duration) -> ServerOptions {
    ServerOptions { connections, patience, ..ServerOptions::default() }
}

async fn with_table(db: &Database) {
    write(db, Statement::new("create table t (id text primary key, n bigint not null)", params![]))
        .await
        .unwrap();
}

async fn write(db: &Database, batch: impl Into<Batch>) -> Result<(), WriteError> {
    db.write(batch.into()).await.map(drop)
}

fn insert(id: &str) -> Statement {
    Statement::new("insert into t values ($1, 1)", params![id])
}

async fn text(db: &Database, sql: &'static str) -> String {
    db.query(Statement::new(sql, params![])).await.unwrap()[0].text(0).unwrap()
}

#[track_caller]
fn unavailable(result: Result<(), WriteError>) {
    match result {
        Err(WriteError::Fault(fault)) => assert_eq!(fault.kind(), FaultKind::Unavailable, "{fault}"),
        other => panic!("{other:?}"),
    }
}

/// Waits until the database serves again.
async fn back(db: &Database) {
    for _ in 0..600 {
        if db.ping().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come back: {:?}", db.ping().await);
}
