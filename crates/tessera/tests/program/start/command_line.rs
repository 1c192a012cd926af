//! The commands: what they answer, in both forms, and what they refuse.

use harness::process::TesseraProcess;
use serde_json::Value;

use crate::stand::{BINARY, PASSWORD, account, cheap, eventually, run, server, told, unique, usernames};

#[track_caller]
fn refused(server: &TesseraProcess, args: &[&str], stdin: &str, code: i32) -> String {
    let output = server.cli(args, stdin);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "tessera {args:?}: {said}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    said
}

#[test]
fn every_command_answers_in_json() {
    let server = server();
    let name = account(&server, "listed");
    harness::actors::GoScrobble::at(server.address()).sign_in(&name, PASSWORD);
    harness::actors::GoScrobble::at(server.address()).send_reset(&crate::stand::address_of(&name));
    let other = unique("other");
    let created = told(&server, &["account", "create", "--username", &other], &format!("{PASSWORD}\n"));
    assert_eq!(created["username"], *other);
    assert_eq!(created["permissions"], serde_json::json!(["user"]));
    for verb in [
        &["permit", &other, "mod"][..],
        &["forbid", &other, "mod"],
        &["disable", &other],
        &["enable", &other],
    ] {
        let account = told(&server, &[&["account"], verb].concat(), "");
        assert_eq!(account["id"], created["id"], "{verb:?}");
    }
    assert_eq!(told(&server, &["account", "show", &other], "")["username"], *other);
    assert_eq!(told(&server, &["account", "set-password", &other], "another horse\n")["id"], created["id"]);
    assert!(told(&server, &["invite", "create"], "")["code"].as_str().is_some_and(|code| code.len() == 4));
    assert!(told(&server, &["config", "show"], "")["data"].is_string());
    eventually("the mail was sent", || told(&server, &["mail", "list"], "")[0]["sent_at"].is_string());
    for list in [
        &["account", "list"][..],
        &["session", "list", &name],
        &["invite", "list"],
        &["event", "list"],
        &["event", "list", "--account", &name],
        &["mail", "list"],
        &["key", "list"],
    ] {
        let list_told = told(&server, list, "");
        let rows = list_told.as_array().unwrap_or_else(|| panic!("{list:?}: {list_told}"));
        assert!(!rows.is_empty() && rows.iter().all(Value::is_object), "{list:?}: {list_told}");
        let plain = String::from_utf8(run(&server, list, "").stdout).unwrap();
        assert_eq!(plain.lines().count(), rows.len() + 1, "not a line for each and one above: {plain}");
    }
    let sessions = told(&server, &["session", "list", &name], "");
    let id = sessions[0]["id"].as_str().unwrap();
    assert_eq!(told(&server, &["session", "end", id], "")["ended"], true);
    assert_eq!(told(&server, &["account", "delete", &other], "")["username"], *other);
    assert!(!usernames(&server).contains(&other));
}

#[test]
fn nothing_that_is_listed_is_a_secret() {
    let server = TesseraProcess::start(
        cheap().env("TESSERA_MOUNTS__ARGON__KEY", "the-key-of-argon-that-nobody-may-see"),
    );
    let name = account(&server, "private");
    harness::actors::GoScrobble::at(server.address()).send_reset(&crate::stand::address_of(&name));
    let reset = crate::stand::mailed(&server, &crate::stand::address_of(&name), "reset");
    let invite = told(&server, &["invite", "create"], "")["code"].as_str().unwrap().to_owned();
    let master = std::fs::read_to_string(server.data().join("master.secret")).unwrap();
    let secrets = [PASSWORD, &reset, master.trim(), "the-key-of-argon-that-nobody-may-see", "$argon2id$"];
    for list in [
        &["account", "list"][..],
        &["account", "show", &name],
        &["invite", "list"],
        &["event", "list"],
        &["mail", "list"],
        &["key", "list"],
        &["config", "show"],
    ] {
        let plain = run(&server, list, "").stdout;
        let both = format!("{}{}", String::from_utf8(plain).unwrap(), told(&server, list, ""));
        for secret in secrets {
            assert!(!both.contains(secret), "{list:?} shows {secret:?}");
        }
    }
    let events = told(&server, &["event", "list"], "").to_string();
    assert!(!events.contains(&format!("\"{invite}\"")), "an invite code is in the events");
    assert!(!server.output().contains(&reset) && !server.output().contains(PASSWORD));
}

#[test]
fn a_password_is_never_an_argument() {
    let server = server();
    let name = unique("quiet");
    let said = refused(
        &server,
        &["account", "create", "--username", &name, "--password", PASSWORD],
        &format!("{PASSWORD}\n"),
        2,
    );
    assert!(said.contains("--password"), "{said}");
    refused(&server, &["account", "create", &name, PASSWORD], "", 2);
    let said = refused(&server, &["account", "create", "--username", &name], "", 1);
    assert!(said.contains("standard input"), "{said}");
    refused(&server, &["account", "create", "--username", &name], "short\n", 1);
    assert!(!usernames(&server).contains(&name));
    // The first line is the password, whole: spaces stay, the end of the line does not belong to it.
    let stdin = " a horse \r\nand what follows is not read\n";
    run(&server, &["account", "create", "--username", &name], stdin);
    harness::actors::Argon::at(server.address()).sign_in(&name, " a horse ");
}

#[test]
fn what_cannot_be_done_says_why() {
    let server = server();
    let name = account(&server, "twice");
    let stdin = format!("{PASSWORD}\n");
    let upper = name.to_uppercase();
    let taken = refused(&server, &["account", "create", "--username", &upper], &stdin, 1);
    // Once, though what refuses it is the cause of what is refused.
    assert_eq!(taken.matches("name taken").count(), 1, "{taken}");
    assert!(taken.contains("taken"), "{taken}");
    let email = crate::stand::address_of(&name);
    let args = ["account", "create", "--username", &unique("other"), "--email", &email];
    assert!(refused(&server, &args, &stdin, 1).contains("taken"));
    for args in [
        &["account", "show", "nobody"][..],
        &["account", "disable", "nobody"],
        &["account", "delete", "nobody"],
        &["account", "permit", "nobody", "admin"],
        &["session", "list", "nobody"],
        &["event", "list", "--account", "nobody"],
        &["session", "end", "nonsense"],
        &["session", "end", "01890a5d-ac96-774b-bcce-b302099a8057"],
        &["account", "show", &name, "--realm", "elsewhere"],
    ] {
        assert!(!refused(&server, args, "", 1).trim().is_empty());
    }
    for unusable in ["", "a\u{7}b", "a\nb"] {
        refused(&server, &["account", "create", "--username", unusable], &stdin, 1);
    }
    let args = ["account", "create", "--username", &unique("other"), "--email", "not an address"];
    refused(&server, &args, &stdin, 1);
    refused(&server, &["account"], "", 2);
    refused(&server, &["nonsense"], "", 2);
}

#[test]
fn the_reference_is_a_settings_file_that_changes_nothing() {
    let mut server = server();
    server.stop();
    let reference = String::from_utf8(run(&server, &["config", "reference"], "").stdout).unwrap();
    assert!(reference.contains("[mounts.argon]") && reference.contains("#listen = \"127.0.0.1:3000\""));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tessera.toml");
    let show = |reference: &str| {
        std::fs::write(&file, reference).unwrap();
        let args = ["config", "show", "--config", file.to_str().unwrap()];
        let output = std::process::Command::new(BINARY)
            .env_remove(harness::engine::VARIABLE)
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(show(&reference), show(""));
    assert!(String::from_utf8(run(&server, &["config", "check"], "").stdout).unwrap().contains("sound"));
    let help = run(&server, &["--help"], "");
    assert!(String::from_utf8(help.stdout).unwrap().contains("account"));
    run(&server, &["--version"], "");
}

#[test]
fn commands_work_without_a_server_but_make_no_folder() {
    let mut server = server();
    let name = account(&server, "beside");
    server.stop();
    run(&server, &["account", "permit", &name, "admin"], "");
    server.restart();
    let token = harness::actors::Argon::at(server.address()).sign_in(&name, PASSWORD);
    let state = harness::actors::Argon::at(server.address()).state(&token).expect_status(200).json();
    assert_eq!(state["permissions"], serde_json::json!(["user", "admin"]));

    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("new");
    let output = std::process::Command::new(BINARY)
        .env_remove(harness::engine::VARIABLE)
        .args(["account", "list", "--json", "--data"])
        .arg(&nowhere)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(1), &b""[..]));
    // A slip in the path is told, not taken for an empty installation.
    assert!(error.contains("there is no Tessera in") && error.contains("new"), "{error}");
    assert!(!nowhere.exists());
}
