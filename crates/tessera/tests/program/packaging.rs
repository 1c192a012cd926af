//! What stands in packaging/ names flags, settings, paths and ports that there are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::stand::BINARY;

fn packaging(name: &str) -> String {
    fs::read_to_string(root().join("packaging").join(name)).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The values of a key in lines `KEY=VALUE`.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

#[track_caller]
fn only<'a>(text: &'a str, key: &str) -> &'a str {
    let [value] = values(text, key)[..] else { panic!("not one {key}: {:?}", values(text, key)) };
    value
}

/// The settings that the program takes from these arguments and variables.
#[track_caller]
fn settings(args: &[&str], variables: &[(&str, &str)]) -> Value {
    let mut command = Command::new(BINARY);
    command.args(["config", "show", "--json"]).args(args).env_clear().envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{args:?} {variables:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_unit_starts_the_program_as_its_user_in_its_folder() {
    let unit = packaging("tessera.service");
    let words: Vec<_> = only(&unit, "ExecStart").split(' ').collect();
    let ["/usr/bin/tessera", "serve", "--config", "/etc/tessera/tessera.toml", "--data", data] = words[..]
    else {
        panic!("{words:?}")
    };
    let state = only(&unit, "StateDirectory");
    assert_eq!(data, format!("/var/lib/{state}"));
    let template = root().join("packaging/tessera.toml");
    assert_eq!(settings(&["--config", template.to_str().unwrap(), "--data", data], &[])["data"], data);
    let users = packaging("tessera.sysusers");
    let line = users.lines().find(|line| line.starts_with("u ")).unwrap();
    assert_eq!(line.split(' ').nth(1), Some(only(&unit, "User")));
    assert!(line.ends_with(data), "{line}");
    // What the program tells the service manager, and what it takes a signal for.
    assert_eq!((only(&unit, "Type"), only(&unit, "ExecReload")), ("notify", "/bin/kill -HUP $MAINPID"));
    let rests = only(&unit, "TimeoutStopSec").trim_end_matches('s').parse::<u64>().unwrap();
    assert!(rests > 10, "the setting drain is 10 s");
    // With its comments taken away the template still is what the program takes.
    let shown = packaging("tessera.toml").replace("\n#", "\n").replace("\n Settings", "\n# Settings");
    let lines: Vec<_> = shown.lines().skip_while(|line| !line.is_empty()).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), lines.join("\n")).unwrap();
    settings(&["--config", file.path().to_str().unwrap()], &[]);
}

#[test]
fn the_image_listens_where_it_says_and_is_nobodys_root() {
    let file = packaging("Dockerfile");
    let instruction = |name: &str| -> Vec<&str> {
        let begin = format!("{name} ");
        file.lines().filter_map(|line| line.strip_prefix(begin.as_str())).collect()
    };
    let variables: Vec<(&str, &str)> = file
        .lines()
        .filter_map(|line| line.trim_start_matches("ENV ").trim().trim_end_matches(" \\").split_once('='))
        .filter(|(name, _)| name.starts_with("TESSERA_"))
        .collect();
    assert_eq!(variables.len(), 3, "{variables:?}");
    let settings = settings(&[], &variables);
    let listen = settings["listen"].as_str().unwrap();
    assert!(listen.ends_with(&format!(":{}", instruction("EXPOSE")[0])), "{listen}");
    assert_eq!(instruction("VOLUME"), [settings["data"].as_str().unwrap()]);
    assert!(
        settings["ops"]["listen"].as_str().unwrap().starts_with("127.0.0.1:"),
        "for the health check alone"
    );
    let user: u32 = instruction("USER")[0].split(':').next().unwrap().parse().expect("a number");
    assert!(user > 0);
    let words = |text: &str| serde_json::from_str::<Vec<String>>(text).unwrap();
    let health = words(instruction("HEALTHCHECK")[0].split_once("CMD ").unwrap().1);
    let entry = words(instruction("ENTRYPOINT")[0]);
    assert_eq!(health[0], entry[0]);
    assert!(file.contains(&format!("/release/tessera {}", entry[0])), "what is started is what was copied");
    for args in [&health[1..], &words(instruction("CMD")[0])[..]] {
        assert!(Command::new(BINARY).args(args).arg("--help").output().unwrap().status.success(), "{args:?}");
    }
}

#[test]
fn the_composition_sets_what_there_is_and_publishes_what_is_listened_on() {
    let file = packaging("compose.yaml");
    let variables: Vec<(&str, &str)> = file
        .lines()
        .filter_map(|line| line.trim().split_once(": "))
        .filter(|(name, _)| name.starts_with("TESSERA_"))
        .map(|(name, value)| {
            (name, value.split(":-").nth(1).map_or(value, |text| text.trim_end_matches('}')))
        })
        .collect();
    assert_eq!(variables.len(), 4, "{variables:?}");
    let settings = settings(&[], &variables);
    assert!(settings["database"].as_str().unwrap().contains("@database/"), "the name of the other service");
    assert!(file.contains("127.0.0.1:3000:3000"));
    for (setting, name) in [("master_secret_file", "master_secret"), ("password_file", "database_password")] {
        let place = settings[setting].as_str().or(settings["database_server"][setting].as_str()).unwrap();
        assert_eq!(place, format!("/run/secrets/{name}"));
        assert!(file.contains(&format!("file: secrets/{name}")));
    }
}

#[test]
fn the_package_takes_files_that_there_are() {
    let manifest = fs::read_to_string(root().join("crates/tessera/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let deb = &manifest["package"]["metadata"]["deb"];
    let sources: Vec<_> =
        deb["assets"].as_array().unwrap().iter().map(|asset| asset[0].as_str().unwrap()).collect();
    let (built, written): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|source| source.contains("target/"));
    assert!(written.len() >= 4 && built.len() >= 5);
    for source in written {
        assert!(root().join("crates/tessera").join(source).is_file(), "{source}");
    }
    // What is found by its name.
    let unit = &deb["systemd-units"];
    let folder = root().join("crates/tessera").join(unit["unit-scripts"].as_str().unwrap());
    for kind in ["service", "sysusers"] {
        assert!(folder.join(format!("{}.{kind}", unit["unit-name"].as_str().unwrap())).is_file(), "{kind}");
    }
    let scripts = root().join("crates/tessera").join(deb["maintainer-scripts"].as_str().unwrap());
    for script in fs::read_dir(scripts).unwrap() {
        let text = fs::read_to_string(script.unwrap().path()).unwrap();
        assert!(text.lines().any(|line| line == "#DEBHELPER#"), "nothing is put into: {text}");
    }
    // What the script makes is what the package takes.
    let script = packaging("build-deb");
    for source in built.iter().filter_map(|source| source.strip_prefix("target/release/papers/")) {
        let made = source.trim_end_matches("/*");
        assert!(script.contains(&format!("$papers/{made}")), "{made} is not made");
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(BINARY).arg("man").arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let pages: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|page| page.unwrap().file_name()).collect();
    for name in ["tessera.1", "tessera-backup.1", "tessera-account-create.1"] {
        assert!(pages.iter().any(|page| page == name), "{pages:?}");
    }
    // The places of a title: name, section, date, version, manual.
    let page = fs::read_to_string(folder.path().join("tessera-account-create.1")).unwrap();
    let title = page.lines().find(|line| line.starts_with(".TH ")).unwrap().trim_end();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(title, format!(".TH tessera-account-create 1 \" \" \"Tessera {version}\" Tessera"));
    for (shell, word) in [("bash", "complete"), ("zsh", "#compdef tessera"), ("fish", "complete -c tessera")]
    {
        let output = Command::new(BINARY).args(["completions", shell]).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains(word), "{shell}");
    }
}
