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
    let optional_too = [
        "master_secret_file",
        "key_file",
        "cert_file",
        "drain_delay",
        "endpoint",
        "refused_file",
        "password",
        "password_file",
        "ca_file",
        "min_password",
        "email_as_password",
        "[mail.smtp]",
    ];
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
        ("TESSERA_PASSWORDS__MIN_LENGTH", "7", "8 to 64"),
        ("TESSERA_PASSWORDS__MIN_LENGTH", "65", "8 to 64"),
        ("TESSERA_MOUNTS__MELON__MIN_PASSWORD", "0", "8 to 64"),
    ] {
        let error = with(&[(name, value)]).expect_err(name).to_string();
        assert!(error.starts_with(&format!("{name}: ")), "{error}");
        assert!(expected == "section" || error.contains(expected), "{error}");
    }
}

#[test]
fn a_slip_of_the_keyboard_is_told_what_was_meant() {
    for (name, meant) in [
        ("TESSERA_LISTNE", Some("TESSERA_LISTEN")),
        ("TESSERA_OPS_LISTEN", Some("TESSERA_OPS__LISTEN")),
        ("TESSERA_OPS__LISTENN", Some("TESSERA_OPS__LISTEN")),
        ("TESSERA_PASSWORD__MIN_LENGTH", Some("TESSERA_PASSWORDS__MIN_LENGTH")),
        ("TESSERA_MOUNTS__WOLFPAL__LINKS__REST", Some("TESSERA_MOUNTS__WOLFPAL__LINKS__RESET")),
        ("TESSERA_MAIL__SMTP__HOTS", Some("TESSERA_MAIL__SMTP__HOST")),
        ("TESSERA_TLS__CERTFILE", Some("TESSERA_TLS__CERT_FILE")),
        ("TESSERA_COLOUR", None),
        ("TESSERA_X", None),
    ] {
        let error = with(&[(name, "x")]).expect_err(name).to_string();
        match meant {
            Some(meant) => assert!(error.ends_with(&format!("; did you mean {meant}?")), "{name}: {error}"),
            None => assert!(!error.contains("did you mean"), "{name}: {error}"),
        }
    }
    let error = with(&[("TESSERA_LISTEN", "nowhere")]).expect_err("no address").to_string();
    assert!(!error.contains("did you mean"), "{error}");
}

#[test]
fn changes_are_told_by_their_paths_also_those_of_secrets() {
    let set = |toml: &str| toml::from_str::<Settings>(toml).expect("valid");
    let old =
        set("listen = \"127.0.0.1:1\"\nmaster_secret = \"a\"\n[mail.smtp]\nhost = \"x\"\npassword = \"a\"");
    assert_eq!(old.changes(&old), [""; 0]);
    let new = set("listen = \"127.0.0.1:2\"\nmaster_secret = \"b\"\ndrain_delay = \"1s\"\n\
         [mail.smtp]\nhost = \"x\"\npassword = \"b\"\n[throttle]\nmail = \"off\"\n[mounts.melon]\nkey = \"c\"");
    let expected =
        ["drain_delay", "listen", "mail.smtp.password", "master_secret", "mounts.melon.key", "throttle.mail"];
    assert_eq!(old.changes(&new), expected);
    assert_eq!(new.changes(&old), expected);
    let given = |database: &str, keys: &str| {
        set(&format!("database = \"{database}\"\n[mounts.argon]\nprevious_keys = {keys}"))
    };
    let (old, new) = (given("postgres://u:a@h/d", "[\"a\"]"), given("postgres://u:b@h/d", "[\"b\"]"));
    assert_eq!(old.changes(&new), ["database", "mounts.argon.previous_keys"]);
    // Every setting that takes a text and does not show it is told apart.
    let mut hidden = 0;
    for path in suggest::known().filter(|path| path != "mail.smtp.host") {
        let with = |text: &str| {
            let name = format!("TESSERA_{}", path.replace('.', "__").to_uppercase());
            with(&[("TESSERA_MAIL__SMTP__HOST", "x"), (&name, text)])
        };
        let (Ok(one), Ok(two)) = (with("one"), with("two")) else { continue };
        assert_eq!(one.changes(&two), std::slice::from_ref(&path));
        hidden += usize::from(serde_json::to_string(&one).expect("json").contains("(set)"));
    }
    assert_eq!(hidden, 7);
}

#[test]
fn tls_needs_both_files() {
    let files = |toml: &str| toml::from_str::<Settings>(toml).expect("valid").tls.files();
    assert_eq!(files(""), Ok(None));
    for half in ["[tls]\ncert_file = \"x\"", "[tls]\nkey_file = \"x\""] {
        assert_eq!(files(half), Err(HalfAPair));
    }
    let both = files("[tls]\ncert_file = \"x\"\nkey_file = \"y\"");
    assert_eq!(both, Ok(Some(TlsFiles { cert: "x".into(), key: "y".into() })));
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
fn keys_are_changed_now_and_then_or_never() {
    assert_eq!(Settings::default().keys.rotate_every, Period::Off);
    let settings =
        with(&[("TESSERA_KEYS__ROTATE_EVERY", "90d"), ("TESSERA_KEYS__LEAD", "5m")]).expect("valid");
    let expected = KeySettings { rotate_every: Period::Every(Time::days(90)), lead: Time::minutes(5) };
    assert_eq!(settings.keys, expected);
    let error = with(&[("TESSERA_KEYS__ROTATE_EVERY", "never")]).expect_err("wrong").to_string();
    assert!(error.contains("\"off\"") && error.contains("\"7d\""), "{error}");
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
            ("TESSERA_MOUNTS__MELON__PREVIOUS_KEYS", "[\"hunter2\"]"),
            ("TESSERA_DATABASE_SERVER__PASSWORD", "hunter2"),
            ("TESSERA_DATABASE", database),
        ])
        .expect("valid");
        assert_eq!(settings.mounts.melon.previous_keys.len(), 1);
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
