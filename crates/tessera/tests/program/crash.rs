//! The process is killed, again and again: what was answered with success is there afterwards.

use harness::engine::{Engine, engine};
use harness::ledger::{settings, until_the_end};
use harness::process::TesseraProcess;
use rusqlite::{Connection, OpenFlags};

use crate::stand::cheap;

const ROUNDS: usize = 20;

#[test]
fn what_was_promised_survives_the_end_of_the_process() {
    let mut server = TesseraProcess::start(settings(cheap()));
    let mut everybody = Vec::new();
    for number in 0..ROUNDS {
        let enough = 40 + number * 37 % 50;
        let mut known = until_the_end(&mut server, number, enough, TesseraProcess::kill9);
        server.restart();
        if engine() == Engine::Sqlite {
            assert_eq!(integrity(&server), "ok");
        }
        for (number, person) in known.people.iter_mut().enumerate() {
            known.broken.extend(person.audit(&server, number % 3 == 0));
        }
        assert!(known.broken.is_empty(), "{:#?}", known.broken);
        assert!(!server.output().contains("panicked"), "{}", server.output());
        everybody.extend(known.people);
    }
    assert!(everybody.len() > ROUNDS, "only {} people in {ROUNDS} rounds", everybody.len());
    let broken: Vec<_> = everybody.iter_mut().flat_map(|person| person.audit(&server, false)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

fn integrity(server: &TesseraProcess) -> String {
    let path = server.data().join("tessera.db");
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    database.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap()
}
