use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::{FaultKind, Statement, params};

const BUSY: Duration = Duration::from_millis(20);

fn fresh() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    create_file(&path).unwrap();
    (folder, path)
}

fn link(path: &Path, role: Role) -> Link {
    Link::open(Place::File(path.to_owned()), role, BUSY).unwrap()
}

fn pragma(link: &mut Link, name: &str) -> String {
    let connection = link.connection().unwrap();
    let value: rusqlite::types::Value = connection.pragma_query_value(None, name, |row| row.get(0)).unwrap();
    format!("{value:?}")
}

fn lost() -> Failure {
    Failure { trust: Trust::Lost, ..Failure::unavailable("the disk is on fire") }
}

#[test]
fn every_connection_is_set_up_for_safety() {
    let (_folder, path) = fresh();
    for (role, cache, query_only) in [(Role::Writer, -16_384, 0), (Role::Reader, -8_192, 1)] {
        let mut link = link(&path, role);
        // Opened again means set up again.
        for _ in 0..2 {
            assert_eq!(pragma(&mut link, "journal_mode"), r#"Text("wal")"#);
            assert_eq!(pragma(&mut link, "synchronous"), "Integer(2)");
            assert_eq!(pragma(&mut link, "foreign_keys"), "Integer(1)");
            assert_eq!(pragma(&mut link, "temp_store"), "Integer(2)");
            assert_eq!(pragma(&mut link, "trusted_schema"), "Integer(0)");
            assert_eq!(pragma(&mut link, "busy_timeout"), "Integer(20)");
            assert_eq!(pragma(&mut link, "cache_size"), format!("Integer({cache})"));
            assert_eq!(pragma(&mut link, "query_only"), format!("Integer({query_only})"));
            link.recover(&lost());
        }
    }
}

#[test]
fn a_lost_connection_is_replaced_and_its_transaction_with_it() {
    let (_folder, path) = fresh();
    let mut link = link(&path, Role::Writer);
    let connection = link.connection().unwrap();
    execute::control(connection, "create table t (a integer) strict").unwrap();
    execute::control(connection, "begin immediate").unwrap();
    execute::control(connection, "insert into t values (1)").unwrap();
    link.recover(&lost());
    assert!(link.connection.is_none());
    let connection = link.connection().unwrap();
    assert!(connection.is_autocommit());
    let rows = execute::query(connection, &Statement::new("select count(*) from t", params![])).unwrap();
    assert_eq!(rows[0].int(0).unwrap(), 0);
}

#[test]
fn a_trusted_connection_is_kept_and_rolled_back() {
    let (_folder, path) = fresh();
    let mut link = link(&path, Role::Writer);
    execute::control(link.connection().unwrap(), "begin immediate").unwrap();
    link.recover(&Failure::unavailable("busy"));
    assert!(link.connection.as_ref().unwrap().is_autocommit());
}

#[test]
fn memory_is_never_given_up() {
    let mut link = Link::open(Place::Memory, Role::Writer, BUSY).unwrap();
    execute::control(link.connection().unwrap(), "create table t (a integer) strict").unwrap();
    execute::control(link.connection().unwrap(), "begin immediate").unwrap();
    link.recover(&lost());
    let connection = link.connection().unwrap();
    assert!(connection.is_autocommit());
    execute::query(connection, &Statement::new("select a from t", params![])).unwrap();
}

#[test]
fn a_database_that_went_missing_is_not_replaced_by_an_empty_one() {
    let (_folder, path) = fresh();
    let mut link = link(&path, Role::Writer);
    link.recover(&lost());
    std::fs::remove_file(&path).unwrap();
    let failure = link.connection().unwrap_err();
    assert_eq!(failure.fault.kind(), FaultKind::Unavailable);
    assert!(!path.exists());
    // And once it is back, so are we.
    create_file(&path).unwrap();
    link.connection().unwrap();
}

#[test]
fn a_file_that_is_no_database_is_unavailable_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    let text = "dear reader, ".repeat(1000);
    std::fs::write(&path, &text).unwrap();
    create_file(&path).unwrap();
    let failure = Link::open(Place::File(path.clone()), Role::Writer, BUSY).unwrap_err();
    assert_eq!(failure.fault.kind(), FaultKind::Unavailable);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}
