//! When the disk is full or another process is in the way.

use std::time::Duration;

use db::{Database, DatabaseUrl, FaultKind, Options, Statement, WriteError, params};
use tokio::task::JoinSet;

use crate::{Engine, engines};

#[track_caller]
fn unavailable(error: WriteError) {
    match error {
        WriteError::Fault(fault) => assert_eq!(fault.kind(), FaultKind::Unavailable, "{fault}"),
        WriteError::Guard(guard) => panic!("{guard}"),
    }
}

engines! {
    on [sqlite, sqlite_memory]
    async fn a_full_disk_refuses_and_recovers(engine: Engine) {
        let engine = engine.with_table().await;
        let pages = engine.rows("pragma page_count", params![]).await[0].int(0).unwrap();
        let limit = |pages: i64| Statement::new(format!("pragma max_page_count = {pages}"), params![]);
        engine.write(limit(pages + 20)).await.unwrap();

        let mut tasks = JoinSet::new();
        for n in 0..60 {
            let db = engine.db.clone();
            let insert = Statement::new("insert into t values ($1, 1)", params![format!("{n} {}", "x".repeat(9000))]);
            tasks.spawn(async move { db.write(insert.into()).await.map(drop) });
        }
        let results = tasks.join_all().await;
        let kept = results.iter().filter(|result| result.is_ok()).count();
        assert!(kept < 60);
        results.into_iter().filter_map(Result::err).for_each(unavailable);
        // What was answered Ok is there, and what was refused is not.
        assert_eq!(engine.number("select count(*) from t").await, i64::try_from(kept).unwrap());
        // Reading, and asking, still work.
        engine.db.ping().await.unwrap();

        engine.write(limit(1_000_000)).await.unwrap();
        engine.run("insert into t values ($1, 1)", params!["y".repeat(500_000)]).await;
        assert_eq!(engine.rows("pragma integrity_check", params![]).await[0].text(0).unwrap(), "ok");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_held_by_another_process_is_unavailable_until_let_go() {
    let engine = Engine::sqlite().await.with_table().await;
    let path = engine.folder.as_ref().unwrap().path().join("test.db");
    let options = Options { busy_timeout: Duration::from_millis(20), ..Options::default() };
    let hasty = Database::open(&DatabaseUrl::sqlite_file(&path), options).await.unwrap();
    let insert = || Statement::new("insert into t values ('a', 1)", params![]).into();

    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("begin immediate").unwrap();
    unavailable(hasty.write(insert()).await.unwrap_err());
    let rows = hasty.query(Statement::new("select count(*) from t", params![])).await.unwrap();
    assert_eq!(rows[0].int(0).unwrap(), 0);

    other.execute_batch("rollback").unwrap();
    hasty.write(insert()).await.unwrap();
    hasty.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_handles_on_one_file_take_turns() {
    let engine = Engine::sqlite().await.with_table().await;
    let url = DatabaseUrl::sqlite_file(&engine.folder.as_ref().unwrap().path().join("test.db"));
    let second = Database::open(&url, Options::default()).await.unwrap();
    let mut tasks = JoinSet::new();
    for n in 0..100 {
        let db = if n % 2 == 0 { engine.db.clone() } else { second.clone() };
        let insert = Statement::new("insert into t values ($1, 1)", params![n.to_string()]);
        tasks.spawn(async move { db.write(insert.into()).await.map(drop) });
    }
    for result in tasks.join_all().await {
        result.unwrap();
    }
    assert_eq!(engine.number("select count(*) from t").await, 100);
}
