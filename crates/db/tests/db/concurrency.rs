//! A race is decided by a guard: exactly one wins.

use db::{Batch, Statement, WriteError, params};
use tokio::task::JoinSet;

use crate::engines;

engines! {
    async fn of_many_guarded_updates_exactly_one_wins(engine: Engine) {
        let engine = engine.with_table().await;
        engine.run("insert into t values ('s', 0)", params![]).await;
        engine.create("create table e (n bigint not null, by_ bigint not null)").await;
        let rounds = if engine.name.is_some() { 100 } else { 500 };
        for round in 0..rounds {
            let mut tasks = JoinSet::new();
            for caller in 0..16_i64 {
                let db = engine.db.clone();
                let batch = Batch::new()
                    .with(
                        Statement::new("update t set n = $1 where id = 's' and n = $2", params![round + 1, round])
                            .touching(1, "generation"),
                    )
                    .with(Statement::new("insert into e values ($1, $2)", params![round, caller]));
                tasks.spawn(async move { db.write(batch).await });
            }
            let results = tasks.join_all().await;
            let won = results.iter().filter(|result| result.is_ok()).count();
            assert_eq!(won, 1, "round {round}");
            let lost = results.iter().filter(|result| matches!(result, Err(WriteError::Guard(_)))).count();
            assert_eq!(lost, 15, "round {round}");
        }
        assert_eq!(engine.number("select n from t").await, rounds);
        assert_eq!(engine.number("select count(*) from e").await, rounds);
        assert_eq!(engine.number("select count(distinct n) from e").await, rounds);
    }

    async fn a_reader_sees_what_was_answered(engine: Engine) {
        let engine = engine.with_table().await;
        let mut tasks = JoinSet::new();
        for n in 0..8 {
            let db = engine.db.clone();
            tasks.spawn(async move {
                for round in 0..20 {
                    let id = format!("{n} {round}");
                    let insert = Statement::new("insert into t values ($1, 1)", params![&id]);
                    db.write(insert.into()).await.unwrap();
                    let found = db.query(Statement::new("select 1 from t where id = $1", params![id])).await;
                    assert_eq!(found.unwrap().len(), 1);
                }
            });
        }
        tasks.join_all().await;
    }

    async fn a_taken_name_is_a_failed_guard_however_close_the_race(engine: Engine) {
        let engine = engine.with_table().await;
        for round in 0..100_i64 {
            let name = format!("name {round}");
            let mut tasks = JoinSet::new();
            for caller in 0..8_i64 {
                let db = engine.db.clone();
                let batch = Batch::new()
                    .with(Statement::new("select id from t where id = $1", params![&name]).touching(0, "free"))
                    .with(Statement::new("insert into t values ($1, $2)", params![&name, caller]));
                tasks.spawn(async move { db.write(batch).await });
            }
            let results = tasks.join_all().await;
            let won = results.iter().filter(|result| result.is_ok()).count();
            assert_eq!(won, 1, "round {round}");
            let lost = results.iter().filter(|result| matches!(result, Err(WriteError::Guard(_)))).count();
            assert_eq!(lost, 7, "round {round}: {results:?}");
        }
    }

    async fn batches_in_each_others_way_are_all_applied(engine: Engine) {
        let engine = engine.with_table().await;
        engine.run("insert into t values ('a', 0), ('b', 0), ('c', 0)", params![]).await;
        for _ in 0..3 {
            let mut tasks = JoinSet::new();
            for order in [["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"], ["c", "a", "b"]] {
                let db = engine.db.clone();
                let batch: Batch = order
                    .iter()
                    .map(|id| Statement::new("update t set n = n + 1 where id = $1", params![*id]).touching(1, "there"))
                    .collect();
                tasks.spawn(async move { db.write(batch).await });
            }
            for result in tasks.join_all().await {
                result.unwrap();
            }
        }
        assert_eq!(engine.number("select cast(sum(n) as bigint) from t").await, 36);
    }
}
