//! What each operation costs on the wire.

use std::time::Duration;

use db::{Batch, Database, Statement, WriteError, params};
use harness::postgres::Cluster;

use super::proxy::Proxy;
use super::{insert, open, with_table};

const PATIENCE: Duration = Duration::from_secs(30);

async fn stage() -> (Proxy, Database) {
    let cluster = Cluster::shared();
    let proxy = Proxy::start(cluster.port()).await;
    let db = open(&proxy.url(&cluster.create_database()), 1, PATIENCE).await;
    with_table(&db).await;
    (proxy, db)
}

fn update(id: &str) -> Statement {
    Statement::new("update t set n = n + 1 where id = $1", params![id])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_is_one_round_trip() {
    let (proxy, db) = stage().await;
    db.write(insert("a").into()).await.unwrap();
    let query = || Statement::new("select n from t where id = $1", params!["a"]);
    db.query(query()).await.unwrap();
    proxy.round_trips();
    assert_eq!(db.query(query()).await.unwrap().len(), 1);
    assert_eq!(proxy.round_trips(), 1);
    // Also right after a write, which the connection must be set for anew.
    db.write(insert("b").into()).await.unwrap();
    assert_eq!(proxy.round_trips(), 1);
    db.query(query()).await.unwrap();
    assert_eq!(proxy.round_trips(), 1);
    db.ping().await.unwrap();
    db.ping().await.unwrap();
    assert_eq!(proxy.round_trips(), 3, "one to prepare");
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_one_is_one_round_trip() {
    let (proxy, db) = stage().await;
    db.write(insert("a").into()).await.unwrap();
    let returning =
        |id: &str| Statement::new("update t set n = n + 1 where id = $1 returning n, id", params![id]);
    let look = || Statement::new("select id from t where id = $1", params!["a"]);
    let statements = || {
        [
            (update("a"), true),
            (update("a").touching(1, "there"), true),
            (update("nobody").touching(1, "there"), false),
            (returning("a").touching(1, "there"), true),
            (returning("nobody").touching(1, "there"), false),
            (look().touching(1, "there"), true),
            (look().touching(0, "gone"), false),
            (Statement::new("delete from t where id = $1", params!["nobody"]).touching(0, "none"), true),
            (insert("a").touching(1, "new"), false),
        ]
    };
    for warm in [false, true] {
        for (statement, holds) in statements() {
            let shown = format!("{statement:?}");
            // What is there already is a broken statement, and tried more than once.
            if shown.contains("insert") {
                continue;
            }
            let result = db.write(statement.into()).await;
            assert_eq!(result.is_ok(), holds, "{shown}");
            let trips = proxy.round_trips();
            assert!(!warm || trips == 1, "{trips}: {shown}");
        }
    }
    let written = db.write(returning("a").touching(1, "there").into()).await.unwrap();
    assert_eq!((written.touched(0), written.rows(0)[0].text(1).unwrap()), (1, "a".to_owned()));
    let written = db.write(update("a").touching(1, "there").into()).await.unwrap();
    assert_eq!((written.touched(0), written.rows(0).len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_other_batch_is_two_round_trips() {
    let (proxy, db) = stage().await;
    db.write(insert("a").into()).await.unwrap();
    let long = || (0..40).map(|_| update("a").touching(1, "there")).collect::<Batch>();
    let failing =
        || Batch::new().with(update("a")).with(update("nobody").touching(1, "there")).with(update("a"));
    db.write(failing()).await.unwrap_err();
    proxy.round_trips();
    db.write(long()).await.unwrap();
    assert_eq!(proxy.round_trips(), 2);
    assert!(matches!(db.write(failing()).await, Err(WriteError::Guard(_))));
    assert_eq!(proxy.round_trips(), 2);
    // Something that is prepared first costs one more, however much of it there is.
    let new =
        (0..20).map(|n| Statement::new(format!("update t set n = n + {n}"), params![])).collect::<Batch>();
    db.write(new).await.unwrap();
    assert_eq!(proxy.round_trips(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_that_fails_writes_no_error_to_the_log() {
    let cluster = Cluster::start(harness::postgres::Options::new());
    let db = open(&cluster.url(&cluster.create_database()), 1, PATIENCE).await;
    with_table(&db).await;
    db.write(insert("a").into()).await.unwrap();
    for statement in
        [update("nobody"), Statement::new("delete from t where id = $1 returning id", params!["x"])]
    {
        db.write(statement.clone().touching(1, "there").into()).await.unwrap_err();
        db.write(Batch::new().with(update("a")).with(statement.touching(1, "there"))).await.unwrap_err();
    }
    let log = std::fs::read_to_string(cluster.folder().join("log")).unwrap();
    assert!(!log.contains("ERROR"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_beyond_the_cache_still_run() {
    let (_proxy, db) = stage().await;
    for n in 0..600 {
        let rows = db.query(Statement::new(format!("select cast({n} as bigint)"), params![])).await.unwrap();
        assert_eq!(rows[0].int(0).unwrap(), n);
    }
    let prepared =
        db.query(Statement::new("select count(*) from pg_prepared_statements", params![])).await.unwrap();
    assert!(prepared[0].int(0).unwrap() <= 257);
}
