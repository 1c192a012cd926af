//! The guide does what it says: every command of every page runs, in order, on a fresh installation.
//!
//! A block marked `sh` is run, `sh background` is a server that goes on until the end of its page, and `sh reason=WHY`
//! cannot run here; those are counted. An address of its own stands for 127.0.0.1.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::stand::BINARY;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/src")
}

/// The text of every page by its name.
fn pages() -> BTreeMap<String, String> {
    let root = folder();
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// The fenced blocks of a page: what stands behind the fence, and what is in it.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let body: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((info.to_owned(), body.join("\n")));
        }
    }
    blocks
}

/// A page as one script.
fn script(page: &str) -> String {
    let mut script = String::from("set -euo pipefail\n");
    for (info, body) in blocks(page) {
        match info.as_str() {
            "sh" => script.push_str(&format!("{body}\n")),
            "sh background" => script.push_str(&format!(
                "{{ {body}\n}} >server.log 2>&1 &\nfor _ in $(seq 600); do curl -s http://127.0.0.1:3000/ >/dev/null && break; \
                 sleep 0.1; done\ncurl -sf http://127.0.0.1:3000/ >/dev/null\n"
            )),
            _ => {}
        }
    }
    script
}

/// An address of this machine that nobody else uses, neither another page nor another run: a port that is free now
/// may be taken a moment later.
fn own_address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let (process, page) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    format!("127.{}.{}.{page}", 100 + process / 250 % 100, process % 250)
}

/// Runs a page's commands as somebody who has the program and nothing else.
#[track_caller]
fn follow(name: &str, page: &str) {
    let folder = tempfile::tempdir().unwrap();
    let host = own_address();
    let script = script(page).replace("127.0.0.1:3000", &format!("{host}:3000"));
    let script = script.replace("127.0.0.1:3001", &format!("{host}:3001"));
    let path =
        format!("{}:{}", Path::new(BINARY).parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.arg("-c").arg(script).current_dir(folder.path()).env_clear();
    command.env("PATH", path).env("HOME", folder.path()).env("LANG", "C.UTF-8");
    command.env("TESSERA_LISTEN", format!("{host}:3000"));
    command.env("TESSERA_OPS__LISTEN", format!("{host}:3001"));
    // The server of the page ends with the page.
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let child = child.spawn().unwrap();
    let group = Pid::from_child(&child);
    let output = child.wait_with_output().unwrap();
    _ = kill_process_group(group, Signal::KILL);
    let log = fs::read_to_string(folder.path().join("server.log")).unwrap_or_default();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {}\n{said}\n{log}", output.status);
}

#[test]
fn every_command_of_the_guide_does_what_it_should() {
    let pages = pages();
    let (mut run, mut left) = (0, Vec::new());
    std::thread::scope(|scope| {
        for (name, page) in &pages {
            let all = blocks(page);
            let here = all.iter().filter(|(info, _)| info == "sh").count();
            for (info, _) in all.iter().filter(|(info, _)| info.starts_with("sh ") && info != "sh background")
            {
                let (_, reason) = info.split_once("reason=").unwrap_or_else(|| panic!("{name}: {info}"));
                left.push(format!("{name}: {reason}"));
            }
            for (info, body) in &all {
                let looks_so = ["tessera ", "$ tessera", "curl "].iter().any(|begin| body.starts_with(begin));
                assert!(info.starts_with("sh") || !looks_so, "{name}: a command that nobody runs: {body}");
            }
            run += here;
            if here > 0 {
                scope.spawn(move || follow(name, page));
            }
        }
    });
    assert!(run >= 20, "only {run} blocks were run");
    let expected = [
        "backup.md: needs-a-database-server",
        "production.md: needs-docker",
        "production.md: needs-root",
        "production.md: needs-root",
        "start.md: builds-the-program",
    ];
    left.sort();
    assert_eq!(left, expected, "what is not run");
}

/// Every page is in the table of contents, and every link leads somewhere.
#[test]
fn the_guide_holds_together() {
    let pages = pages();
    let summary = &pages["SUMMARY.md"];
    for name in pages.keys().filter(|name| *name != "SUMMARY.md") {
        assert!(summary.contains(&format!("({name})")), "{name} is not in SUMMARY.md");
    }
    for (name, page) in &pages {
        for link in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            let there = folder().join(name).parent().unwrap().join(file).is_file();
            assert!(link.contains("://") || there, "{name}: {link} leads nowhere");
        }
        if name != "settings.md" {
            let long = page.lines().find(|line| line.chars().count() > 120 && !line.starts_with('|'));
            assert_eq!(long, None, "{name}");
        }
    }
}

/// `RENEW=1` writes it anew.
#[test]
fn the_page_of_settings_is_what_the_program_prints() {
    let output = Command::new(BINARY).args(["config", "reference"]).output().unwrap();
    let reference = String::from_utf8(output.stdout).unwrap();
    let page = format!(
        "# Every setting\n\nWhat `tessera config reference` prints: each setting with its default, and what it does.\n\n\
         ```toml\n{}\n```\n",
        reference.trim_end()
    );
    let path = folder().join("settings.md");
    if std::env::var_os("RENEW").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == page, "settings.md is old: run .ci/renew");
}
