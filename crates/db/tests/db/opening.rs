//! Opening, closing, and the names of databases.

use std::path::Path;

use db::{Database, DatabaseUrl, FaultKind, Options, Statement, UrlError, WriteError, params};

use harness::postgres::Cluster;

use crate::{Engine, engines};

#[test]
fn urls() {
    let file = |path: &str| Ok(DatabaseUrl::sqlite_file(Path::new(path)));
    assert_eq!(DatabaseUrl::parse("sqlite:data/t.db"), file("data/t.db"));
    assert_eq!(DatabaseUrl::parse("sqlite:/var/t.db"), file("/var/t.db"));
    assert_eq!(DatabaseUrl::parse("sqlite://data/t.db"), file("data/t.db"));
    assert_eq!(DatabaseUrl::parse("sqlite:///var/t.db"), file("/var/t.db"));
    assert_eq!(DatabaseUrl::parse("SQLite:t.db"), file("t.db"));
    assert_eq!(DatabaseUrl::parse("sqlite:a:b.db"), file("a:b.db"));
    assert_eq!(DatabaseUrl::parse("sqlite::memory:").unwrap().to_string(), "sqlite::memory:");
    for bad in ["sqlite:", "sqlite://", "sqlite:t.db?mode=ro", "sqlite:a\0b"] {
        assert_eq!(DatabaseUrl::parse(bad), Err(UrlError::Path), "{bad}");
    }
    for bad in ["", "t.db", "mysql://root:secret@h/d", "/var/t.db", ":memory:"] {
        assert_eq!(DatabaseUrl::parse(bad), Err(UrlError::Scheme), "{bad}");
    }
}

fn insert() -> Statement {
    Statement::new("insert into t values ('a', 1)", params![])
}

engines! {
    async fn after_closing_every_clone_is_unavailable(engine: Engine) {
        let engine = engine.with_table().await;
        let clone = engine.db.clone();
        clone.ping().await.unwrap();
        engine.db.close().await;
        assert_eq!(clone.query(Statement::new("select 1", params![])).await.unwrap_err().kind(), FaultKind::Unavailable);
        let Err(WriteError::Fault(fault)) = clone.write(insert().into()).await else { panic!("written") };
        assert_eq!(fault.kind(), FaultKind::Unavailable);
        assert_eq!(clone.ping().await.unwrap_err().kind(), FaultKind::Unavailable);
        clone.migrate(&[], 0).await.unwrap_err();
        clone.close().await;
    }

    async fn closing_finishes_what_was_handed_over(engine: Engine) {
        let engine = engine.with_table().await;
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..200 {
            let db = engine.db.clone();
            let insert = Statement::new("insert into t values ($1, 1)", params![n.to_string()]);
            tasks.spawn(async move {
                let query = db.query(Statement::new("select 1", params![])).await.is_ok();
                (query, db.write(insert.into()).await.is_ok())
            });
        }
        tokio::task::yield_now().await;
        let (folder, db) = (engine.folder, engine.db);
        let (first, second) = (db.clone(), db);
        tokio::join!(first.close(), second.close());
        // Nobody is left waiting, and what was answered Ok is there.
        let applied = tasks.join_all().await.into_iter().filter(|(_, written)| *written).count();
        if let Some(folder) = folder {
            let file = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
            let found: u32 = file.query_row("select count(*) from t", [], |row| row.get(0)).unwrap();
            assert_eq!(usize::try_from(found).unwrap(), applied);
        }
        if let Some(name) = engine.name {
            assert_eq!(Cluster::shared().sql(&name, "select count(*) from t"), applied.to_string());
        }
    }
}

#[tokio::test]
async fn closing_leaves_one_file() {
    let engine = Engine::sqlite().await.with_table().await;
    engine.write(insert()).await.unwrap();
    let folder = engine.folder.unwrap();
    assert!(folder.path().join("test.db-wal").exists());
    engine.db.close().await;
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["test.db"]);
}

#[tokio::test]
async fn dropping_all_handles_keeps_what_was_handed_over() {
    let engine = Engine::sqlite().await.with_table().await;
    let folder = engine.folder.unwrap();
    let mut write = Box::pin(async move { engine.db.write(insert().into()).await });
    std::future::poll_fn(|context| {
        let _ = write.as_mut().poll(context);
        std::task::Poll::Ready(())
    })
    .await;
    drop(write);
    let url = DatabaseUrl::sqlite_file(&folder.path().join("test.db"));
    let again = Database::open(&url, Options::default()).await.unwrap();
    let count = || Statement::new("select count(*) from t", params![]);
    let mut rows = again.query(count()).await.unwrap();
    for _ in 0..200 {
        if rows[0].int(0).unwrap() == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        rows = again.query(count()).await.unwrap();
    }
    assert_eq!(rows[0].int(0).unwrap(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let engine = Engine::sqlite().await.with_table().await;
    let folder = engine.folder.as_ref().unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert_eq!(seen, 3, "the database, its log and its index");
}

#[tokio::test]
async fn what_cannot_be_opened_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("missing").join("t.db"), folder.path().to_owned()] {
        let fault = Database::open(&DatabaseUrl::sqlite_file(&path), Options::default()).await.unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Unavailable, "{fault}");
    }
}

#[tokio::test]
async fn a_file_name_is_taken_literally() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["file:x.db", "100%20.db", ":memory:", "a#b"] {
        let path = folder.path().join(name);
        let db = Database::open(&DatabaseUrl::sqlite_file(&path), Options::default()).await.unwrap();
        db.write(Statement::new("create table t (a integer)", params![]).into()).await.unwrap();
        db.close().await;
        assert!(std::fs::metadata(&path).unwrap().len() > 0, "{name}");
    }
}

#[tokio::test]
async fn two_databases_in_memory_are_strangers() {
    let (one, two) = (Engine::sqlite_memory().await.with_table().await, Engine::sqlite_memory().await);
    one.write(insert()).await.unwrap();
    assert!(two.db.query(Statement::new("select * from t", params![])).await.is_err());
}
