//! `tessera event list`: filters, and following what happens.

use std::io::{BufRead, BufReader, Read};

use harness::actors::Argon;
use harness::process::TesseraProcess;
use serde_json::Value;

use crate::stand::{PASSWORD, account, administrator, eventually, run, server, told};

/// What a list says under one name, in its order.
fn each<'a>(events: &'a Value, name: &str) -> Vec<&'a str> {
    let events = events.as_array().unwrap();
    events.iter().map(|event| event[name].as_str().unwrap_or_default()).collect()
}

fn refused(server: &TesseraProcess, args: &[&str], code: i32) -> String {
    let output = server.cli(args, "");
    assert_eq!(output.status.code(), Some(code), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_list_shows_what_was_asked_for() {
    let server = server();
    let (name, root) = (account(&server, "watched"), administrator(&server, "root"));
    let mut argon = Argon::at(server.address());
    argon.sign_in(&name, PASSWORD);
    assert_eq!(argon.try_sign_in(&name, "wrong").status, 401);
    run(&server, &["account", "disable", &name], "");
    let list = |more: &[&str]| told(&server, &[&["event", "list"], more].concat(), "");
    let of_name = list(&["--account", &name]);
    let kinds = ["account_disabled", "session_ended", "sign_in_refused", "signed_in", "account_created"];
    let mut seen = each(&of_name, "kind");
    // The end of the session and its reason are written together.
    seen[..2].sort_unstable();
    assert_eq!(seen, kinds);
    let some = list(&["--account", &name, "--kind", "signed_in,sign_in_refused"]);
    assert_eq!(each(&some, "kind"), ["sign_in_refused", "signed_in"]);
    assert_eq!(each(&some, "detail"), ["argon: wrong password", "argon"]);
    assert_eq!(each(&some, "address"), ["127.0.0.1"; 2]);
    let repeated = list(&["--account", &name, "--kind", "signed_in", "--kind", "sign_in_refused"]);
    assert_eq!(repeated, some);
    let ordered = list(&["--account", &name, "--kind", "account_disabled", "--kind", "account_created"]);
    assert_eq!(each(&ordered, "actor"), ["command_line"; 2]);
    assert_eq!(list(&["--kind", "account_created", "--limit", "1"]).as_array().unwrap().len(), 1);
    assert_eq!(list(&["--account", &name, "--since", "1h"]), of_name);
    assert_eq!(list(&["--account", &name, "--since", "2000-01-01T00:00:00Z"]), of_name);
    assert_eq!(list(&["--since", "2100-01-01T00:00:00Z"]), Value::Array(vec![]));
    assert_eq!(list(&["--realm", "elsewhere"]), Value::Array(vec![]));
    assert!(!each(&list(&[]), "account").is_empty() && list(&["--account", &root]).is_array());
}

#[test]
fn whoever_was_deleted_is_found_by_the_list_itself() {
    let server = server();
    let name = account(&server, "gone");
    run(&server, &["account", "delete", &name], "");
    let said = refused(&server, &["event", "list", "--account", &name], 1);
    assert!(said.contains("--kind account_deleted") && said.contains("id:ID"), "{said}");
    let deleted = told(&server, &["event", "list", "--kind", "account_deleted"], "");
    let event = deleted.as_array().unwrap().iter().find(|event| event["detail"] == *name).unwrap();
    let id = format!("id:{}", event["account"].as_str().unwrap());
    let events = told(&server, &["event", "list", "--account", &id], "");
    assert_eq!(each(&events, "kind"), ["account_deleted", "account_created"]);
}

#[test]
fn a_slip_is_told_with_what_was_meant() {
    let server = server();
    for (args, meant) in [
        (&["event", "list", "--kind", "signed_inn"][..], "signed_in"),
        (&["event", "lst"], "list"),
        (&["acount", "list"], "account"),
        (&["event", "list", "--sinse", "1h"], "--since"),
        (&["event", "list", "--since", "yesterday"], "24h"),
        (&["event", "list", "--limit", "many"], "--limit"),
    ] {
        let said = refused(&server, args, 2);
        assert!(said.contains(meant), "{args:?}: {said}");
    }
}

#[test]
fn following_shows_what_happens_line_by_line() {
    let server = server();
    let name = account(&server, "followed");
    let args = ["event", "list", "--account", &name, "--follow", "--json"];
    let mut following = server.command_line().start(&args);
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut next = || {
        let line = lines.next().unwrap().unwrap();
        serde_json::from_str::<Value>(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    };
    assert_eq!(next()["kind"], "account_created");
    Argon::at(server.address()).sign_in(&name, PASSWORD);
    let signed_in = next();
    assert_eq!((&signed_in["kind"], &signed_in["detail"]), (&"signed_in".into(), &"argon".into()));
    account(&server, "somebody-else");
    run(&server, &["account", "permit", &name, "mod"], "");
    let permitted = next();
    assert_eq!(
        (&permitted["kind"], &permitted["actor"]),
        (&"permissions_changed".into(), &"command_line".into())
    );
    following.kill().unwrap();
    following.wait().unwrap();
}

#[test]
fn whoever_has_read_enough_hangs_up() {
    let server = server();
    let name = account(&server, "read");
    let mut following = server.command_line().start(&["event", "list", "--follow"]);
    let mut output = BufReader::new(following.stdout.take().unwrap());
    output.read_line(&mut String::new()).unwrap();
    drop(output);
    // It notices with the next line that it has to say.
    eventually("it ends by itself", || {
        run(&server, &["account", "permit", &name, "mod"], "");
        run(&server, &["account", "forbid", &name, "mod"], "");
        following.try_wait().unwrap().is_some()
    });
    let mut said = String::new();
    following.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((following.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
