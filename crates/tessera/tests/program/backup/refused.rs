//! What is no backup, no place for one, or no moment for it: said, and nothing is changed.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use harness::actors::Argon;
use harness::engine::VARIABLE;
use harness::process::TesseraProcess;
use rusqlite::Connection;

use super::{SECRET, backup, listing, look, options, restore};
use crate::stand::{BINARY, PASSWORD, account, run};

#[track_caller]
fn refused(output: &Output, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(why), "{said}");
    assert!(!said.contains(SECRET), "{said}");
}

fn line(server: &TesseraProcess, args: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command
        .env_remove(VARIABLE)
        .args(args)
        .arg("--data")
        .arg(server.data())
        .env("TESSERA_MASTER_SECRET", SECRET);
    command
}

fn bytes(server: &TesseraProcess) -> Vec<u8> {
    fs::read(server.data().join("tessera.db")).unwrap()
}

#[test]
fn nobody_restores_under_a_running_server_and_a_killed_one_is_over_at_once() {
    let mut server = TesseraProcess::start(options());
    let name = account(&server, "there");
    let file = backup(&server, "it.backup");
    refused(&server.cli(&["restore", file.to_str().unwrap()], ""), "is in use");
    Argon::at(server.address()).sign_in(&name, PASSWORD);
    refused(&server.cli(&["restore", "--in-place"], ""), "is in use");
    server.kill9();
    restore(&server, &file, &[]);
    server.restart();
    Argon::at(server.address()).sign_in(&name, PASSWORD);
}

#[test]
fn what_is_no_backup_of_this_installation_changes_nothing() {
    let mut server = TesseraProcess::start(options());
    account(&server, "there");
    let good = backup(&server, "good.backup");
    server.stop();
    let (before, files) = (bytes(&server), listing(&server.data()));
    let folder = server.data().with_file_name("bad");
    fs::create_dir(&folder).unwrap();
    let put = |name: &str, content: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let whole = fs::read(&good).unwrap();
    let mut damaged = whole.clone();
    damaged[4096 * 3..4096 * 5].fill(0x5a);
    let newer = put("newer", &whole);
    let sql = "insert into schema_version (version, name, applied_at) values (999, 'later', 0)";
    Connection::open(&newer).unwrap().execute(sql, []).unwrap();
    let other = put("other", b"");
    Connection::open(&other).unwrap().execute("create table t (a text) strict", []).unwrap();
    put("logged-wal", b"what was written last");
    let cases = [
        (put("logged", &whole), "the log beside it"),
        (folder.join("absent"), "No such file"),
        (put("empty", b""), "no backup"),
        (put("text", b"this is a text and no database at all"), "no backup"),
        (put("half", &whole[..whole.len() / 2]), "damaged"),
        (put("damaged", &damaged), "damaged"),
        (newer, "999"),
        (other, "no installation"),
    ];
    for (path, why) in &cases {
        let output = server.cli(&["restore", path.to_str().unwrap()], "");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{path:?}: {said}");
        // A file that breaks off can be damaged in more than one way.
        assert!(said.contains(why) || (*why == "damaged" && said.contains("malformed")), "{path:?}: {said}");
    }
    let mut wrong = line(&server, &["restore", good.to_str().unwrap()]);
    wrong.env("TESSERA_MASTER_SECRET", SECRET.replace('3', "4"));
    refused(&wrong.output().unwrap(), "not the one of this installation");
    refused(
        &line(&server, &["restore", good.to_str().unwrap()])
            .env_remove("TESSERA_MASTER_SECRET")
            .output()
            .unwrap(),
        "no master secret",
    );
    assert_eq!(listing(&server.data()), files);
    assert_eq!(bytes(&server), before);
}

#[test]
fn no_file_is_overwritten_that_is_no_backup() {
    let server = TesseraProcess::start(options());
    let good = backup(&server, "good.backup");
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    refused(&server.cli(&["backup", &path(&good)], ""), "is there already");
    account(&server, "later");
    run(&server, &["backup", &path(&good), "--force"], "");
    let names: String =
        look(&good).query_row("select group_concat(username) from account", [], |row| row.get(0)).unwrap();
    assert!(names.contains("later"), "{names}");
    let text = server.data().join("mail").join("note.txt");
    fs::create_dir_all(text.parent().unwrap()).unwrap();
    fs::write(&text, "a note").unwrap();
    let database = server.data().join("tessera.db");
    for file in [&text, &database] {
        refused(&server.cli(&["backup", &path(file), "--force"], ""), "is no backup");
    }
    assert_eq!(fs::read_to_string(&text).unwrap(), "a note");
    let nowhere = server.data().join("no/such/folder/x.backup");
    refused(&server.cli(&["backup", &path(&nowhere)], ""), "cannot write");
}

#[test]
fn a_backup_goes_through_a_pipe_and_back() {
    let mut server = TesseraProcess::start(options());
    let name = account(&server, "piped");
    let file = server.data().with_file_name("piped.backup");
    let status = line(&server, &["backup", "-"]).stdout(File::create(&file).unwrap()).status().unwrap();
    assert!(status.success());
    assert!(!listing(&server.data()).iter().any(|name| name.contains("partial")));
    server.stop();
    let mut back = line(&server, &["restore", "-", "--json"]);
    let output = back.stdin(Stdio::from(File::open(&file).unwrap())).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    server.restart();
    Argon::at(server.address()).sign_in(&name, PASSWORD);
}

/// A log that was left behind belongs to another database than the one that comes.
#[test]
fn a_log_without_its_database_does_not_spoil_what_is_restored() {
    let mut server = TesseraProcess::start(options());
    let name = account(&server, "before");
    let file = backup(&server, "before.backup");
    let later = account(&server, "later");
    Argon::at(server.address()).sign_in(&later, PASSWORD);
    server.kill9();
    let database = server.data().join("tessera.db");
    assert!(fs::metadata(server.data().join("tessera.db-wal")).unwrap().len() > 0, "there is a log");
    fs::remove_file(&database).unwrap();
    restore(&server, &file, &[]);
    let whole: String = look(&database).query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    server.restart();
    Argon::at(server.address()).sign_in(&name, PASSWORD);
    Argon::at(server.address()).try_sign_in(&later, PASSWORD).expect_status(401);
}
