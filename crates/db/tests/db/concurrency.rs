//! A race is decided by a guard: exactly one wins.

use db::{Batch, Statement, WriteError, params};
use tokio::task::JoinSet;

use crate::engines;

engines! {
    async fn of_many_guarded_updates_exactly_one_wins(engine: Engine) {
        let engine = engine.with_table().await;
        engine.run("insert into t values ('s', 0)", params![]).await;
        engine.create("create table e (n bigint not null, by_ bigint not null)").await;
        for round in 0..500_i64 {
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
        assert_eq!(engine.number("select n from t").await, 500);
        assert_eq!(engine.number("select count(*) from e").await, 500);
        assert_eq!(engine.number("select count(distinct n) from e").await, 500);
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
}
