//! `Cargo.lock` against the advisories of RustSec (`advisories/README.md`).

use std::collections::BTreeSet;
use std::fs;

use defects::Defect;
use harness::figure::{mistaken, tried};
use semver::{Version, VersionReq};

use crate::workspace;

/// One line of the list.
struct Advisory<'a> {
    id: &'a str,
    package: &'a str,
    /// `vulnerability`, `unsound`, or what else RustSec calls it.
    kind: &'a str,
    /// Versions that do not have the hole: those from before it, and those where it was mended.
    sound: Vec<VersionReq>,
}

impl Advisory<'_> {
    fn parse(line: &str) -> Advisory<'_> {
        let parts: Vec<&str> = line.split('\t').collect();
        let [id, package, kind, sound] = parts.as_slice() else { panic!("no advisory: {line}") };
        let sound = sound.split(';').filter(|one| !one.is_empty());
        Advisory { id, package, kind, sound: sound.map(|one| VersionReq::parse(one).unwrap()).collect() }
    }

    fn is_about(&self, package: &str, version: &Version) -> bool {
        self.package == package && !self.sound.iter().any(|sound| sound.matches(version))
    }
}

const LIST: &str = include_str!("advisories/advisories.tsv");

fn advisories() -> Vec<Advisory<'static>> {
    LIST.lines().map(Advisory::parse).collect()
}

/// Every package of the lock file that is not our own, with its version.
fn locked() -> BTreeSet<(String, Version)> {
    let text = fs::read_to_string(workspace().join("Cargo.lock")).unwrap();
    let lock: toml::Table = text.parse().unwrap();
    let packages = lock["package"].as_array().unwrap().iter().filter(|one| one.get("source").is_some());
    let text = |package: &toml::Value, name: &str| package[name].as_str().unwrap().to_owned();
    packages.map(|one| (text(one, "name"), text(one, "version").parse().unwrap())).collect()
}

/// What is known about these packages, of the kinds that are holes.
fn known(packages: &BTreeSet<(String, Version)>) -> Vec<String> {
    let advisories = advisories();
    let holes = advisories.iter().filter(|one| matches!(one.kind, "vulnerability" | "unsound"));
    let mut found = Vec::new();
    for advisory in holes {
        let hit = packages.iter().filter(|(name, version)| advisory.is_about(name, version));
        found.extend(hit.map(|(name, version)| format!("{}: {name} {version}", advisory.id)));
    }
    found
}

#[test]
fn no_library_has_a_known_hole() {
    let mut locked = locked();
    tried(locked.len(), "libraries");
    assert!(locked.len() > 100, "only {} packages", locked.len());
    if mistaken(Defect::HolePlanted) {
        locked.insert(("rsa".to_owned(), Version::new(0, 9, 6)));
    }
    let known = known(&locked);
    assert!(known.is_empty(), "known holes:\n{}", known.join("\n"));
}

/// The control: versions that are known to have a hole.
#[test]
fn a_known_hole_is_found() {
    let planted = [("rsa", "0.9.6"), ("time", "0.1.43"), ("tokio", "1.18.3"), ("sqlx", "0.8.0")];
    for (name, version) in planted {
        let package = BTreeSet::from([(name.to_owned(), version.parse().unwrap())]);
        assert!(!known(&package).is_empty(), "{name} {version}");
    }
    assert!(known(&BTreeSet::from([("sqlx".to_owned(), Version::new(0, 8, 1))])).is_empty());
}
