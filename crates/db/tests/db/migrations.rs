//! The schema is brought up to date once, by whoever comes first.

use db::{
    Batch, Database, DatabaseUrl, FaultKind, MigrateError, Migrated, Migration, Misfit, Options, Statement,
    params,
};
use harness::postgres::Cluster;
use tokio::task::JoinSet;

use crate::{Engine, engines};

const FIRST: Migration = Migration {
    version: 1,
    name: "accounts",
    sql: &[
        "create table account (id text primary key, made_at bigint not null, disabled boolean not null default false, key bytea)",
        "create unique index account_key on account (key) where key is not null",
        "create table event (seq bigint generated always as identity primary key, account text references account (id))",
    ],
};
const SECOND: Migration = Migration {
    version: 2,
    name: "names",
    sql: &[
        "alter table account add column name text",
        "insert into account (id, made_at, name) values ('root', 1, 'Root')",
    ],
};
const FIFTH: Migration = Migration {
    version: 5,
    name: "flags",
    sql: &["alter table account add column flagged boolean not null default true"],
};
const BAD: Migration = Migration {
    version: 6,
    name: "bad",
    sql: &["create table half (a bigint)", "create table account (a bigint)"],
};
const ODD: Migration = Migration { version: 6, name: "odd", sql: &["create table odd (a varchar(20))"] };
const NEEDS_TWO: Migration = Migration { version: 6, name: "needs 2: without names", sql: &[] };
const THIRD: Migration = Migration { version: 3, name: "late", sql: &[] };

engines! {
    async fn a_fresh_database_gets_everything_once(engine: Engine) {
        let all = &[FIRST, SECOND, FIFTH];
        let done = engine.db.migrate(all, 1_700_000_000_000_000).await.unwrap();
        assert_eq!(done, Migrated { applied: vec![1, 2, 5], version: 5 });
        let again = engine.db.migrate(all, 1_800_000_000_000_000).await.unwrap();
        assert_eq!(again, Migrated { applied: vec![], version: 5 });
        let record = engine.rows("select version, name, applied_at from schema_version order by version", params![]).await;
        assert_eq!(record.len(), 3);
        assert_eq!((record[2].int(0).unwrap(), record[2].text(1).unwrap().as_str()), (5, "flags"));
        assert_eq!(record[2].int(2).unwrap(), 1_700_000_000_000_000);
        let row = &engine.rows("select disabled, flagged, key from account", params![]).await[0];
        assert_eq!((row.boolean(0).unwrap(), row.boolean(1).unwrap(), row.opt_bytes(2).unwrap()), (false, true, None));
    }

    async fn an_old_database_catches_up_across_versions(engine: Engine) {
        assert_eq!(engine.db.migrate(&[FIRST], 1).await.unwrap().version, 1);
        let done = engine.db.migrate(&[FIRST, SECOND, FIFTH], 2).await.unwrap();
        assert_eq!(done, Migrated { applied: vec![2, 5], version: 5 });
    }

    async fn tables_hold_their_types(engine: Engine) {
        engine.db.migrate(&[FIRST], 1).await.unwrap();
        let bad = Statement::new("insert into account (id, made_at) values ('a', $1)", params!["abc"]);
        engine.write(bad).await.unwrap_err();
        let first = engine.run("insert into event (account) values (null) returning seq", params![]).await;
        assert_eq!(first.rows(0)[0].int(0).unwrap(), 1);
        engine.run("delete from event", params![]).await;
        // A sequence never goes back, or a reader of events would miss one.
        let second = engine.run("insert into event (account) values (null) returning seq", params![]).await;
        assert_eq!(second.rows(0)[0].int(0).unwrap(), 2);
    }

    async fn a_running_program_goes_on_with_a_newer_schema_that_only_adds(engine: Engine) {
        let lacks = |fit| matches!(fit, Err(Misfit::Lacks { step: 1 }));
        assert!(lacks(engine.db.fits(&[FIRST]).await), "nothing was migrated yet");
        engine.db.migrate(&[FIRST, SECOND], 1).await.unwrap();
        engine.db.fits(&[FIRST, SECOND]).await.unwrap();
        engine.db.fits(&[FIRST]).await.unwrap();
        assert!(matches!(engine.db.fits(&[FIRST, SECOND, FIFTH]).await, Err(Misfit::Lacks { step: 5 })));
        engine.db.migrate(&[FIRST, SECOND, FIFTH, NEEDS_TWO], 1).await.unwrap();
        engine.db.fits(&[FIRST, SECOND]).await.unwrap();
        let without = engine.db.fits(&[FIRST]).await;
        assert!(matches!(without, Err(Misfit::Newer { database: 6, needs: 2, binary: 1 })), "{without:?}");
        engine.run("delete from schema_version where version = 2", params![]).await;
        assert!(matches!(engine.db.fits(&[FIRST, SECOND, FIFTH, NEEDS_TWO]).await, Err(Misfit::Lacks { step: 2 })));
    }

    async fn a_newer_database_is_refused_untouched(engine: Engine) {
        engine.db.migrate(&[FIRST, SECOND, FIFTH], 1).await.unwrap();
        for (older, known) in [(&[FIRST, SECOND] as &'static [Migration], 2), (&[], 0)] {
            let error = engine.db.migrate(older, 2).await.unwrap_err();
            assert!(matches!(error, MigrateError::Newer { database: 5, binary } if binary == known));
            let shown = error.to_string();
            assert!(shown.contains("version 5") && shown.contains("newer program"), "{shown}");
        }
        assert_eq!(engine.number("select count(*) from schema_version").await, 3);
    }

    async fn a_failing_step_is_undone_and_those_before_it_stay(engine: Engine) {
        let error = engine.db.migrate(&[FIRST, BAD], 1).await.unwrap_err();
        assert!(
            matches!(&error, MigrateError::Failed { version: 6, name: "bad", fault } if fault.kind() == FaultKind::Broken)
        );
        let error = engine.db.migrate(&[FIRST, ODD], 1).await.unwrap_err();
        assert!(error.to_string().contains("varchar"), "{error}");
        assert_eq!(engine.number("select max(version) from schema_version").await, 1);
        engine.db.query(Statement::new("select 1 from half", params![])).await.unwrap_err();
        // The connection is fit for more.
        engine.run("insert into account (id, made_at) values ('a', 1)", params![]).await;
        assert_eq!(engine.db.migrate(&[FIRST, SECOND], 1).await.unwrap().applied, [2]);
    }

    async fn a_list_out_of_order_is_refused(engine: Engine) {
        for list in [
            &[SECOND, FIRST] as &'static [Migration],
            &[FIRST, FIRST],
            &[Migration { version: 0, name: "zero", sql: &[] }],
        ] {
            assert!(matches!(engine.db.migrate(list, 1).await, Err(MigrateError::OutOfOrder { .. })));
        }
        engine.db.migrate(&[FIRST, SECOND, FIFTH], 1).await.unwrap();
        let error = engine.db.migrate(&[FIRST, SECOND, THIRD, FIFTH], 1).await.unwrap_err();
        assert!(matches!(error, MigrateError::OutOfOrder { version: 3 }));
    }

    async fn generated_numbers_go_on_after_rows_that_brought_their_own(engine: Engine) {
        engine.db.migrate(&[FIRST], 1).await.unwrap();
        let next = async || {
            let written = engine.run("insert into event (account) values (null) returning seq", params![]).await;
            written.rows(0)[0].int(0).unwrap()
        };
        engine.db.continue_identity("event", "seq").await.unwrap();
        assert_eq!((next().await, next().await), (1, 2));
        let own = |seq: i64| {
            Statement::new(
                "insert into event (seq, account) Overriding  system\nvalue values ($1, null)",
                params![seq],
            )
        };
        engine.write(Batch::new().with(own(40)).with(own(17))).await.unwrap();
        engine.db.continue_identity("event", "seq").await.unwrap();
        assert_eq!(next().await, 41);
        // It never goes back, whatever is gone.
        engine.run("delete from event", params![]).await;
        engine.db.continue_identity("event", "seq").await.unwrap();
        assert_eq!(next().await, 42);
    }

    async fn nothing_to_migrate_is_version_zero(engine: Engine) {
        assert_eq!(engine.db.migrate(&[], 1).await.unwrap(), Migrated { applied: vec![], version: 0 });
    }
}

/// Six programs open the same database at once, which nobody has migrated yet.
async fn many_starts(url: &DatabaseUrl) {
    let mut tasks = JoinSet::new();
    for _ in 0..6 {
        let url = url.clone();
        tasks.spawn(async move {
            let db = Database::open(&url, Options::default()).await.unwrap();
            let done = db.migrate(&[FIRST, SECOND, FIFTH], 1).await.unwrap();
            db.close().await;
            done
        });
    }
    let results = tasks.join_all().await;
    assert!(results.iter().all(|done| done.version == 5));
    let mut applied: Vec<i64> = results.into_iter().flat_map(|done| done.applied).collect();
    applied.sort_unstable();
    assert_eq!(applied, [1, 2, 5]);
}

mod many_starts_at_once_apply_each_step_once {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        for _ in 0..5 {
            let folder = tempfile::tempdir().unwrap();
            many_starts(&DatabaseUrl::sqlite_file(&folder.path().join("new.db"))).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        for _ in 0..5 {
            let name = Cluster::shared().create_database();
            many_starts(&DatabaseUrl::parse(&Cluster::shared().url(&name)).unwrap()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_to_do_does_not_wait_for_a_writer() {
    let engine = Engine::sqlite().await;
    engine.db.migrate(&[FIRST], 1).await.unwrap();
    let other = rusqlite::Connection::open(engine.folder.as_ref().unwrap().path().join("test.db")).unwrap();
    other.execute_batch("begin immediate").unwrap();
    assert_eq!(engine.db.migrate(&[FIRST], 1).await.unwrap().version, 1);
}
