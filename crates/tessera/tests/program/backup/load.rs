//! Backups while the server writes: each holds all that was answered before it began, and nothing half.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use harness::actors::Argon;
use harness::engine::VARIABLE;
use harness::process::TesseraProcess;

use super::{backup, listing, look, options, restore};
use crate::stand::{BINARY, PASSWORD, eventually};

const WRITERS: usize = 4;
const BACKUPS: usize = 12;

/// The number of the last account of each writer whose making was answered with success.
type Ledger = Vec<Mutex<usize>>;

fn name(writer: usize, number: usize) -> String {
    format!("writer{writer}-{number}")
}

/// Registers accounts, one after the other, until it is over.
fn write(server: &TesseraProcess, writer: usize, ledger: &Ledger, over: &AtomicBool) {
    let mut argon = Argon::at(server.address());
    while !over.load(Ordering::Relaxed) {
        let number = *ledger[writer].lock().unwrap() + 1;
        argon.register(&name(writer, number), PASSWORD);
        *ledger[writer].lock().unwrap() = number;
    }
}

fn answered(ledger: &Ledger) -> Vec<usize> {
    ledger.iter().map(|number| *number.lock().unwrap()).collect()
}

/// How many accounts each writer has in a copy. There are no gaps, and nothing half: who is there has an event and
/// a session, and no event tells of an account that is not there.
#[track_caller]
fn held(path: &Path) -> Vec<usize> {
    let copy = look(path);
    let number = |sql: &str| -> i64 { copy.query_row(sql, [], |row| row.get(0)).unwrap() };
    let whole: String = copy.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    let without = "select count(*) from account where not exists \
         (select 1 from event where account_id = account.id and kind = 'account_created')";
    assert_eq!(number(without), 0, "an account without its event");
    let orphans = "select count(*) from event where kind = 'account_created' and not exists \
         (select 1 from account where id = event.account_id)";
    assert_eq!(number(orphans), 0, "an event without its account");
    (0..WRITERS)
        .map(|writer| {
            let mut names = copy.prepare("select username from account where username like ?1").unwrap();
            let names =
                names.query_map([format!("writer{writer}-%")], |row| row.get::<_, String>(0)).unwrap();
            let mut numbers: Vec<usize> =
                names.map(|name| name.unwrap().split_once('-').unwrap().1.parse().unwrap()).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "writer {writer} has gaps");
            numbers.len()
        })
        .collect()
}

#[test]
fn a_backup_under_load_holds_everything_that_was_answered_before_it_began() {
    let mut server = TesseraProcess::start(options());
    let ledger: Ledger = (0..WRITERS).map(|_| Mutex::new(0)).collect();
    let over = AtomicBool::new(false);
    let mut made = Vec::new();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (server, ledger, over) = (&server, &ledger, &over);
            scope.spawn(move || write(server, writer, ledger, over));
        }
        for round in 0..BACKUPS {
            let before: usize = answered(&ledger).iter().sum();
            eventually("the load goes on", || answered(&ledger).iter().sum::<usize>() > before + 3);
            let promised = answered(&ledger);
            made.push((promised, backup(&server, &format!("{round}.backup")), answered(&ledger)));
        }
        over.store(true, Ordering::Relaxed);
    });
    for (promised, file, after) in &made {
        let held = held(file);
        for writer in 0..WRITERS {
            assert!(held[writer] >= promised[writer], "{held:?} lacks what was promised: {promised:?}");
            // One may have been written whose answer was still under way.
            assert!(held[writer] <= after[writer] + 1, "{held:?} {after:?}");
        }
    }
    assert!(made.iter().any(|(promised, _, after)| promised != after), "the server wrote meanwhile");

    // And back, in the place of what has gone on since.
    let (_, file, _) = &made[BACKUPS / 2];
    let there = held(file);
    server.stop();
    restore(&server, file, &[]);
    assert_eq!(held(&server.data().join("tessera.db")), there);
    assert_eq!(held(file), there, "the backup itself is as it was");
    server.restart();
    let mut argon = Argon::at(server.address());
    for (writer, last) in there.into_iter().enumerate() {
        argon.sign_in(&name(writer, last), PASSWORD);
        argon.try_sign_in(&name(writer, last + 2), PASSWORD).expect_status(401);
        argon.register(&name(writer, last + 1), PASSWORD);
    }
}

#[test]
fn a_backup_that_is_killed_leaves_nothing_under_its_name() {
    let server = TesseraProcess::start(options());
    let folder = server.data().with_file_name("killed");
    fs::create_dir(&folder).unwrap();
    let (mut none, mut whole) = (0, 0);
    for round in 0..30 {
        let file = folder.join(format!("{round}.backup"));
        let mut command = Command::new(BINARY);
        command.env_remove(VARIABLE).args(["backup", file.to_str().unwrap(), "--data"]).arg(server.data());
        command.env("TESSERA_MASTER_SECRET", super::SECRET).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        thread::sleep(Duration::from_millis(round * 4));
        child.kill().unwrap();
        child.wait().unwrap();
        if file.exists() {
            held(&file);
            whole += 1;
        } else {
            none += 1;
        }
    }
    assert!(none > 0, "{whole} were whole and none was killed in time: {:?}", listing(&folder));
}
