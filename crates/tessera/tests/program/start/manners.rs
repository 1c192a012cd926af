//! How every command behaves towards whoever, or whatever, reads it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use harness::process::TesseraProcess;
use serde_json::Value;

use crate::stand::{BINARY, PASSWORD, account, cheap, run, unique};

/// Every command that does something, as the manual pages name them: `account create`.
fn commands() -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(BINARY).arg("man").arg(folder.path()).output().unwrap();
    assert!(made.status.success());
    let names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_prefix("tessera-")?.strip_suffix(".1")?.to_owned()))
        .collect();
    let groups = |name: &String| {
        names.iter().any(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')))
    };
    let of_group = |name: &String| {
        let group = name.split_once('-').map(|(group, _)| group.to_owned());
        group.filter(|group| names.contains(group))
    };
    let spoken = |name: &String| match of_group(name) {
        Some(group) => name.replacen(&format!("{group}-"), &format!("{group} "), 1),
        None => name.clone(),
    };
    names.iter().filter(|name| !groups(name) && !name.ends_with("help")).map(spoken).collect()
}

/// A line for every command, in an order in which each has what it needs; and what it reads.
fn lines(name: &str, folder: &str) -> Vec<(String, String)> {
    let new = unique("new");
    let password = format!("{PASSWORD}\n");
    let imported = format!("{folder}/accounts.jsonl");
    fs::write(&imported, format!("{{\"username\":\"{}\"}}\n", unique("imported"))).unwrap();
    [
        (format!("account create --username {new}"), &*password),
        (format!("account import {imported}"), ""),
        ("account list".into(), ""),
        (format!("account show {name}"), ""),
        (format!("account set-password {new}"), &password),
        (format!("account disable {new}"), ""),
        (format!("account enable {new}"), ""),
        (format!("account permit {new} mod"), ""),
        (format!("account forbid {new} mod"), ""),
        (format!("session list {name}"), ""),
        ("invite create".into(), ""),
        ("invite list".into(), ""),
        ("event list".into(), ""),
        ("mail list".into(), ""),
        ("key list".into(), ""),
        ("key rotate --all".into(), ""),
        ("config show".into(), ""),
        ("config check".into(), ""),
        ("config reference".into(), ""),
        ("openapi".into(), ""),
        ("completions bash".into(), ""),
        (format!("man {folder}/man"), ""),
        ("doctor".into(), ""),
        (format!("account delete {new}"), ""),
        (format!("backup {folder}/backup.db"), ""),
        // Nothing opens the installation with the secret of before from then on.
        (format!("key reseal --new-master-file {folder}/new.secret"), ""),
    ]
    .into_iter()
    .map(|(line, stdin)| (line, stdin.to_owned()))
    .collect()
}

/// Commands that have nothing to do here: they say why, and print nothing.
const REFUSED: [&str; 8] = [
    "migrate --from sqlite:nowhere.db --to sqlite:there.db --dry-run",
    "account remove-two-factor shown",
    "session end 01890a5d-ac96-774b-bcce-b302099a8057",
    "mail show nobody",
    "mail retry nobody",
    "key retire nobody",
    "health",
    "restore nowhere.db",
];

#[test]
fn every_command_says_json_and_nothing_else_where_that_is_asked_for() {
    let server = TesseraProcess::start(cheap().on_file());
    let name = account(&server, "shown");
    let folder = tempfile::tempdir().unwrap();
    let lines = lines(&name, folder.path().to_str().unwrap());
    let tried = |command: &String| {
        let is = |line: &str| line == command || line.starts_with(&format!("{command} "));
        lines.iter().any(|(line, _)| is(line)) || REFUSED.iter().any(|line| is(line))
    };
    let untried: Vec<String> = commands().into_iter().filter(|command| !tried(command)).collect();
    assert_eq!(untried, ["serve"], "commands without a line");
    for line in REFUSED {
        let args: Vec<&str> = line.split(' ').chain(["--json"]).collect();
        let output = server.cli(&args, "");
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "{line}");
        assert!(output.stderr.starts_with(b"tessera: "), "{line}");
    }
    for (line, stdin) in &lines {
        let args: Vec<&str> = line.split(' ').chain(["--json"]).collect();
        let output = run(&server, &args, stdin);
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{line:?}: {error}:\n{text}"));
        let aside = String::from_utf8(output.stderr).unwrap();
        assert_eq!(aside, "", "{line:?}");
        assert!(!text.contains('\u{1b}'), "{line:?}: colours");
    }
}

#[test]
fn a_server_says_where_it_is_in_json_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = Command::new(BINARY);
    command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    command.env("TESSERA_OPS__LISTEN", "off").env_remove(harness::engine::VARIABLE);
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line)
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    assert!(said["listening"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{said}");
    assert_eq!((&said["operations"], said["made"].as_array().unwrap().len()), (&Value::Null, 3), "{said}");
}

#[test]
fn what_is_long_shows_no_progress_to_a_pipe() {
    let server = TesseraProcess::start(cheap().on_file());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    let lines: String = (0..3_000).map(|n| format!("{{\"username\":\"import-{n}\"}}\n")).collect();
    let imported = run(&server, &["account", "import", "-"], &lines);
    let backup = run(&server, &["backup", file.to_str().unwrap()], "");
    for output in [imported, backup] {
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        assert!(!output.stdout.contains(&0x1b) && !output.stdout.contains(&b'\r'));
    }
}

#[test]
fn the_exit_codes_are_those_that_the_help_states() {
    let server = TesseraProcess::start(cheap());
    let help = String::from_utf8(run(&server, &["--help"], "").stdout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    run(&server, &["man", folder.path().to_str().unwrap()], "");
    let man = fs::read_to_string(folder.path().join("tessera.1")).unwrap();
    for text in [help, man.replace('\\', "")] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for code in ["0 done", "1 refused or failed", "2 the command line was wrong"] {
            assert!(text.contains(code), "{code}: {text}");
        }
    }
    for (args, code) in
        [(&["account", "list"][..], 0), (&["account", "show", "nobody"], 1), (&["account"], 2)]
    {
        assert_eq!(server.cli(args, "").status.code(), Some(code), "{args:?}");
    }
}
