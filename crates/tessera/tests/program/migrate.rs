//! An installation moves to another database, whatever happens on the way.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use harness::actors::{Argon, WolfPal};
use harness::engine::VARIABLE;
use harness::http::Request;
use harness::postgres::Cluster;
use harness::process::{Options, TesseraProcess};
use harness::server::Server;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::stand::{
    BINARY, Believed, Everywhere, PASSWORD, account, address_of, administrator, cheap, eventually, mailed,
    run, told,
};

const SECRET: &str = "11112233445566778899aabbccddeeff00112233445566778899aabbccddee11";

fn options() -> Options {
    cheap().on_file().unthrottled().env("TESSERA_MASTER_SECRET", SECRET)
}

fn file(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn database_of(server: &TesseraProcess) -> String {
    file(&server.data().join("tessera.db"))
}

/// A server that everything was done with, stopped; what it has to be able to do later.
fn furnished() -> (TesseraProcess, Later) {
    let mut server = TesseraProcess::start(options());
    let at = server.address();
    let (name, boss, factored) =
        (account(&server, "mover"), administrator(&server, "boss"), account(&server, "factored"));
    let tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    let mut wolfpal = WolfPal::at(at);
    let access = wolfpal.sign_in(&address_of(&factored), PASSWORD).access;
    wolfpal.enrol_totp(&access, server.totp_now());
    let mut boss = Argon::at(at).sign_in(&boss, PASSWORD);
    boss.insert_str(0, "Bearer ");
    let asked = |method: &str, path: &str, body: &Value, status: u16| {
        let request = Request::new(method, path).header("Authorization", &boss).json(body);
        server.client().send(&request).unwrap().expect_status(status)
    };
    asked("PUT", "/api/system/settings", &json!({ "panel_name": "Moved \u{1F69A}" }), 200);
    let body = json!({ "name": "a key", "permissions": ["user"] });
    let key = asked("POST", "/api/api-keys", &body, 201).field("key");
    wolfpal.send_reset(&address_of(&name));
    let reset = mailed(&server, &address_of(&name), "reset");
    run(&server, &["invite", "create"], "");
    server.stop();
    (server, Later { name, factored, key, reset, tokens })
}

struct Later {
    name: String,
    factored: String,
    key: String,
    reset: String,
    tokens: Everywhere,
}

impl Later {
    /// Everything goes on as if nothing had happened.
    fn goes_on(&mut self, server: &TesseraProcess) {
        assert_eq!(self.tokens.believed(server), Believed::ALL);
        let at = server.address();
        let state = Request::new("GET", "/api/auth/state").header("X-API-Key", &self.key);
        assert_ne!(server.client().send(&state).unwrap().status, 500);
        let about = server.client().send(&Request::new("GET", "/api/system/settings")).unwrap();
        assert_ne!(about.status, 500);
        // Its second factor is asked for, so what was sealed opens.
        let asked = WolfPal::at(at).try_sign_in(&address_of(&self.factored), PASSWORD).expect_status(200);
        let wrong = WolfPal::at(at).second_step(&asked.field("token"), "000000");
        assert!(wrong.status < 500, "{wrong}");
        assert!(told(server, &["event", "list"], "").to_string().contains("two_factor"));
    }
}

fn line(server: &TesseraProcess, from: &str, to: &str) -> Command {
    let mut command = Command::new(BINARY);
    command.env_remove(VARIABLE);
    command.args(["migrate", "--from", from, "--to", to, "--json", "--data"]).arg(server.data());
    command.env("TESSERA_MASTER_SECRET", SECRET);
    command
}

fn migrate(server: &TesseraProcess, from: &str, to: &str) -> Output {
    line(server, from, to).output().unwrap()
}

#[track_caller]
fn moved(server: &TesseraProcess, from: &str, to: &str) -> Value {
    let output = migrate(server, from, to);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["moved"], true);
    answer["tables"].clone()
}

#[track_caller]
fn refused(output: &Output, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(why), "{said}");
    assert!(!said.contains(SECRET), "{said}");
}

fn rows(tables: &Value, name: &str) -> u64 {
    let table = tables.as_array().unwrap().iter().find(|table| table["table"] == name);
    table.unwrap_or_else(|| panic!("{name} is not told of"))["rows"].as_u64().unwrap()
}

#[test]
fn an_installation_moves_there_and_back_and_goes_on() {
    let (mut server, mut later) = furnished();
    let cluster = Cluster::shared();
    let there = cluster.url(&cluster.create_database());
    let from = database_of(&server);
    let dry = line(&server, &from, &there).arg("--dry-run").output().unwrap();
    let dry: Value = serde_json::from_slice(&dry.stdout).unwrap();
    let tables = moved(&server, &from, &there);
    assert_eq!(dry, tables, "what would be moved is what was moved");
    for name in
        ["setting", "account", "api_key", "backup_code", "session", "one_time_token", "event", "outbox"]
    {
        assert!(rows(&tables, name) > 0, "{name} has no rows");
    }
    assert!(rows(&tables, "signing_key") > 0 && rows(&tables, "root_secret") == 1);
    refused(&migrate(&server, &from, &there), "not empty");
    refused(&migrate(&server, &from, &from), "the same database");
    let back = server.data().join("back.db");
    assert_eq!(moved(&server, &there, &file(&back)), tables);

    let moved_to = TesseraProcess::start(options().database(&there));
    refused(&migrate(&server, &there, &file(&server.data().join("other.db"))), "a server runs on the source");
    later.goes_on(&moved_to);
    let heir = Argon::at(moved_to.address()).register("newcomer", PASSWORD);
    Argon::at(moved_to.address()).state(&heir).expect_status(200);
    WolfPal::at(moved_to.address()).reset_password(&later.reset, "another horse 2").expect_status(200);
    let mut moved_to = moved_to;
    moved_to.stop();

    // And on to a file again, with what has happened since.
    let last = server.data().join("last.db");
    moved(&server, &there, &file(&last));
    std::fs::remove_file(server.data().join("tessera.db")).unwrap();
    for rest in ["tessera.db-wal", "tessera.db-shm"] {
        _ = std::fs::remove_file(server.data().join(rest));
    }
    std::fs::rename(&last, server.data().join("tessera.db")).unwrap();
    server.restart();
    Everywhere::sign_in(&server, &later.name, "another horse 2");
    Argon::at(server.address()).state(&heir).expect_status(200);
}

#[test]
fn a_foreign_database_or_another_secret_is_refused_and_nothing_is_changed() {
    let (server, _) = furnished();
    let mut other = TesseraProcess::start(options());
    other.stop();
    let from = database_of(&server);
    refused(&migrate(&server, &from, &database_of(&other)), "not empty");
    other.restart();
    other.stop();
    let nowhere = file(&server.data().join("nowhere.db"));
    refused(&migrate(&server, &nowhere, &file(&server.data().join("new.db"))), "no installation");
    assert!(!server.data().join("nowhere.db").exists() && !server.data().join("new.db").exists());
    let mut wrong = line(&server, &from, &file(&server.data().join("new.db")));
    let wrong = wrong.env("TESSERA_MASTER_SECRET", SECRET.replace('1', "2")).output().unwrap();
    refused(&wrong, "not the one of this installation");
    let mut without = line(&server, &from, &file(&server.data().join("new.db")));
    refused(&without.env_remove("TESSERA_MASTER_SECRET").output().unwrap(), "no master secret");
    assert!(!server.data().join("master.secret").exists(), "none is made");
}

/// So many more events, to have something that takes its time.
fn fill(path: &Path, count: usize) {
    let sql = format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) insert into event \
         (at, kind, realm, address, detail) select 1800000000000000 + i, 'signed_in', 'default', '', i from n"
    );
    Connection::open(path).unwrap().execute_batch(&sql).unwrap();
}

/// How far the transfer into a database is.
fn mark(path: &Path) -> Option<String> {
    let sql = "select value from setting where realm = '' and name = 'transfer'";
    Connection::open(path).ok()?.query_row(sql, [], |row| row.get(0)).ok()
}

/// Runs it until it is further than before, then ends it without warning; whether that was before its end.
fn killed(mut transfer: Child, target: &Path) -> bool {
    let before = mark(target);
    let mut ended = None;
    eventually("the transfer goes on", || {
        ended = transfer.try_wait().unwrap();
        ended.is_some() || mark(target) != before
    });
    transfer.kill().unwrap();
    transfer.wait().unwrap();
    ended.is_none()
}

#[test]
fn a_transfer_that_is_killed_again_and_again_ends_whole() {
    let (server, _) = furnished();
    let source = server.data().join("tessera.db");
    fill(&source, 60_000);
    let target = server.data().join("target.db");
    let (from, to) = (database_of(&server), file(&target));
    let mut kills = 0;
    for _ in 0..20 {
        let transfer = line(&server, &from, &to).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        if !killed(transfer, &target) {
            break;
        }
        kills += 1;
        if kills == 3 {
            let mut half = Command::new(BINARY);
            half.env_remove(VARIABLE);
            half.args(["account", "list", "--database", &to, "--data"]).arg(server.data());
            refused(
                &half.env("TESSERA_MASTER_SECRET", SECRET).output().unwrap(),
                "a part of an installation",
            );
            refused(&migrate(&server, &to, &file(&server.data().join("x.db"))), "has not ended");
        }
    }
    assert!(kills >= 5, "it ended after {kills} times");
    let tables = if mark(&target).is_some() {
        moved(&server, &from, &to)
    } else {
        // Killed when all was done: nothing is left to do but to look.
        Value::Null
    };
    if !tables.is_null() {
        assert!(rows(&tables, "event") > 60_000);
    }
    let count = |path: &Path| -> i64 {
        let sql = "select count(*) + coalesce(sum(sequence), 0) from event";
        Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count(&source), count(&target));
    assert_eq!(mark(&target), None);
}

#[test]
fn a_source_that_changes_meanwhile_is_noticed() {
    let (server, later) = furnished();
    let source = server.data().join("tessera.db");
    fill(&source, 20_000);
    let target = server.data().join("target.db");
    let (from, to) = (database_of(&server), file(&target));
    let transfer = line(&server, &from, &to).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("the accounts are copied", || mark(&target).is_some_and(|mark| mark.contains("\"event\"")));
    let mut transfer = transfer;
    transfer.kill().unwrap();
    transfer.wait().unwrap();
    let sql = "update account set version = version + 1 where username = ?1";
    assert_eq!(Connection::open(&source).unwrap().execute(sql, [&later.name]).unwrap(), 1);
    refused(&migrate(&server, &from, &to), "these tables differ: account");
    assert!(mark(&target).is_some(), "nobody opens it");
    // Once it is as it was, the same target is finished.
    let sql = "update account set version = version - 1 where username = ?1";
    assert_eq!(Connection::open(&source).unwrap().execute(sql, [&later.name]).unwrap(), 1);
    moved(&server, &from, &to);
}
