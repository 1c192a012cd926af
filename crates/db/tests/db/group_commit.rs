//! What is waiting is committed together, and yet each batch stands alone.

use db::{Batch, FaultKind, Statement, WriteError, params};
use tokio::task::JoinSet;

use crate::{Engine, engines};

fn insert(id: String) -> Statement {
    Statement::new("insert into t values ($1, 1)", params![id])
}

/// Keeps the writer busy for a while, so that what comes meanwhile queues up.
fn slow() -> Statement {
    Statement::new(
        "with recursive c (x) as (select 1 union all select x + 1 from c where x < 300000) select count(*) from c",
        params![],
    )
}

/// Hands over all batches while the writer is busy, and answers what became of each, in order.
async fn together(engine: &Engine, batches: Vec<Batch>) -> Vec<Result<(), WriteError>> {
    let first = tokio::spawn({
        let db = engine.db.clone();
        async move { db.write(slow().into()).await }
    });
    // Let it reach the writer before the others; if one slips in first, that is one commit more.
    tokio::task::yield_now().await;
    let mut tasks = JoinSet::new();
    for (at, batch) in batches.into_iter().enumerate() {
        let db = engine.db.clone();
        tasks.spawn(async move { (at, db.write(batch).await.map(drop)) });
    }
    let mut results = tasks.join_all().await;
    first.await.unwrap().unwrap();
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

engines! {
    on [sqlite, sqlite_memory]
    async fn concurrent_batches_share_commits(engine: Engine) {
        let engine = engine.with_table().await;
        let before = engine.db.stats();
        let batches = (0..64).map(|n| insert(n.to_string()).into()).collect();
        for result in crate::group_commit::together(&engine, batches).await {
            result.unwrap();
        }
        let after = engine.db.stats();
        assert_eq!(after.batches - before.batches, 65);
        let commits = after.commits - before.commits;
        assert!(commits <= 16, "{commits} commits for 64 batches that waited together");
        let seen = engine.db.commits();
        assert_eq!((seen.batches.total(), seen.batches.sum), (after.commits, after.batches));
        assert_eq!(seen.micros.total(), after.commits);
        assert_eq!(engine.number("select count(*) from t").await, 64);
    }

    async fn a_batch_that_is_refused_alone_is_no_commit(engine: Engine) {
        let engine = engine.with_table().await;
        engine.db.write(insert("a".to_owned()).into()).await.unwrap();
        let before = engine.db.stats();
        let missing = Statement::new("delete from t where id = 'b'", params![]).touching(1, "there");
        engine.db.write(missing.into()).await.unwrap_err();
        let after = engine.db.stats();
        assert_eq!((after.commits, after.batches), (before.commits, before.batches + 1));
    }

    async fn one_batch_fails_and_its_neighbours_do_not(engine: Engine) {
        let engine = engine.with_table().await;
        engine.run("create table p (id text primary key) strict", params![]).await;
        engine.run("create table c (p text references p (id) deferrable initially deferred) strict", params![]).await;
        let batches = (0..60)
            .map(|n| {
                let batch = Batch::new().with(insert(n.to_string()));
                match n % 6 {
                    1 => batch.with(Statement::new("delete from t where id = 'no'", params![]).touching(1, "there")),
                    2 => batch.with(Statement::new("selec", params![])),
                    // Refused only by the commit, which is everybody's.
                    3 => batch.with(Statement::new("insert into c values ('nobody')", params![])),
                    // Ends everybody's transaction on its way out.
                    4 => batch.with(Statement::new("insert or rollback into t values ($1, 1)", params![n.to_string()])),
                    5 => batch.with(Statement::new("commit", params![])),
                    _ => batch,
                }
            })
            .collect();
        for (n, result) in crate::group_commit::together(&engine, batches).await.into_iter().enumerate() {
            match (n % 6, result) {
                (0, Ok(())) => {}
                (1, Err(WriteError::Guard(guard))) => assert_eq!((guard.index, guard.name), (1, "there")),
                (2..=5, Err(WriteError::Fault(fault))) => assert_eq!(fault.kind(), FaultKind::Broken),
                (_, other) => panic!("batch {n}: {other:?}"),
            }
        }
        assert_eq!(engine.number("select count(*) from t").await, 10);
        assert_eq!(engine.number("select count(*) from c").await, 0);
    }

    async fn a_caller_that_leaves_disturbs_nobody(engine: Engine) {
        let engine = engine.with_table().await;
        let mut tasks = JoinSet::new();
        for n in 0..100 {
            let db = engine.db.clone();
            let batch = Batch::new().with(insert(format!("{n} one"))).with(insert(format!("{n} two")));
            if n % 2 == 0 {
                tasks.spawn(async move { db.write(batch).await.map(drop) });
            } else {
                // Polled once, so the batch is on its way, then dropped.
                let mut write = Box::pin(async move { db.write(batch).await });
                let gone = std::future::poll_fn(|context| {
                    let _ = write.as_mut().poll(context);
                    std::task::Poll::Ready(())
                });
                gone.await;
            }
        }
        for result in tasks.join_all().await {
            result.unwrap();
        }
        engine.run("delete from t where id = 'nothing, but after all others'", params![]).await;
        assert_eq!(engine.number("select count(*) from t where id like '% one'").await, 100);
        assert_eq!(engine.number("select count(*) from t where id like '% two'").await, 100);
    }

    async fn more_callers_than_the_queue_holds_only_wait(engine: Engine) {
        let engine = engine.with_table().await;
        let mut tasks = JoinSet::new();
        for n in 0..3000 {
            let db = engine.db.clone();
            tasks.spawn(async move { db.write(insert(n.to_string()).into()).await.map(drop) });
        }
        for result in tasks.join_all().await {
            result.unwrap();
        }
        assert_eq!(engine.number("select count(*) from t").await, 3000);
        assert!(engine.db.stats().commits < 1500);
    }
}
