//! Queries read, and nothing else.

use db::{FaultKind, Statement, params};

use crate::engines;

engines! {
    async fn a_query_cannot_write_or_hold_a_transaction(engine: Engine) {
        let engine = engine.with_table().await;
        for sql in [
            "insert into t values ('a', 1)",
            "insert into t values ('a', 1) returning id",
            "delete from t",
            "create table u (a bigint)",
            "begin",
            "BEGIN",
            " -- quietly\n /* so */ ; begin deferred",
            "\u{feff}savepoint s",
            "commit",
            "end",
            "rollback",
            "release s",
            "drop table t",
        ] {
            let fault = engine.db.query(Statement::new(sql, params![])).await.unwrap_err();
            assert_eq!(fault.kind(), FaultKind::Broken, "{sql}");
        }
        assert_eq!(engine.number("select count(*) from t").await, 0);
        // Whatever they tried, the connections still see what is new.
        for number in 1..=6 {
            engine.run("insert into t values ($1, 1)", params![number.to_string()]).await;
            assert_eq!(engine.number("select count(*) from t").await, number);
        }
    }

    async fn bad_statements_are_broken(engine: Engine) {
        let engine = engine.with_table().await;
        for sql in [
            "",
            ";",
            "-- nothing",
            "selec 1",
            "select * from nowhere",
            "select nothing from t",
            "select \"unknown_column\" from t",
            "select id from t where id = \"unknown_column\"",
            "select 1; select 2",
            "select 1\0; select é",
            "select '",
            "select 1.5",
        ] {
            let fault = engine.db.query(Statement::new(sql, params![])).await.unwrap_err();
            assert_eq!(fault.kind(), FaultKind::Broken, "{sql}: {fault}");
        }
        engine.db.ping().await.unwrap();
    }

    async fn a_query_that_calls_what_writes_is_broken(engine: Engine) {
        let engine = engine.with_table().await;
        for sql in [
            "with gone as (delete from t returning id) select * from gone",
            "with a as (select 'x' as id) insert into t select id, 1 from a",
            "select * into u from t",
        ] {
            let fault = engine.db.query(Statement::new(sql, params![])).await.unwrap_err();
            assert_eq!(fault.kind(), FaultKind::Broken, "{sql}");
        }
    }

    async fn a_guard_on_a_query_is_refused(engine: Engine) {
        let fault = engine.db.query(Statement::new("select 1", params![]).touching(1, "one")).await.unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Broken);
    }

    async fn a_changed_schema_is_seen(engine: Engine) {
        let engine = engine.with_table().await;
        engine.run("insert into t values ('a', 1)", params![]).await;
        // Often enough to have the statement prepared on every reader.
        for _ in 0..8 {
            assert_eq!(engine.rows("select * from t", params![]).await[0].int(1).unwrap(), 1);
        }
        engine.run("alter table t add column extra text not null default 'new'", params![]).await;
        for _ in 0..8 {
            assert_eq!(engine.rows("select * from t", params![]).await[0].text(2).unwrap(), "new");
        }
        engine.run("alter table t drop column extra", params![]).await;
        for _ in 0..8 {
            assert_eq!(engine.rows("select * from t", params![]).await[0].text(2).unwrap_err().kind(), FaultKind::Broken);
        }
    }
}

engines! {
    on [sqlite, sqlite_memory]
    async fn text_that_is_none_is_broken(engine: Engine) {
        let fault = engine.db.query(Statement::new("select cast(x'ff' as text)", params![])).await.unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Broken);
    }
}
