//! The house keeps its shape: which crate may know which, where SQL and engines may be named, how files begin.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// The floors, from the top. A crate may know crates of lower floors only.
const FLOORS: [&[&str]; 7] = [
    &["tessera"],
    &["argon", "wolfpal", "melon", "goscrobble", "pages"],
    &["accounts", "web"],
    &["store", "mail"],
    &["model"],
    &["db", "crypto", "config"],
    &["argon2id", "defects", "tally"],
];

/// The most lines a file may have.
const LONGEST: usize = 500;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(workspace().join("Cargo.toml")).no_deps().exec().unwrap()
}

/// What stands beside the house: for tests, for measuring, for proving. No crate of the house knows them.
const BESIDE: [&str; 3] = ["harness", "bench", "proof"];

fn floor(name: &str) -> usize {
    FLOORS.iter().position(|floor| floor.contains(&name)).unwrap_or_else(|| {
        assert!(BESIDE.contains(&name), "{name} has no floor in the house yet: give it one");
        usize::MAX
    })
}

#[test]
fn arrows_point_down_only() {
    let metadata = metadata();
    let ours: Vec<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    for expected in FLOORS.concat() {
        assert!(ours.contains(&expected), "{expected} is gone");
    }
    for package in metadata.packages.iter().filter(|package| !BESIDE.contains(&package.name.as_str())) {
        for dependency in package.dependencies.iter().filter(|known| ours.contains(&known.name.as_str())) {
            if dependency.kind == DependencyKind::Development {
                continue;
            }
            let arrow = format!("{} > {}", package.name, dependency.name);
            assert!(!BESIDE.contains(&&*dependency.name), "{arrow} leads out of the house");
            assert!(floor(&package.name) < floor(&dependency.name), "{arrow} does not point down");
        }
    }
}

#[test]
fn only_those_who_speak_http_know_its_library() {
    let allowed = ["web", "argon", "wolfpal", "melon", "goscrobble", "pages", "tessera"];
    let engines = ["rusqlite", "tokio-postgres", "libsqlite3-sys"];
    for package in metadata().packages.into_iter().filter(|package| !BESIDE.contains(&package.name.as_str()))
    {
        for dependency in
            package.dependencies.iter().filter(|known| known.kind != DependencyKind::Development)
        {
            let name = package.name.as_str();
            assert!(dependency.name != "axum" || allowed.contains(&name), "{name} knows axum");
            let engine = engines.contains(&dependency.name.as_str());
            assert!(!engine || name == "db", "{name} knows {}", dependency.name);
        }
    }
}

/// Every Rust file of our crates, by its path in the workspace.
fn sources() -> BTreeMap<String, String> {
    let root = workspace();
    let mut found = BTreeMap::new();
    let mut folders = ["crates", "bench", "proof"].map(|name| root.join(name)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(found.len() > 100, "only {} files found", found.len());
    found
}

/// Whether a file is part of a program, not of a test.
fn shipped(path: &str) -> bool {
    let beside = ["crates/harness/", "bench/", "proof/"].iter().any(|folder| path.starts_with(folder));
    !path.contains("/tests/") && !path.ends_with("/tests.rs") && !beside
}

fn of_crate(path: &str, names: &[&str]) -> bool {
    names.iter().any(|name| path.starts_with(&format!("crates/{name}/")))
}

/// The lines of a file without comments, each with its number; test modules at the end left out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    let shipped = lines.take_while(|(_, line)| !line.trim_start().starts_with("#[cfg(test)]"));
    shipped.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn sql_is_in_the_store_only() {
    let keywords =
        ["select ", "insert into ", "update ", "delete from ", "create table", "alter table", "pragma "];
    let mut found = Vec::new();
    for (path, text) in
        sources().iter().filter(|(path, _)| shipped(path) && !of_crate(path, &["store", "db"]))
    {
        for (number, line) in code(text) {
            let strings = line.split('"').skip(1).step_by(2);
            let begins = strings
                .map(str::to_lowercase)
                .any(|text| keywords.iter().any(|keyword| text.trim_start().starts_with(keyword)));
            if begins {
                found.push(format!("{path}:{number}: {line}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn engines_are_named_in_db_only() {
    let mut found = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| shipped(path) && !of_crate(path, &["db"])) {
        for (number, line) in code(text) {
            let lower = line.to_lowercase();
            let named = ["rusqlite", "sqlite", "postgres"].iter().any(|engine| lower.contains(engine));
            // The default of the setting `database` has to name the engine that serves it.
            let default_database =
                path.starts_with("crates/tessera/src/") && line.contains("DatabaseUrl::sqlite_file");
            if named && !default_database {
                found.push(format!("{path}:{number}: {line}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_crate_begins_by_saying_what_it_owns() {
    for package in metadata().packages {
        let root =
            package.targets.iter().find(|target| target.is_lib() || target.is_bin()).expect("a target");
        let text = fs::read_to_string(&root.src_path).unwrap();
        let first: Vec<&str> = text.lines().take_while(|line| line.starts_with("//! ")).collect();
        let paragraph = first.iter().map(|line| &line[4..]).collect::<Vec<_>>().join(" ");
        assert!(paragraph.ends_with('.'), "{} begins with: {text:.80}", root.src_path);
        let sentences = paragraph.matches(". ").count() + 1;
        assert_eq!(sentences, 1, "{} needs {sentences} sentences: {paragraph}", root.src_path);
    }
}

#[test]
fn files_are_short_and_finished() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        if text.lines().count() > LONGEST {
            found.push(format!("{path} has {} lines", text.lines().count()));
        }
        for (number, line) in text.lines().enumerate() {
            let unfinished = ["todo!", "unimplemented!", "TODO", "FIXME", "XXX"];
            if unfinished.iter().any(|word| line.contains(word)) && path != "crates/tessera/tests/house.rs" {
                found.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn nothing_is_allowed_without_a_reason() {
    for (path, text) in sources().iter().filter(|(path, _)| *path != "crates/tessera/tests/house.rs") {
        assert!(!text.contains("#[allow(") && !text.contains("#![allow("), "{path} allows");
        let expectations = text.matches("#[expect(").count() + text.matches("#![expect(").count();
        let reasons = text.matches("reason = \"").count();
        assert!(reasons >= expectations, "{path} expects without a reason");
    }
}

/// Unsafe code is forbidden by the lints of the workspace, which a crate takes over or not.
#[test]
fn unsafe_code_is_in_the_kernel_of_argon2id_only() {
    for package in metadata().packages {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        let name = package.name.as_str();
        if name == "argon2id" {
            assert!(manifest.contains("unsafe_code = \"deny\""), "{name} says where it is unsafe");
            assert!(
                manifest.contains("undocumented_unsafe_blocks = \"deny\""),
                "{name} says why it is sound"
            );
        } else {
            assert!(manifest.contains("[lints]\nworkspace = true"), "{name} has lints of its own");
        }
    }
    let root = fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    assert!(root.contains("unsafe_code = \"forbid\""));
}

/// `proof` makes mistakes on purpose, in a program of its own. Nobody is given that one.
#[test]
fn no_program_that_people_are_given_can_have_seeded_defects() {
    let metadata = metadata();
    for package in &metadata.packages {
        for (feature, turns_on) in &package.features {
            let spreads = turns_on.iter().any(|other| other == "seeded-defects" || other.contains("seeded"));
            let known = [("tessera", "seeded-defects"), ("defects", "seeded")];
            let allowed = known.contains(&(package.name.as_str(), feature.as_str()));
            assert!(!spreads || allowed, "{}: {feature} turns on seeded defects", package.name);
        }
        for dependency in package.dependencies.iter().filter(|known| known.name == "defects") {
            assert!(dependency.features.is_empty(), "{} turns on seeded defects", package.name);
        }
    }
    let tessera = metadata.packages.iter().find(|package| package.name == "tessera").unwrap();
    let needed = |name: &str| {
        let target = tessera.targets.iter().find(|target| target.is_bin() && target.name == name).unwrap();
        target.required_features.clone()
    };
    assert_eq!(needed("tessera-defects"), ["seeded-defects"]);
    assert!(needed("tessera").is_empty());
    // What names a defect to seed is not in the program at all.
    let program = fs::read(env!("CARGO_BIN_EXE_tessera")).unwrap();
    let named = program.windows(13).any(|window| window == b"SEEDED_DEFECT");
    assert!(!named, "the program can be told to have a defect");
}

#[test]
fn a_newcomer_finds_the_way_in() {
    for name in ["README.md", "ARCHITECTURE.md"] {
        let text = fs::read_to_string(workspace().join(name)).unwrap_or_default();
        assert!(text.lines().count() > 20, "{name} is missing or empty");
    }
    let architecture = fs::read_to_string(workspace().join("ARCHITECTURE.md")).unwrap_or_default();
    for name in FLOORS.concat() {
        assert!(architecture.contains(name), "ARCHITECTURE.md does not mention {name}");
    }
}
