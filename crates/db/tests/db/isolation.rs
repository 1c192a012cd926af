//! Readers see only what is committed, and never half a batch.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use db::{Batch, Statement, params};

use crate::engines;

engines! {
    async fn readers_never_see_half_a_batch_or_an_undone_one(engine: Engine) {
        let engine = engine.with_table().await;
        engine.run("insert into t values ('left', 1000), ('right', 0)", params![]).await;
        let done = Arc::new(AtomicBool::new(false));
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (db, done) = (engine.db.clone(), Arc::clone(&done));
            readers.spawn(async move {
                let mut looked = 0_u64;
                while !done.load(Ordering::Acquire) || looked == 0 {
                    let rows = db.query(Statement::new("select cast(sum(n) as bigint), min(n) from t", params![])).await.unwrap();
                    assert_eq!(rows[0].int(0).unwrap(), 1000, "half a batch was seen");
                    assert!(rows[0].int(1).unwrap() >= 0, "an undone batch was seen");
                    looked += 1;
                }
            });
        }
        for round in 0..200 {
            let shift = if round % 10 == 9 { 5000 } else { 1 };
            let mut batch = Batch::new();
            batch
                .push(Statement::new("update t set n = n - $1 where id = 'left'", params![shift]))
                .push(Statement::new("update t set n = n + $1 where id = 'right'", params![shift]))
                .push(Statement::new("select 1 from t where n < 0", params![]).touching(0, "solvent"));
            assert_eq!(engine.write(batch).await.is_ok(), shift == 1);
        }
        done.store(true, Ordering::Release);
        readers.join_all().await;
        assert_eq!(engine.number("select n from t where id = 'right'").await, 180);
    }
}
