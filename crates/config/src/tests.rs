use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn with(environment: &[(&str, &str)]) -> Result<Settings, BadSetting> {
    let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    load(&Layers { environment, ..Layers::default() })
}

/// The reference with every commented setting switched on.
fn reference_in_force() -> String {
    let is_setting = |line: &&str| line.starts_with('#') && !line.starts_with("# ");
    REFERENCE
        .lines()
        .map(|line| if is_setting(&line) { &line[1..] } else { line })
        .collect::<Vec<_>>()
        .join("\n")
}

fn keys(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                keys(value, &format!("{path}.{key}"), found);
            }
        }
        _ => _ = found.insert(path.to_owned()),
    }
}

#[test]
fn the_reference_names_every_setting() {
    let mut settings: Settings = toml::from_str(&reference_in_force()).expect("the reference is valid");
    let mut documented = BTreeSet::new();
    keys(
        &serde_json::to_value(toml::from_str::<toml::Table>(&reference_in_force()).expect("toml"))
            .expect("json"),
        "",
        &mut documented,
    );
    settings.mounts.wolfpal = MountSettings::default();
    let mut existing = BTreeSet::new();
    keys(&serde_json::to_value(&settings).expect("json"), "", &mut existing);
    for key in &existing {
        let through_argon = ["wolfpal", "melon", "goscrobble"]
            .iter()
            .fold(key.clone(), |key, name| key.replace(name, "argon"));
        assert!(documented.contains(&through_argon), "{key} is not in reference.toml");
    }
}

#[test]
fn the_reference_tells_the_defaults() {
    let optional =
        ["database", "master_secret", "host", "prefix", "site", "algorithm", "key", "access", "refresh"];
    let links = ["links.confirm", "links.reset", "links.email", "links.not_me"];
    let optional_too =
        ["master_secret_file", "key_file", "password", "password_file", "ca_file", "[mail.smtp]"];
    let text: Vec<String> = reference_in_force()
        .lines()
        .take_while(|line| !line.starts_with("[mail.smtp]"))
        .filter(|line| {
            let mut optional = optional.iter().chain(&optional_too).chain(&links);
            !optional.any(|key| line.starts_with(&format!("{key} =")))
        })
        .map(str::to_owned)
        .collect();
    assert_eq!(toml::from_str::<Settings>(&text.join("\n")).expect("valid"), Settings::default());
}

#[test]
fn variables_reach_into_sections() {
    let settings = with(&[
        ("TESSERA_OPS__LISTEN", "off"),
        ("TESSERA_THROTTLE__PER_ACCOUNT", "off"),
        ("TESSERA_PASSWORDS__MEMORY_KIB", "64"),
        ("TESSERA_TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
        ("TESSERA_MOUNTS__ARGON__ENABLED", "false"),
        ("TESSERA_MASTER_SECRET", "12345"),
        ("HOME", "/root"),
    ])
    .expect("all valid");
    assert_eq!(settings.ops.listen, OpsListen::Off);
    assert_eq!(settings.throttle.per_account, Limit::Off);
    assert_eq!(settings.passwords.memory_kib, 64);
    assert_eq!(settings.trusted_proxies.len(), 1);
    assert!(!settings.mounts.argon.enabled);
    assert_eq!(settings.master_secret.expect("set").expose(), "12345");
}

#[test]
fn flags_win_over_variables() {
    let layers = Layers {
        environment: vec![("TESSERA_LISTEN".into(), "127.0.0.1:1".into())],
        flags: vec![("--listen", "listen", "127.0.0.1:2".into())],
        ..Layers::default()
    };
    assert_eq!(load(&layers).expect("valid").listen.port(), 2);
}

#[test]
fn a_wrong_setting_is_named_with_its_place_and_what_would_be_right() {
    for (name, value, expected) in [
        ("TESSERA_LISTNE", "127.0.0.1:1", "unknown field `listne`"),
        ("TESSERA_OPS__LISTEN", "yes", "off"),
        ("TESSERA_THROTTLE__PER_ACCOUNT", "many", "10 then 1 per 16m"),
        ("TESSERA_SESSIONS__LONGEST", "0d", "7d"),
        ("TESSERA_REGISTRATION", "maybe", "`open`, `invite`, `closed`"),
        ("TESSERA_PASSWORDS", "5", "section"),
        ("TESSERA_PASSWORDS__THREADS", "-1", "usize"),
    ] {
        let error = with(&[(name, value)]).expect_err(name).to_string();
        assert!(error.starts_with(&format!("{name}: ")), "{error}");
        assert!(expected == "section" || error.contains(expected), "{error}");
    }
}

#[test]
fn an_error_in_the_file_has_its_line_and_never_the_value() {
    let folder = std::env::temp_dir().join(format!("tessera-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("tessera.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\n[throttle]\nper_account = \"hunter2\"\n")
        .expect("written");
    let error =
        load(&Layers { file: Some(file.clone()), ..Layers::default() }).expect_err("wrong").to_string();
    assert!(
        error.contains("line 3") && error.contains("per_account") && !error.contains("hunter2"),
        "{error}"
    );
    std::fs::write(&file, "lisen = 1\n").expect("written");
    let error = load(&Layers { file: Some(file), ..Layers::default() }).expect_err("wrong").to_string();
    assert!(error.contains("line 1") && error.contains("lisen"), "{error}");
    let missing = Layers { file: Some(folder.join("none.toml")), ..Layers::default() };
    assert!(load(&missing).expect_err("no file").to_string().contains("none.toml"));
}

#[test]
fn secrets_are_never_shown() {
    for database in [
        "postgres://u:hunter2@h/d",
        "postgres://:hunter2@h/d",
        "postgres://u:hunter2@h,i/d?application_name=x",
        "postgres://u:hunter2/hunter2@hunter2@h/d",
    ] {
        let settings = with(&[
            ("TESSERA_MASTER_SECRET", "hunter2"),
            ("TESSERA_MOUNTS__MELON__KEY", "hunter2"),
            ("TESSERA_DATABASE_SERVER__PASSWORD", "hunter2"),
            ("TESSERA_DATABASE", database),
        ])
        .expect("valid");
        assert!(!format!("{settings:?}").contains("hunter2"));
        let shown = serde_json::to_string(&settings).expect("json");
        assert!(!shown.contains("hunter2") && shown.contains(":(set)@h"), "{shown}");
        assert_eq!(settings.database.expect("set").expose(), database);
    }
    let settings = with(&[("TESSERA_DATABASE", "sqlite:a@b.db")]).expect("valid");
    assert_eq!(serde_json::to_value(settings.database).expect("json"), "sqlite:a@b.db");
}

#[test]
fn times_and_limits_read_back_as_written() {
    for text in ["1s", "90s", "30m", "25h", "7d"] {
        assert_eq!(text.parse::<Time>().map(|time| time.to_string()), Ok(text.into()));
    }
    for bad in ["", "s", "0s", "5", "-1s", "1.5h", "4000d", "99999999999999999999s", "1é", "é"] {
        assert_eq!(bad.parse::<Time>(), Err(BadTime), "{bad}");
    }
    for text in ["10 then 1 per 16m", "off"] {
        assert_eq!(text.parse::<Limit>().map(|limit| limit.to_string()), Ok(text.into()));
    }
    for bad in ["", "0 then 1 per 1m", "10 then 2 per 1m", "10", "on"] {
        assert_eq!(bad.parse::<Limit>(), Err(BadLimit), "{bad}");
    }
}

#[test]
fn a_link_is_ours_or_a_url() {
    let settings: Settings =
        toml::from_str("[mounts.melon.links]\nreset = \"ours\"\nnot_me = \"https://x.example/{token}\"")
            .unwrap();
    let links = &settings.mounts.melon.links;
    assert_eq!((&links.confirm, &links.reset), (&None, &Some(Link::Ours)));
    assert_eq!(links.not_me, Some(Link::At("https://x.example/{token}".into())));
    let written = serde_json::to_value(links).unwrap();
    assert_eq!(written["reset"], "ours");
    assert_eq!(serde_json::from_value::<LinkSettings>(written).unwrap(), *links);
}
