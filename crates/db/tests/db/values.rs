//! Values go in and come out unchanged, and parameters mean their numbers.

use db::{Fault, FaultKind, Statement, Value, WriteError, params};

use crate::engines;

#[track_caller]
fn broken<T: std::fmt::Debug>(result: Result<T, Fault>) {
    assert_eq!(result.unwrap_err().kind(), FaultKind::Broken);
}

engines! {
    async fn every_kind_round_trips(engine: Engine) {
        engine.create("create table v (id bigint primary key, t text, i bigint, b boolean, y bytea)").await;
        let big = "é".repeat(3_000_000);
        let texts = ["", "a\u{1}b\u{7f}", "'; drop table v; --", "\u{10ffff}", big.as_str()];
        let bytes: [Vec<u8>; 5] = [vec![], vec![0], vec![0xff, 0, 0xfe], (0..=255).collect(), vec![0; 5_000_000]];
        let ints = [0, 1, -1, i64::MIN, i64::MAX];
        for at in 0..5 {
            let (id, flag) = (i64::try_from(at).unwrap(), at % 2 == 0);
            let params = params![id, texts[at], ints[at], flag, bytes[at].clone()];
            engine.run("insert into v values ($1, $2, $3, $4, $5)", params).await;
            let found = engine.rows("select t, i, b, y from v where id = $1", params![id]).await;
            assert!(found[0].text(0).unwrap() == texts[at]);
            assert_eq!(found[0].int(1).unwrap(), ints[at]);
            assert_eq!(found[0].boolean(2).unwrap(), flag);
            assert!(found[0].bytes(3).unwrap() == bytes[at]);
            assert!(found[0].opt_text(0).unwrap().unwrap() == texts[at]);
            assert_eq!(found[0].opt_int(1).unwrap(), Some(ints[at]));
            assert_eq!(found[0].opt_boolean(2).unwrap(), Some(flag));
            assert!(found[0].opt_bytes(3).unwrap().unwrap() == bytes[at]);
        }
        engine.run("insert into v values (9, $1, $2, $3, $4)", vec![Value::Null; 4]).await;
        let nulls = engine.rows("select t, i, b, y from v where id = 9", params![]).await;
        assert_eq!(nulls[0].opt_text(0).unwrap(), None);
        assert_eq!(nulls[0].opt_int(1).unwrap(), None);
        assert_eq!(nulls[0].opt_boolean(2).unwrap(), None);
        assert_eq!(nulls[0].opt_bytes(3).unwrap(), None);
    }

    async fn getters_refuse_what_is_not_there(engine: Engine) {
        let found = engine.rows("select 'a', 7, null, 1.5 > 1", params![]).await;
        let row = &found[0];
        broken(row.int(0));
        broken(row.bytes(0));
        broken(row.boolean(1));
        broken(row.text(1));
        broken(row.text(2));
        broken(row.int(2));
        broken(row.opt_int(0));
        broken(row.text(4));
        broken(row.opt_bytes(usize::MAX));
        assert!(row.boolean(3).unwrap());
    }

    async fn parameters_are_bound_by_number_not_by_appearance(engine: Engine) {
        let engine = engine.with_table().await;
        engine.run("insert into t values ('a', 1), ('b', 2), ('c', 3)", params![]).await;
        // $2 appears first, so a binding by position would swap the two.
        let found = engine
            .rows("select id from t where n < $2 and n >= $1 order by n", params![2, 4])
            .await;
        let ids: Vec<String> = found.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(ids, ["b", "c"]);
        let found = engine.rows("select $3, $1, $2, $1, $3", params!["1", "2", "3"]).await;
        let texts: Vec<String> = (0..5).map(|column| found[0].text(column).unwrap()).collect();
        assert_eq!(texts, ["3", "1", "2", "1", "3"]);
        engine.run("update t set n = $2 where id = $1", params!["a", 9]).await;
        assert_eq!(engine.number("select n from t where id = 'a'").await, 9);
        // Ten and more are numbers too, not a digit and something.
        let many: Vec<Value> = (1..=12).map(|n: i64| Value::from(n.to_string())).collect();
        let found = engine
            .rows("select $12, $11, $10, $9, $8, $7, $6, $5, $4, $3, $2, $1", many)
            .await;
        assert_eq!((found[0].text(0).unwrap(), found[0].text(11).unwrap()), ("12".into(), "1".into()));
    }

    async fn parameters_that_do_not_match_are_refused(engine: Engine) {
        for (sql, params) in [
            ("select $1", params![]),
            ("select $1", params![1, 2]),
            ("select 1", params![1]),
            ("select $2", params![1]),
            ("select $1, $3", params![1, 2]),
            ("select $0", params![1]),
            ("select ?", params![1]),
            ("select ?1", params![1]),
            ("select :a", params![1]),
            ("select $a", params![1]),
            ("select $99999999999999999999999", params![1]),
        ] {
            broken(engine.db.query(Statement::new(sql, params)).await);
        }
    }

    async fn a_nul_is_stored_and_looked_for_alike(engine: Engine) {
        let engine = engine.with_table().await;
        engine.run("insert into t values ($1, 1)", params!["a\0b"]).await;
        assert_eq!(engine.rows("select id from t", params![]).await[0].text(0).unwrap(), "a\u{FFFD}b");
        for (text, found) in [("a\0b", 1), ("a\u{FFFD}b", 1), ("ab", 0), ("a", 0), ("\0", 0)] {
            assert_eq!(engine.rows("select id from t where id = $1", params![text]).await.len(), found, "{text:?}");
        }
        let failed = engine.write(Statement::new("delete from t where id = $1", params!["\0"]).touching(1, "there")).await;
        assert!(matches!(failed, Err(WriteError::Guard(_))));
    }

    async fn no_parameter_lingers_in_a_prepared_statement(engine: Engine) {
        let engine = engine.with_table().await;
        let insert = || Statement::new("insert into t values ($1, $2)", params!["x", 1]);
        engine.write(insert()).await.unwrap();
        engine.write(insert()).await.unwrap_err();
        engine.run("insert into t values ($1, $2)", params!["y", 2]).await;
        assert_eq!(engine.number("select cast(sum(n) as bigint) from t").await, 3);
    }
}

engines! {
    on [sqlite, sqlite_memory]
    async fn parameters_in_another_form_are_refused(engine: Engine) {
        for (sql, params) in [("select $01", params![1]), ("select $1::text", params![1])] {
            broken(engine.db.query(Statement::new(sql, params)).await);
        }
    }
}

#[test]
fn debug_shows_no_content() {
    let statement =
        Statement::new("select $1", params!["hunter2", b"hunter2", Some("hunter2"), 7, true, None::<i64>]);
    let shown = format!("{statement:?}");
    assert!(shown.contains("select $1"), "{shown}");
    assert!(!shown.contains("hunter2") && !shown.contains("104"), "{shown}");
    assert!(shown.contains("Text(7 bytes)") && shown.contains("Bytes(7 bytes)"), "{shown}");
    assert!(shown.contains("Int(7)") && shown.contains("Bool(true)") && shown.contains("Null"), "{shown}");
}

engines! {
    async fn debug_of_rows_and_faults_shows_no_content(engine: Engine) {
    let engine = engine.with_table().await;
    let found = engine.rows("select $1", params!["hunter2"]).await;
    assert!(!format!("{found:?}").contains("hunter2"));
    engine.run("insert into t values ($1, 1)", params!["hunter2"]).await;
    for (sql, params) in [
        ("insert into t values ($1, 1)", params!["hunter2"]),
        ("insert into t values ('b', $1)", params!["hunter2"]),
        ("insert into t values ($1, $2)", params!["hunter2", None::<i64>]),
        ("insert into t values ($1)", params!["hunter2"]),
        ("select $1 from nowhere", params!["hunter2"]),
    ] {
        let error = engine.write(Statement::new(sql, params)).await.unwrap_err();
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{error}");
    }
}
}
