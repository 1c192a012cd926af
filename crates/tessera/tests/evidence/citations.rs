//! The tests that documents name exist, and every row says what holds it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use harness::evidence::{Held, Row, rows};

use crate::workspace;

/// Every Rust file under `crates/` without its ending, by its path in the workspace.
fn sources() -> BTreeMap<String, String> {
    let root = workspace();
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().with_extension("").display().to_string();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// What is wrong with a name like `rules/races::one_wins`, if anything is.
fn wrong(sources: &BTreeMap<String, String>, citation: &str) -> Option<String> {
    let Some((file, test)) = citation.rsplit_once("::") else { return Some("is no file::test".to_owned()) };
    let ending = format!("/{file}");
    let files: Vec<_> = sources.iter().filter(|(path, _)| path.ends_with(&ending)).collect();
    match files.as_slice() {
        [(_, text)] => (!is_test(text, test)).then(|| format!("no such test in {file}.rs")),
        [] => Some(format!("no file {file}.rs")),
        several => Some(format!("{} files end in {file}.rs", several.len())),
    }
}

/// Whether a file has a test of this name: a function with the attribute, or one in a macro that gives it one
/// for each engine.
fn is_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(place, line)| {
        let named = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        let Some(after) = named.and_then(|rest| rest.strip_prefix(name)) else { return false };
        let before = lines[..place].iter().rev().take_while(|line| line.starts_with('#'));
        ["(world: World)", "(engine: Engine)"].iter().any(|of_macro| after.starts_with(of_macro))
            || after.starts_with('(') && before.into_iter().any(|line| line.contains("test"))
    })
}

fn check(name: &str, at_least: usize) {
    let text = fs::read_to_string(workspace().join("docs").join(name)).unwrap();
    let sources = sources();
    let rows = rows(&text);
    assert!(rows.len() >= at_least, "{name} has only {} rows", rows.len());
    let mut problems = Vec::new();
    for Row { id, held } in rows {
        match held {
            Held::Otherwise(_) => {}
            Held::Nothing(text) => problems.push(format!("{id}: neither a test nor a reason: {text}")),
            Held::Tests(cited) => {
                let dangling = |one: &&str| wrong(&sources, one).map(|what| format!("{id}: {one}: {what}"));
                problems.extend(cited.iter().filter_map(dangling));
            }
        }
    }
    assert!(problems.is_empty(), "{name}:\n{}", problems.join("\n"));
}

#[test]
fn every_hole_of_others_has_a_test_or_a_reason() {
    check("advisories.md", 80);
}

#[test]
fn every_requirement_has_a_test_or_a_reason() {
    check("asvs.md", 100);
}

#[test]
fn a_dangling_name_is_noticed() {
    let sources = sources();
    assert_eq!(wrong(&sources, "evidence/citations::a_dangling_name_is_noticed"), None);
    for dangling in [
        "evidence/citations::no_such_test",
        "evidence/citations::sources",
        "evidence/nothing::a_dangling_name_is_noticed",
        "tests::a_dangling_name_is_noticed",
        "a_dangling_name_is_noticed",
    ] {
        assert!(wrong(&sources, dangling).is_some(), "{dangling}");
    }
}
