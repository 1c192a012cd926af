//! A batch is applied as a whole, and its guards decide.

use db::{Batch, FaultKind, GuardFailed, Statement, Value, WriteError, params};

use crate::engines;

fn insert(id: &str, n: i64) -> Statement {
    Statement::new("insert into t values ($1, $2)", params![id, n])
}

#[track_caller]
fn guard(error: WriteError) -> GuardFailed {
    match error {
        WriteError::Guard(guard) => guard,
        WriteError::Fault(fault) => panic!("{fault}"),
    }
}

#[track_caller]
fn fault_kind(error: WriteError) -> FaultKind {
    match error {
        WriteError::Guard(guard) => panic!("{guard}"),
        WriteError::Fault(fault) => fault.kind(),
    }
}

engines! {
    async fn a_failed_guard_undoes_the_whole_batch(engine: Engine) {
        let engine = engine.with_table().await;
        let batch = Batch::new()
            .with(insert("a", 1).touching(1, "new"))
            .with(Statement::new("update t set n = 2 where id = 'nobody'", params![]).touching(1, "there"))
            .with(insert("b", 1));
        let failed = guard(engine.write(batch).await.unwrap_err());
        assert_eq!(failed, GuardFailed { index: 1, name: "there", touched: 0 });
        assert_eq!(engine.number("select count(*) from t").await, 0);
    }

    async fn a_guard_counts_too_many_as_well(engine: Engine) {
        let engine = engine.with_table().await;
        engine.run("insert into t values ('a', 1), ('b', 1)", params![]).await;
        let all = Statement::new("update t set n = 5", params![]).touching(1, "one");
        assert_eq!(guard(engine.write(all).await.unwrap_err()).touched, 2);
        let none = Statement::new("delete from t where n = 1", params![]).touching(0, "none");
        assert_eq!(guard(engine.write(none).await.unwrap_err()).touched, 2);
        assert_eq!(engine.number("select cast(sum(n) as bigint) from t").await, 2);
    }

    async fn touched_counts_each_kind_of_statement(engine: Engine) {
        let engine = engine.with_table().await;
        let batch = Batch::new()
            .with(Statement::new("insert into t values ('a', 1), ('b', 2), ('c', 3)", params![]))
            .with(Statement::new(engine.ddl("create table u (a bigint)"), params![]))
            .with(Statement::new("update t set n = n + 1 where n > 1 returning id, n", params![]))
            .with(Statement::new(engine.ddl("alter table u add column b bigint"), params![]))
            .with(Statement::new("insert into t values ('a', 9) on conflict do nothing", params![]))
            .with(Statement::new(
                "insert into t values ('a', 9), ('d', 9) on conflict (id) do update set n = excluded.n returning n",
                params![],
            ))
            .with(Statement::new("select id from t order by id limit 3", params![]).touching(3, "three"))
            .with(Statement::new("select id from t where n = 77", params![]).touching(0, "none"))
            .with(Statement::new("delete from t where id in ('a', 'b')", params![]));
        let written = engine.write(batch).await.unwrap();
        let touched: Vec<u64> = (0..11).map(|index| written.touched(index)).collect();
        assert_eq!(touched, [3, 0, 2, 0, 0, 2, 3, 0, 2, 0, 0]);
        assert_eq!(written.rows(2).len(), 2);
        assert_eq!(written.rows(5)[1].int(0).unwrap(), 9);
        assert!(written.rows(0).is_empty() && written.rows(99).is_empty());
    }

    async fn a_cascade_is_not_counted(engine: Engine) {
        engine.create("create table p (id text primary key)").await;
        engine.create("create table c (p text not null references p (id) on delete cascade)").await;
        engine.run("insert into p values ('a')", params![]).await;
        engine.run("insert into c values ('a'), ('a'), ('a')", params![]).await;
        let delete = Statement::new("delete from p where id = 'a'", params![]).touching(1, "gone");
        engine.write(delete).await.unwrap();
        assert_eq!(engine.number("select count(*) from c").await, 0);
    }

    async fn a_broken_statement_undoes_the_whole_batch(engine: Engine) {
        let engine = engine.with_table().await;
        engine.write(insert("taken", 0)).await.unwrap();
        for broken in [
            Statement::new("selec", params![]),
            Statement::new("insert into t values ($1)", params!["a"]),
            Statement::new("insert into t values ('a', $1)", params!["text"]),
            Statement::new("insert into t values ('a', $1)", params![b"bytes"]),
            Statement::new("insert into t values ('a', $1)", vec![Value::Null]),
            Statement::new("update t set id = \"unknown_column\"", params![]),
            Statement::new("insert into t values ('a', 1); insert into t values ('b', 1)", params![]),
            Statement::new("", params![]),
            insert("taken", 1),
        ] {
            let shown = format!("{broken:?}");
            let batch = Batch::new().with(insert("before", 1)).with(broken).with(insert("after", 1));
            assert_eq!(fault_kind(engine.write(batch).await.unwrap_err()), FaultKind::Broken, "{shown}");
            assert_eq!(engine.number("select count(*) from t").await, 1, "{shown}");
        }
    }

    async fn a_batch_cannot_end_the_transaction_it_is_in(engine: Engine) {
        let engine = engine.with_table().await;
        for sql in
            ["commit", "END", "rollback", "/**/commit", "-- x\ncommit", "begin", "savepoint a", "release batch", ";commit",
             "rollback to batch"]
        {
            let batch = Batch::new().with(insert("a", 1)).with(Statement::new(sql, params![]));
            assert_eq!(fault_kind(engine.write(batch).await.unwrap_err()), FaultKind::Broken, "{sql}");
            assert_eq!(engine.number("select count(*) from t").await, 0, "{sql}");
        }
    }

    async fn foreign_keys_are_held(engine: Engine) {
        engine.create("create table p (id text primary key)").await;
        engine.create("create table c (p text references p (id))").await;
        let orphan = Statement::new("insert into c values ('nobody')", params![]);
        assert_eq!(fault_kind(engine.write(orphan).await.unwrap_err()), FaultKind::Broken);
    }

    async fn an_empty_batch_is_applied(engine: Engine) {
        let written = engine.write(Batch::new()).await.unwrap();
        assert!(written.rows(0).is_empty());
    }

    async fn batches_can_be_built_in_parts(engine: Engine) {
        let engine = engine.with_table().await;
        let mut batch = Batch::new();
        batch.push(insert("a", 1)).push(insert("b", 2));
        batch.extend(Batch::from(insert("c", 3)));
        assert_eq!((batch.len(), batch.is_empty()), (3, false));
        engine.write(batch).await.unwrap();
        assert_eq!(engine.number("select cast(sum(n) as bigint) from t").await, 6);
    }
}
