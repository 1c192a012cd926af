//! The server stops, crashes and freezes while batches run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use db::{Batch, Database, FaultKind, Statement, WriteError, params};
use harness::postgres::{Cluster, Options, Stop};
use tokio::task::JoinSet;

use super::{back, insert, open, with_table};

/// Writes until told to stop; the ids that were answered `Ok`.
async fn writer(db: Database, number: usize, done: Arc<AtomicBool>) -> Vec<String> {
    let mut applied = Vec::new();
    let mut round = 0;
    while !done.load(Ordering::Acquire) {
        round += 1;
        let id = format!("{number}-{round}");
        // Alone with a guard, alone, and two together.
        let first = insert(&format!("{id}/one"));
        let batch: Batch = match round % 3 {
            0 => first.touching(1, "new").into(),
            1 => first.into(),
            _ => Batch::new().with(first).with(insert(&format!("{id}/two")).touching(1, "new")),
        };
        match db.write(batch).await {
            Ok(_) => applied.push(id),
            Err(WriteError::Fault(fault)) if fault.kind() == FaultKind::Unavailable => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => panic!("{id}: {error}"),
        }
    }
    applied
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_answered_outlasts_every_outage_and_nothing_is_half_there() {
    let cluster = Cluster::start(Options::new().durable());
    let name = cluster.create_database();
    let db = open(&cluster.url(&name), 6, Duration::from_secs(1)).await;
    with_table(&db).await;
    let done = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    for number in 0..8 {
        writers.spawn(writer(db.clone(), number, Arc::clone(&done)));
    }
    let pause = || std::thread::sleep(Duration::from_millis(300));
    let disturb = {
        let name = name.clone();
        move || {
            for round in 0..3 {
                pause();
                cluster.stop(if round == 1 { Stop::Immediate } else { Stop::Fast });
                pause();
                cluster.start_again();
                pause();
                cluster.pause();
                std::thread::sleep(Duration::from_millis(if round == 0 { 2500 } else { 300 }));
                cluster.resume();
            }
            pause();
            let ended =
                format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
            cluster.sql("postgres", &ended);
            pause();
            cluster.kill_backend(&name);
            pause();
            cluster
        }
    };
    let cluster = tokio::task::spawn_blocking(disturb).await.unwrap();
    back(&db).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    done.store(true, Ordering::Release);
    let applied: Vec<String> = writers.join_all().await.into_iter().flatten().collect();
    assert!(applied.len() > 100, "{} batches", applied.len());
    db.write(insert("after").touching(1, "new").into()).await.unwrap();
    let rows = db.query(Statement::new("select id from t", params![])).await.unwrap();
    let present: BTreeSet<String> = rows.iter().map(|row| row.text(0).unwrap()).collect();
    for id in applied {
        assert!(present.contains(&format!("{id}/one")), "{id} was answered and is gone");
    }
    for id in &present {
        let Some((id, _)) = id.split_once('/') else { continue };
        let round: usize = id.split_once('-').unwrap().1.parse().unwrap();
        assert!(present.contains(&format!("{id}/one")), "half of {id}");
        assert_eq!(present.contains(&format!("{id}/two")), round % 3 == 2, "half of {id}");
    }
    drop(cluster);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_between_two_calls_goes_unnoticed() {
    let cluster = Cluster::start(Options::new());
    let db = open(&cluster.url(&cluster.create_database()), 3, Duration::from_secs(20)).await;
    with_table(&db).await;
    for stop in [Stop::Fast, Stop::Immediate] {
        let (one, two) = tokio::join!(db.ping(), db.ping());
        one.and(two).unwrap();
        cluster.stop(stop);
        cluster.start_again();
        // The connections that were idle are all gone, and known to be.
        db.write(insert(&format!("{stop:?}")).into()).await.unwrap();
        db.ping().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_becomes_a_copy_is_unavailable_for_writing() {
    let cluster = Cluster::shared();
    let db = open(&cluster.url(&cluster.create_database()), 2, Duration::from_secs(20)).await;
    with_table(&db).await;
    db.write(insert("a").into()).await.unwrap();
    // A standby answers every attempt to write as a transaction does that may only read.
    let moved = Statement::new("set transaction read only", params![]);
    let error = db.write(Batch::new().with(moved).with(insert("b"))).await.unwrap_err();
    assert!(matches!(error, WriteError::Fault(fault) if fault.kind() == FaultKind::Unavailable));
    db.write(insert("b").into()).await.unwrap();
}
