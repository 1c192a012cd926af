//! Settings that are read again on SIGHUP.

use std::fs;

use harness::actors::{Argon, GoScrobble};
use harness::process::{Signal, TesseraProcess};

use crate::stand::{PASSWORD, account, address_of, cheap, eventually, unique};

/// Puts other settings in the file, and waits until the server says so.
#[track_caller]
fn reload(server: &TesseraProcess, settings: &str, said: &str) {
    let count = || server.output().matches(said).count();
    let before = count();
    fs::write(server.data().parent().unwrap().join("tessera.toml"), settings).unwrap();
    server.signal(Signal::HUP);
    eventually(said, || count() > before);
}

const READ: &str = "the settings were read again";
const WRONG: &str = "the settings are wrong, and stay as they were";

#[test]
fn what_can_change_changes_at_once_and_the_rest_is_named() {
    let server = TesseraProcess::start(cheap().settings(
        "[log]\nlevel = \"error\"\n[throttle]\nregistration = \"1 then 1 per 10m\"\nper_account = \"off\"",
    ));
    let at = server.address();
    Argon::at(at).register(&unique("one"), PASSWORD);
    assert_eq!(Argon::at(at).try_register(&unique("two"), PASSWORD).status, 429);
    reload(
        &server,
        "listen = \"127.0.0.1:9\"\n[throttle]\nregistration = \"off\"\nper_account = \"1 then 1 per 10m\"\nper_known_place = \"off\"\n\
         [passwords]\nmin_length = 20\n[mounts.argon]\nkey = \"a key of somebody else's, of 32 bytes\"\n\
         [mail]\nfrom = \"new@mail.example.com\"",
        READ,
    );
    // The level was none that shows this before.
    let said = server.output();
    let line = |setting: &str| {
        let named = format!("\"setting\":\"{setting}\"");
        said.lines().find(|line| line.contains(&named)).unwrap_or_else(|| panic!("{setting}:\n{said}"))
    };
    for setting in ["log.level", "throttle.registration", "throttle.per_account", "mail.from"] {
        assert!(line(setting).contains("\"changed\""), "{}", line(setting));
    }
    // The flag says where to listen, so the file does not.
    assert!(!said.contains("\"setting\":\"listen\""), "{said}");
    assert!(line("mounts.argon.key").contains("at the next start only"), "{said}");
    assert!(!said.contains("a key of somebody else's"), "{said}");

    assert_eq!(Argon::at(at).try_register(&unique("short"), PASSWORD).status, 400);
    let long = "a password of more than twenty letters";
    let name = unique("long");
    Argon::at(at).register(&name, long);
    Argon::at(at).register(&unique("longer"), long);
    assert_eq!(Argon::at(at).try_sign_in(&name, "wrong").status, 401);
    assert_eq!(Argon::at(at).try_sign_in(&name, "wrong").status, 429);
    let name = account_of_any_length(&server);
    GoScrobble::at(at).send_reset(&address_of(&name));
    eventually("a mail from the new address", || {
        let folder = fs::read_dir(server.data().join("mail")).unwrap();
        folder
            .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
            .any(|mail| mail.contains("new@mail.example.com"))
    });
}

fn account_of_any_length(server: &TesseraProcess) -> String {
    let name = unique("mailed");
    let email = address_of(&name);
    let args = ["account", "create", "--username", &name, "--email", &email, "--confirmed"];
    crate::stand::run(server, &args, "a password of more than twenty letters\n");
    name
}

#[test]
fn settings_that_are_wrong_change_nothing() {
    let first = "[throttle]\nregistration = \"1 then 1 per 10m\"\n";
    let server = TesseraProcess::start(cheap().settings(first));
    let at = server.address();
    Argon::at(at).register(&unique("one"), PASSWORD);
    let open = "[throttle]\nregistration = \"off\"\n";
    for wrong in [
        "lisen = 5",
        "this is no TOML",
        "[log]\nlevel = \"nonsense=nonsense=nonsense\"",
        "[mail]\nfrom = \"nobody\"",
        "[mounts.argon]\nkey = \"hunter2\"",
        "[tls]\ncert_file = \"none.pem\"\nkey_file = \"none.pem\"",
        "[tls]\ncert_file = \"none.pem\"",
    ] {
        let settings =
            if wrong.starts_with('[') { format!("{open}{wrong}") } else { format!("{wrong}\n{open}") };
        reload(&server, &settings, WRONG);
        assert_eq!(Argon::at(at).try_register(&unique("two"), PASSWORD).status, 429, "{wrong}");
    }
    assert!(!server.output().contains("hunter2") && !server.output().contains("panicked"));
    reload(&server, open, READ);
    let name = unique("two");
    Argon::at(at).register(&name, PASSWORD);
    // What was begun before goes on.
    let token = Argon::at(at).sign_in(&account(&server, "three"), PASSWORD);
    reload(&server, "[sessions]\nlongest = \"1d\"", READ);
    assert_eq!(Argon::at(at).state(&token).status, 200);
}
