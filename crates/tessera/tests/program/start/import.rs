//! Accounts from another system's file, on the command line.

use std::fmt::Write;

use harness::process::TesseraProcess;
use serde_json::json;

use crate::stand::{PASSWORD, account, run, server, told, usernames};

/// libcrypt's hash of [`PASSWORD`].
const HASH: &str = "$2b$04$abcdefghijklmnopqrstuu..ECdwB5ftHOtfZdMoWOaxWtbxL1ouK";

/// `account import` of a file with this text, expected to fail: what it said.
#[track_caller]
fn refused(server: &TesseraProcess, args: &[&str], text: &str) -> String {
    let output = server.cli(&[&["account", "import", "-"], args].concat(), text);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
    assert!(args.contains(&"--dry-run") || output.stdout.is_empty());
    said
}

#[test]
fn thousands_are_imported_beside_a_running_server_and_sign_in() {
    let server = server();
    let before = usernames(&server).len();
    let mut text = String::from("\n");
    for number in 0..2_500 {
        writeln!(text, "{}", json!({ "username": format!("moved{number}"), "password": HASH })).unwrap();
    }
    let file = server.data().join("accounts.jsonl");
    std::fs::write(&file, text.trim_end()).unwrap();
    let args = ["account", "import", file.to_str().unwrap()];
    let seen = told(&server, &[&args[..], &["--dry-run"]].concat(), "");
    let expected =
        json!({ "created": 2500, "already_there": 0, "conflicts": 0, "unusable": 0, "dry_run": true });
    assert_eq!(seen, expected);
    assert_eq!(usernames(&server).len(), before);
    assert_eq!(told(&server, &args, "")["created"], 2500);
    assert_eq!(usernames(&server).len(), before + 2500);
    harness::actors::Argon::at(server.address()).sign_in("moved2499", PASSWORD);
    // Signing in has hashed one password anew, so that account is no longer the line's.
    let again = told(&server, &[&args[..], &["--on-conflict", "skip"]].concat(), "");
    assert_eq!((&again["already_there"], &again["conflicts"]), (&json!(2499), &json!(1)));
}

#[test]
fn what_cannot_be_imported_is_told_by_its_line() {
    let server = server();
    let taken = account(&server, "taken");
    let before = usernames(&server);
    let good = json!({ "username": "good", "id": "1" });
    let bad = format!("{good}\n\n{}\n", json!({ "username": "bad", "password": "plain text" }));
    let said = refused(&server, &[], &bad);
    assert!(said.contains("line 3: password") && !said.contains("plain text"), "{said}");
    let conflict = format!("{good}\n{}\n", json!({ "username": taken.to_uppercase(), "id": "2" }));
    assert!(refused(&server, &[], &conflict).contains("line 2: the username is taken"));
    assert!(refused(&server, &["--dry-run"], &format!("{conflict}nonsense")).contains("line 3: not a JSON"));
    let endless = format!("{good}\n{}", "x".repeat(100_000));
    assert!(refused(&server, &[], &endless).contains("line 2 is longer"));
    let nowhere = server.cli(&["account", "import", "nowhere.jsonl"], "");
    assert!(!nowhere.status.success() && String::from_utf8_lossy(&nowhere.stderr).contains("nowhere.jsonl"));
    assert_eq!(usernames(&server), before, "something was made");
    let output = server.cli(&["account", "import", "-", "--on-conflict", "skip", "--json"], &conflict);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("line 2: the username is taken"), "{said}");
    assert_eq!(usernames(&server).len(), before.len() + 1);
    run(&server, &["account", "import", "-"], "");
}
