//! No call takes for ever, and none is cut in two.

use std::collections::BTreeSet;
use std::time::Duration;

use db::{Batch, Database, FaultKind, Statement, WriteError, params};
use harness::postgres::{Cluster, Options, Stop};
use tokio::task::JoinSet;

use super::proxy::Proxy;
use super::{back, insert, open, server, text, try_open, unavailable, with_table, write};

const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(30);

fn two(id: &str) -> Batch {
    Batch::new().with(insert(&format!("{id} one"))).with(insert(&format!("{id} two")))
}

async fn count(db: &Database) -> i64 {
    db.query(Statement::new("select count(*) from t", params![])).await.unwrap()[0].int(0).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stalls_is_unavailable_and_its_late_answers_are_nobodys() {
    let cluster = Cluster::shared();
    let proxy = Proxy::start(cluster.port()).await;
    let db = open(&proxy.url(&cluster.create_database()), 2, SHORT).await;
    with_table(&db).await;
    proxy.hold(true);
    let (query, one, more, ping) = tokio::join!(
        db.query(Statement::new("select 'late'", params![])),
        write(&db, insert("single")),
        write(&db, two("batch")),
        db.ping(),
    );
    assert_eq!(query.unwrap_err().kind(), FaultKind::Unavailable);
    assert_eq!(ping.unwrap_err().kind(), FaultKind::Unavailable);
    unavailable(one);
    unavailable(more);
    proxy.hold(false);
    back(&db).await;
    for n in 0..20 {
        let rows = db.query(Statement::new("select cast($1 as bigint)", params![n])).await.unwrap();
        assert_eq!(rows[0].int(0).unwrap(), n);
    }
    // The batch whose statements got no answer was never committed; the single one may have been.
    assert_eq!(count(&db).await % 2, i64::from(count(&db).await == 1));
    assert!(count(&db).await <= 1);
    assert!(db.stats().connections_open <= 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_whose_transaction_did_not_begin_do_nothing() {
    let cluster = Cluster::shared();
    let proxy = Proxy::start(cluster.port()).await;
    let db = open(&proxy.url(&cluster.create_database()), 1, LONG).await;
    with_table(&db).await;
    for round in 0..3 {
        // Whatever the connection did before.
        match round {
            0 => write(&db, insert("before")).await.unwrap(),
            1 => db.ping().await.unwrap(),
            _ => write(&db, two("before")).await.unwrap(),
        }
        let before = count(&db).await;
        proxy.garble(true);
        unavailable(write(&db, two("lost")).await);
        proxy.garble(false);
        assert_eq!(count(&db).await, before);
    }
    write(&db, two("lost")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_without_an_answer_is_unavailable_and_whole() {
    let cluster = Cluster::shared();
    let proxy = Proxy::start(cluster.port()).await;
    let name = cluster.create_database();
    let db = open(&proxy.url(&name), 1, SHORT).await;
    with_table(&db).await;
    write(&db, two("warm")).await.unwrap();
    proxy.answer_only(1);
    unavailable(write(&db, two("unsure")).await);
    assert_eq!(cluster.sql(&name, "select count(*) from t where id like 'unsure%'"), "2");
    proxy.answer_only(0);
    proxy.hold(false);
    unavailable(write(&db, two("never")).await);
    proxy.answer_only(usize::MAX);
    proxy.hold(false);
    back(&db).await;
    assert_eq!(cluster.sql(&name, "select count(*) from t where id like 'never%'"), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_neither_cuts_a_batch_in_two_nor_costs_a_connection() {
    let cluster = Cluster::shared();
    let proxy = Proxy::start(cluster.port()).await;
    let db = open(&proxy.url(&cluster.create_database()), 3, LONG).await;
    with_table(&db).await;
    for n in 0..150 {
        let write = db.write(two(&n.to_string()));
        let query = db.query(Statement::new("select count(*) from t", params![]));
        // Left at a different place each time.
        let both = async { tokio::join!(write, query) };
        let _ = tokio::time::timeout(Duration::from_micros(n % 50 * 40), both).await;
    }
    // Everybody before us is done when we have had every connection.
    let db = db.clone();
    let mut last = JoinSet::new();
    for n in 0..3 {
        let db = db.clone();
        last.spawn(async move { write(&db, two(&format!("last {n}"))).await });
    }
    last.join_all().await.into_iter().for_each(Result::unwrap);
    let halves = "select cast(sum(n) as bigint) from (select count(*) % 2 as n from t group by split_part(id, ' ', 1)) x";
    let halves = db.query(Statement::new(halves, params![])).await.unwrap()[0].int(0).unwrap();
    assert_eq!(halves, 0);
    assert!(count(&db).await >= 6);
    assert!(proxy.connections() <= 3, "{} connections", proxy.connections());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_somebody_holds_is_waited_for_but_not_for_long() {
    let cluster = Cluster::shared();
    let name = cluster.create_database();
    let db = open(&cluster.url(&name), 2, SHORT).await;
    with_table(&db).await;
    write(&db, Batch::new().with(insert("held")).with(insert("free"))).await.unwrap();
    let update = |id| Statement::new("update t set n = n + 1 where id = $1", params![id]);
    let url = cluster.url(&name);
    let (ready, held) = tokio::sync::oneshot::channel();
    // Another program, in the middle of a transaction, that does not go on.
    let holder = tokio::spawn(async move {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("begin; update t set n = 7 where id = 'held'").await.unwrap();
        ready.send(client).ok().unwrap();
    });
    let client = held.await.unwrap();
    holder.await.unwrap();
    unavailable(write(&db, update("held")).await);
    unavailable(write(&db, Batch::new().with(update("free")).with(update("held"))).await);
    write(&db, update("free")).await.unwrap();
    client.batch_execute("commit").await.unwrap();
    write(&db, update("held").touching(1, "there")).await.unwrap();
    let rows = db.query(Statement::new("select n from t order by id", params![])).await.unwrap();
    let numbers: Vec<i64> = rows.iter().map(|row| row.int(0).unwrap()).collect();
    assert_eq!(numbers, [2, 8]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_statement_is_cut_short() {
    let cluster = Cluster::shared();
    let db = open(&cluster.url(&cluster.create_database()), 1, SHORT).await;
    let slow = || Statement::new("select 1 from pg_sleep(60)", params![]);
    assert_eq!(db.query(slow()).await.unwrap_err().kind(), FaultKind::Unavailable);
    unavailable(write(&db, slow()).await);
    db.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_may_take_its_time() {
    const SLOW: &[db::Migration] = &[db::Migration {
        version: 1,
        name: "slow",
        sql: &["create table a (id text primary key)", "insert into a select 'x' from pg_sleep(1)"],
    }];
    let cluster = Cluster::shared();
    let db = open(&cluster.url(&cluster.create_database()), 1, Duration::from_millis(200)).await;
    assert_eq!(db.migrate(SLOW, 1).await.unwrap().version, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_too_long_for_a_connection_is_told_so() {
    let cluster = Cluster::shared();
    let proxy = Proxy::start(cluster.port()).await;
    let db = open(&proxy.url(&cluster.create_database()), 1, SHORT).await;
    proxy.hold(true);
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let db = db.clone();
        calls.spawn(async move { db.ping().await.unwrap_err() });
    }
    while db.stats().callers_waiting < 9 || db.stats().connections_idle > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!((db.stats().connections_open, db.stats().connections_idle), (1, 0));
    let faults = calls.join_all().await;
    assert!(faults.iter().all(|fault| fault.kind() == FaultKind::Unavailable));
    assert_eq!(db.stats().callers_waiting, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_never_outgrows_its_number() {
    let cluster = Cluster::shared();
    let proxy = Proxy::start(cluster.port()).await;
    let db = open(&proxy.url(&cluster.create_database()), 4, LONG).await;
    with_table(&db).await;
    let mut calls = JoinSet::new();
    for n in 0..400 {
        let db = db.clone();
        calls.spawn(async move {
            write(&db, two(&n.to_string())).await.unwrap();
            count(&db).await
        });
    }
    calls.join_all().await;
    assert_eq!(count(&db).await, 800);
    assert!(proxy.connections() <= 4);
    let stats = db.stats();
    assert_eq!((stats.connections_open, stats.connections_idle, stats.retries), (4, 4, 0));
    assert_eq!(stats.batches, 401);
    let clone = db.clone();
    db.close().await;
    assert_eq!(clone.stats().connections_open, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_waits_for_the_server_but_not_for_ever() {
    let cluster = Cluster::start(Options::new().setting("synchronous_commit", "off"));
    let url = cluster.url(&cluster.create_database());
    cluster.stop(Stop::Fast);
    let fault = try_open(&url, server(1, SHORT)).await.unwrap_err();
    assert_eq!(fault.kind(), FaultKind::Unavailable, "{fault}");
    let opening = tokio::spawn({
        let url = url.clone();
        async move { try_open(&url, server(1, Duration::from_secs(60))).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!opening.is_finished());
    cluster.start_again();
    let db = opening.await.unwrap().unwrap();
    // Whatever the server's default, what is answered is on the disk.
    assert_eq!(text(&db, "select current_setting('synchronous_commit')").await, "on");
    assert_eq!(text(&db, "select current_setting('default_transaction_isolation')").await, "read committed");
    // What will not be mended by waiting is said at once.
    let missing = url.replace("/t0?", "/nothing?");
    let fault = try_open(&missing, server(1, Duration::from_secs(600))).await.unwrap_err();
    assert_eq!(fault.kind(), FaultKind::Unavailable);
    assert!(fault.to_string().contains("does not exist"), "{fault}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_there_is_an_installation_is_seen_without_making_one() {
    let cluster = Cluster::shared();
    let name = cluster.create_database();
    let url = db::DatabaseUrl::parse(&cluster.url(&name)).unwrap();
    let options = db::Options::default();
    assert!(!Database::exists(&url, &options).await.unwrap());
    assert_eq!(cluster.sql(&name, "select count(*) from pg_tables where schemaname = 'public'"), "0");
    let db = Database::open(&url, options.clone()).await.unwrap();
    db.migrate(&[db::Migration { version: 1, name: "one", sql: &[] }], 1).await.unwrap();
    assert!(Database::exists(&url, &options).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_connections_elsewhere_are_unavailable_not_broken() {
    let cluster = Cluster::start(
        Options::new().setting("max_connections", "6").setting("superuser_reserved_connections", "0"),
    );
    let url = cluster.url(&cluster.create_database());
    let db = open(&url, 20, LONG).await;
    with_table(&db).await;
    let mut calls = JoinSet::new();
    for n in 0..60 {
        let db = db.clone();
        calls.spawn(async move { (n, write(&db, two(&n.to_string())).await) });
    }
    let mut applied = BTreeSet::new();
    for (n, result) in calls.join_all().await {
        match result {
            Ok(()) => _ = applied.insert(n),
            Err(WriteError::Fault(fault)) => assert_eq!(fault.kind(), FaultKind::Unavailable, "{fault}"),
            Err(WriteError::Guard(guard)) => panic!("{guard}"),
        }
    }
    assert!(!applied.is_empty());
    assert_eq!(count(&db).await, 2 * i64::try_from(applied.len()).unwrap());
}
