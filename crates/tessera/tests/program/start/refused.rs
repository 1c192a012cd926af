//! Starts that are refused, with a message that names what is wrong and where.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

use harness::process::{Options, TesseraProcess};

use crate::stand::{BINARY, cheap, server};

/// What a start says that must fail by itself with status 1.
#[track_caller]
fn failure(options: Options) -> String {
    match TesseraProcess::try_start(options) {
        Ok(_) => panic!("it started"),
        Err(failed) => {
            assert_eq!(failed.status.and_then(|status| status.code()), Some(1), "{}", failed.output);
            failed.output
        }
    }
}

#[track_caller]
fn assert_says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} is missing in:\n{text}");
    }
}

#[test]
fn settings_that_are_unknown_or_wrong_are_named_with_their_place() {
    let in_file = [
        ("lisen = \"127.0.0.1:0\"", &["tessera.toml", "line 1", "lisen"][..]),
        ("[passwords]\nmemory = 5", &["tessera.toml", "line 2", "memory"]),
        ("[mounts.argn]\nenabled = true", &["tessera.toml", "argn"]),
        (
            "[throttle]\nper_account = \"often\"",
            &["tessera.toml", "line 2", "per_account", "10 then 1 per 16m"],
        ),
        ("registration = \"perhaps\"", &["tessera.toml", "line 1", "registration", "invite"]),
        ("[mounts.argon]\nalgorithm = \"none\"", &["mounts.argon.algorithm", "HS256"]),
        ("[mounts.argon]\nkey = \"too short\"", &["mounts.argon.key", "32 bytes"]),
        (
            "[mounts.argon]\nkey = \"0123456789abcdef0123456789abcdef\"\nprevious_keys = [\"short\"]",
            &["mounts.argon.previous_keys", "32 bytes"],
        ),
        (
            "[mounts.argon]\nprevious_keys = [\"0123456789abcdef0123456789abcdef\"]",
            &["mounts.argon.previous_keys", "key"],
        ),
        ("[mounts.argon]\nprefix = \"no-slash\"", &["mounts.argon.prefix", "/accounts"]),
        ("[mounts.wolfpal.links]\nconfirm = \"https://www.example.com/\"", &["mounts.wolfpal", "{token}"]),
        ("this is no TOML", &["tessera.toml", "line 1"]),
    ];
    for (settings, words) in in_file {
        assert_says(&failure(cheap().settings(settings)), words);
    }
    let in_environment = [
        ("TESSERA_OPS__LISTENN", "off", &["TESSERA_OPS__LISTENN", "listenn"][..]),
        ("TESSERA_OPS__LISTEN", "somewhere", &["TESSERA_OPS__LISTEN", "127.0.0.1:3001"]),
        ("TESSERA_PASSWORDS__MEMORY_KIB", "lots", &["TESSERA_PASSWORDS__MEMORY_KIB"]),
        ("TESSERA_MASTER_SECRET", "short", &["master_secret", "64 hexadecimal"]),
    ];
    for (name, value, words) in in_environment {
        assert_says(&failure(cheap().env(name, value)), words);
    }
}

#[test]
fn no_message_repeats_a_secret() {
    let secret = "hunter2hunter2";
    for settings in [
        format!("[mounts.argon]\nkey = \"{secret}\""),
        format!("master_secret = \"{secret}\""),
        format!("[mail.smtp]\nhost = \"x\"\npassword = [\"{secret}\"]"),
        format!("[mail.smtp]\nhost = 5\npassword = \"{secret}\""),
        format!(
            "database = \"postgres://tessera:{secret}@127.0.0.1:1/tessera\"\n[database_server]\npatience = \"1s\""
        ),
    ] {
        let said = failure(cheap().on_file().settings(&settings));
        assert!(!said.contains(secret), "{settings}\n{said}");
    }
}

#[test]
fn a_database_that_cannot_be_used_is_a_clear_error() {
    let said = failure(cheap().database("postgres://tessera:hunter2@127.0.0.1/tessera?pool=hunter2"));
    assert_says(&said, &["database", "pool is unknown"]);
    assert!(!said.contains("hunter2"), "{said}");
    let patience = "[database_server]\npatience = \"1s\"";
    let said = failure(cheap().settings(patience).database("postgres://tessera:hunter2@127.0.0.1:1/tessera"));
    assert_says(&said, &["the database is unavailable", "refused"]);
    assert!(!said.contains("hunter2"), "{said}");
    assert_says(&failure(cheap().database("mysql://x")), &["database", "sqlite:PATH"]);
}

#[test]
fn a_master_secret_that_others_can_read_is_refused() {
    let mut server = server();
    server.stop();
    let secret = server.data().join("master.secret");
    for mode in [0o644, 0o640, 0o604, 0o620] {
        fs::set_permissions(&secret, Permissions::from_mode(mode)).unwrap();
        let output = server.cli(&["serve", "--listen", "127.0.0.1:0"], "");
        assert_eq!(output.status.code(), Some(1));
        assert_says(&String::from_utf8_lossy(&output.stderr), &["master.secret", "chmod 600"]);
    }
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    server.restart();
    server.stop();
    fs::write(&secret, "nonsense\n").unwrap();
    let output = server.cli(&["serve", "--listen", "127.0.0.1:0"], "");
    assert_says(&String::from_utf8_lossy(&output.stderr), &["master", "64 hexadecimal"]);
}

/// A second server, started by hand because the harness takes any free port.
fn serve(listen: &str, data: &std::path::Path) -> Output {
    Command::new(BINARY)
        .args(["serve", "--listen", listen, "--data"])
        .arg(data)
        .env_remove(harness::engine::VARIABLE)
        .env("TESSERA_OPS__LISTEN", "off")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_made() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let address = server.address().to_string();
    let output = serve(&address, &data);
    assert_eq!(output.status.code(), Some(1));
    assert_says(&String::from_utf8_lossy(&output.stderr), &["listen", &address, "in use"]);
    assert!(!data.exists(), "a start that was refused made a data folder");
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let mut server = TesseraProcess::start(cheap().on_file());
    server.stop();
    let database = rusqlite::Connection::open(server.data().join("tessera.db")).unwrap();
    let columns: Vec<String> = database
        .prepare("select name from pragma_table_info('schema_version')")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    // A copy of the newest row with a later number is what a newer version would have left.
    let (number, others) = (&columns[0], columns[1..].join(", "));
    let sql = format!(
        "insert into schema_version ({number}, {others}) select {number} + 1000, {others} \
         from schema_version order by {number} desc limit 1"
    );
    database.execute(&sql, []).unwrap();
    drop(database);
    let output = server.cli(&["serve", "--listen", "127.0.0.1:0"], "");
    assert_eq!(output.status.code(), Some(1));
    assert_says(&String::from_utf8_lossy(&output.stderr), &["newer"]);
}
