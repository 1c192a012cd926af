//! The power fails, again and again: what was answered with success is there afterwards.

mod load;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use harness::actors::{Argon, GoScrobble, Tokens, WolfPal};
use harness::engine::{Engine, engine};
use harness::process::TesseraProcess;
use load::{Person, Round, Session, UnderWay, Worker};
use rusqlite::{Connection, OpenFlags};

use crate::stand::{cheap, eventually, wolfpal_believes};

const ROUNDS: usize = 20;
const WORKERS: usize = 6;

#[test]
fn what_was_promised_survives_the_end_of_the_process() {
    // The grace is long, so that a refresh whose answer was lost can be asked for again after the restart
    // however slow the machine is.
    let options = cheap()
        .unthrottled()
        .env("TESSERA_MOUNTS__WOLFPAL__REQUIRE_CONFIRMED_EMAIL", "false")
        .env("TESSERA_SESSIONS__REFRESH_GRACE", "30m");
    let mut server = TesseraProcess::start(options);
    let mut everybody = Vec::new();
    for number in 0..ROUNDS {
        let mut people = one_round(&mut server, number);
        server.restart();
        if engine() == Engine::Sqlite {
            assert_eq!(integrity(&server), "ok");
        }
        for (number, person) in people.iter_mut().enumerate() {
            check(&server, person, number % 3 == 0);
        }
        assert!(!server.output().contains("panicked"), "{}", server.output());
        everybody.extend(people);
    }
    assert!(everybody.len() > ROUNDS, "only {} people in {ROUNDS} rounds", everybody.len());
    everybody.iter_mut().for_each(|person| check(&server, person, false));
}

/// Load until so much was promised, then the end without warning.
fn one_round(server: &mut TesseraProcess, number: usize) -> Vec<Person> {
    let round = Round {
        address: server.address(),
        data: server.data(),
        commands: server.command_line(),
        promised: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    };
    let enough = 40 + number * 37 % 50;
    let round = &round;
    thread::scope(|scope| {
        let seeds = (0..WORKERS).map(|worker| u64::try_from(number * WORKERS + worker + 1).unwrap());
        let workers: Vec<_> =
            seeds.map(|seed| scope.spawn(move || Worker::new(round, seed).work())).collect();
        eventually("enough was promised, or a worker failed", || {
            round.promised.load(Ordering::Relaxed) >= enough
                || workers.iter().any(|worker| worker.is_finished())
        });
        server.kill9();
        round.over.store(true, Ordering::Relaxed);
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

fn integrity(server: &TesseraProcess) -> String {
    let path = server.data().join("tessera.db");
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    database.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap()
}

/// Holds the server to what it promised somebody. `provoke` also shows it a refresh token from long ago,
/// which ends the session.
fn check(server: &TesseraProcess, person: &mut Person, provoke: bool) {
    let at = server.address();
    let mut signed_in = Argon::at(at).try_sign_in(&person.name, &person.password);
    if signed_in.status != 200 && person.resetting.is_some() {
        // The reset whose answer was lost has happened, so all of it has.
        person.finish_reset();
        signed_in = Argon::at(at).try_sign_in(&person.name, &person.password);
    }
    person.resetting = None;
    let token = signed_in.expect_status(200).field("token");
    let state = Argon::at(at).state(&token).expect_status(200).json();
    let permitted = state["permissions"].as_array().unwrap().iter().any(|held| held == "mod");
    assert!(permitted || !person.permitted, "{person:?} lost a permission: {state}");
    for spent in &person.spent {
        let answer = GoScrobble::at(at).reset_password(spent, "yet another horse");
        assert_eq!(answer.text(), r#"{"error":"Invalid Token"}"#, "a token counted twice: {person:?}");
    }
    for session in &mut person.sessions {
        settle(server, session);
        if session.ended {
            assert_ended(server, session);
        } else {
            assert_live(server, session);
            if provoke && session.older.len() > 2 {
                assert_eq!(WolfPal::at(at).try_refresh(&session.older[0]).status, 401, "{session:?}");
                session.ended = true;
                assert_ended(server, session);
            }
        }
    }
}

/// Finds out what became of a sign-out whose answer was lost.
fn settle(server: &TesseraProcess, session: &mut Session) {
    if session.under_way.take() == Some(UnderWay::SignOut) && !session.ended {
        session.ended = !wolfpal_believes(server, &session.access);
    }
}

fn assert_ended(server: &TesseraProcess, session: &Session) {
    let mut wolfpal = WolfPal::at(server.address());
    assert!(!wolfpal_believes(server, &session.access), "an ended session lives: {session:?}");
    assert_eq!(wolfpal.try_refresh(&session.refresh).status, 401, "an ended session lives: {session:?}");
}

/// The newest token that was promised goes on with the session, and its successor is the only one.
fn assert_live(server: &TesseraProcess, session: &mut Session) {
    let mut wolfpal = WolfPal::at(server.address());
    let next = Tokens::of(wolfpal.try_refresh(&session.refresh));
    let same = Tokens::of(wolfpal.try_refresh(&session.refresh));
    assert_eq!(next, same, "a refresh token began two lineages: {session:?}");
    let before = std::mem::replace(&mut session.refresh, next.refresh);
    session.older.push(before);
    session.access = next.access;
    assert!(wolfpal_believes(server, &session.access));
}
