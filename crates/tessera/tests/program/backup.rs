//! The database goes into a file and comes back: whole, for nobody else's eyes, and without what was ended.

mod load;
mod postgres;
mod refused;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use harness::actors::{Argon, WolfPal};
use harness::process::{Options, TesseraProcess};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::stand::{
    Believed, Everywhere, PASSWORD, account, address_of, cheap, mailed, mailed_after, run, told,
};

const SECRET: &str = "33332233445566778899aabbccddeeff00112233445566778899aabbccddee33";

fn options() -> Options {
    cheap().on_file().unthrottled().env("TESSERA_MASTER_SECRET", SECRET)
}

/// A backup of that name beside the data folder.
#[track_caller]
fn backup(server: &TesseraProcess, name: &str) -> PathBuf {
    let path = server.data().with_file_name(name);
    told(server, &["backup", path.to_str().unwrap()], "");
    path
}

#[track_caller]
fn restore(server: &TesseraProcess, from: &Path, args: &[&str]) -> Value {
    told(server, &[&["restore", from.to_str().unwrap()], args].concat(), "")
}

/// A database that only this looks into.
fn look(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// The names of what stands in a folder.
fn listing(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_a_file_for_its_owner_alone_and_holds_no_secret() {
    let server = TesseraProcess::start(options());
    let name = account(&server, "kept");
    let tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    WolfPal::at(server.address()).send_reset(&address_of(&name));
    let reset = mailed(&server, &address_of(&name), "reset");
    let file = backup(&server, "kept.backup");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let beside = listing(file.parent().unwrap());
    assert!(!beside.iter().any(|name| name.starts_with("kept.backup.")), "{beside:?}");
    let bytes = fs::read(&file).unwrap();
    assert!(bytes.windows(name.len()).any(|window| window == name.as_bytes()), "the search finds something");
    let wolfpal = &tokens.wolfpal;
    let secrets = [
        PASSWORD,
        SECRET,
        &tokens.argon,
        &tokens.melon,
        &wolfpal.access,
        &wolfpal.refresh,
        &tokens.goscrobble.refresh,
        &reset,
    ];
    for secret in secrets {
        // A token's last part is enough to know it by.
        let part = secret.rsplit('.').next().unwrap();
        assert!(!bytes.windows(part.len()).any(|window| window == part.as_bytes()), "{secret} is in it");
    }
}

/// What one was given before a backup and what became of it after.
struct Since {
    name: String,
    tokens: Everywhere,
    ghost: String,
    reset: String,
    ended: String,
    key: String,
}

/// A backup, and what is ended only after it.
fn backed_up_and_ended(server: &TesseraProcess) -> (PathBuf, Since) {
    let at = server.address();
    let name = account(server, "revived");
    let tokens = Everywhere::sign_in(server, &name, PASSWORD);
    let ended = Argon::at(at).sign_in(&name, PASSWORD);
    WolfPal::at(at).send_reset(&address_of(&name));
    let reset = mailed(server, &address_of(&name), "reset");
    let keys = told(server, &["key", "list"], "");
    let key = keys.as_array().unwrap().iter().find(|key| key["mount"] == "melon").expect("a key");
    let key = key["id"].as_str().unwrap().to_owned();
    let file = backup(server, "before.backup");
    // A session that the backup knows nothing of, under a key that does not change.
    let ghost = Argon::at(at).sign_in(&name, PASSWORD);
    let list = told(server, &["session", "list", &name], "");
    for session in list.as_array().unwrap().iter().filter(|session| session["mount"] == "argon") {
        let id = session["id"].as_str().unwrap();
        if session["ended_at"].is_null() {
            run(server, &["session", "end", id], "");
        }
    }
    WolfPal::at(at).reset_password(&reset, "another horse 2").expect_status(200);
    run(server, &["key", "retire", &key], "");
    (file, Since { name, tokens, ghost, reset, ended, key })
}

#[test]
fn nothing_that_was_ended_comes_back_to_life() {
    let given = "a key that was given by settings 0123456789";
    let mut server = TesseraProcess::start(options().env("TESSERA_MOUNTS__ARGON__KEY", given));
    let (file, mut since) = backed_up_and_ended(&server);
    server.stop();
    let done = restore(&server, &file, &[]);
    assert_eq!(done["sessions"], "ended", "{done}");
    server.restart();
    let at = server.address();
    assert_eq!(since.tokens.believed(&server), Believed::NONE);
    for token in [&since.ghost, &since.ended] {
        Argon::at(at).state(token).expect_status(401);
    }
    let again = WolfPal::at(at).reset_password(&since.reset, "a third horse 3");
    assert!((400..500).contains(&again.status), "{again}");
    let keys = told(&server, &["key", "list"], "").to_string();
    assert!(keys.contains(&since.key), "{keys}");
    for key in told(&server, &["key", "list"], "").as_array().unwrap() {
        assert!(key["id"] != since.key.as_str() || key["state"] == "retired", "{key}");
    }
    let owed = told(&server, &["mail", "list"], "");
    assert!(
        owed.as_array()
            .unwrap()
            .iter()
            .all(|mail| mail["sent_at"] != Value::Null || mail["failed_at"] != Value::Null)
    );
    let noted = |kind| told(&server, &["event", "list", "--kind", kind], "");
    assert_eq!(noted("restored").as_array().unwrap().len(), 1);
    let ended = noted("session_ended");
    let ended = ended.as_array().unwrap().iter().filter(|event| event["detail"] == "restored");
    assert!(ended.count() >= 4, "each session says why it ended: {}", noted("session_ended"));
    // What is done from now on is believed, and the password is the one of then.
    let mut anew = Everywhere::sign_in(&server, &since.name, PASSWORD);
    assert_eq!(anew.believed(&server), Believed::ALL);
    WolfPal::at(at).send_reset(&address_of(&since.name));
    let first = mailed_after(&since.reset, &server, &address_of(&since.name), "reset");
    assert!(!first.is_empty());
}

#[test]
fn a_planned_move_goes_on_as_if_nothing_had_happened() {
    let mut server = TesseraProcess::start(options());
    let name = account(&server, "moved");
    let mut tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    server.stop();
    let file = backup(&server, "moved.backup");
    let mut elsewhere = TesseraProcess::start(options());
    account(&elsewhere, "gone");
    elsewhere.stop();
    // Whoever restores as root does not lock out the user that the server runs as.
    let database = elsewhere.data().join("tessera.db");
    let given = chown(&database, Some(65_534), Some(65_534)).is_ok();
    let done = restore(&elsewhere, &file, &["--keep-sessions"]);
    assert!(!given || fs::metadata(&database).unwrap().uid() == 65_534);
    elsewhere.restart();
    assert_eq!(tokens.believed(&elsewhere), Believed::ALL);
    // What was replaced is there, whole, and opens.
    let replaced = PathBuf::from(done["replaced"].as_str().unwrap());
    let names: String = look(&replaced)
        .query_row("select group_concat(username) from account", [], |row| row.get(0))
        .unwrap();
    assert!(names.contains("gone") && !names.contains(&name), "{names}");
    assert_eq!(
        fs::metadata(elsewhere.data().join("tessera.db")).unwrap().permissions().mode() & 0o777,
        0o600
    );
}
