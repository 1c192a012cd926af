//! What every test stands on: servers, the command line, names, mail, patience.

use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use harness::actors::{Argon, GoScrobble, GoScrobbleTokens, Melon, Tokens, WolfPal};
use harness::http::Client;
use harness::mailbox;
pub(crate) use harness::people::{PASSWORD, address_of, unique};
use harness::process::{Options, TesseraProcess};
use harness::server::Server;
use serde_json::Value;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_tessera");

/// How long a test waits for what happens by itself. Far longer than it takes: on a busy machine a test
/// must not fail for being slow.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);

/// The binary with passwords that cost almost nothing to hash.
pub(crate) fn cheap() -> Options {
    Options::new(BINARY).cheap()
}

/// A server with all four mounts that counts nothing.
pub(crate) fn server() -> TesseraProcess {
    TesseraProcess::start(cheap().unthrottled())
}

/// A client of the second listener, of a server that has one.
#[track_caller]
pub(crate) fn operators_listener(server: &TesseraProcess) -> Client {
    let printed = server.output();
    let (_, rest) = printed.split_once("health and metrics on http://").expect("the second address");
    Client::new(rest.lines().next().unwrap().parse().unwrap())
}

/// Waits until something holds; panics when it never does.
#[track_caller]
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        thread::sleep(PAUSE);
    }
}

/// Runs a command that must succeed.
#[track_caller]
pub(crate) fn run(server: &TesseraProcess, args: &[&str], stdin: &str) -> Output {
    let output = server.cli(args, stdin);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tessera {args:?}: {}\n{error}", output.status);
    output
}

/// What a command answers with `--json`.
#[track_caller]
pub(crate) fn told(server: &TesseraProcess, args: &[&str], stdin: &str) -> Value {
    let output = run(server, &[args, &["--json"]].concat(), stdin);
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("tessera {args:?} --json: {error}:\n{text}"))
}

/// The usernames of all accounts of the default realm.
#[track_caller]
pub(crate) fn usernames(server: &TesseraProcess) -> Vec<String> {
    let list = told(server, &["account", "list", "--limit", "100000"], "");
    let list = list.as_array().expect("a list");
    list.iter().map(|account| account["username"].as_str().expect("a name").to_owned()).collect()
}

/// Makes an account with [`PASSWORD`] and a confirmed address from the command line.
#[track_caller]
pub(crate) fn account(server: &TesseraProcess, prefix: &str) -> String {
    let name = unique(prefix);
    let email = address_of(&name);
    run(
        server,
        &["account", "create", "--username", &name, "--email", &email, "--confirmed"],
        &format!("{PASSWORD}\n"),
    );
    name
}

/// Makes an administrator likewise.
#[track_caller]
pub(crate) fn administrator(server: &TesseraProcess, prefix: &str) -> String {
    let name = unique(prefix);
    let args = ["account", "create", "--username", &name, "--permission", "admin"];
    run(server, &args, &format!("{PASSWORD}\n"));
    name
}

/// The token in the first link of a mail, once that has come.
#[track_caller]
pub(crate) fn mailed(server: &TesseraProcess, address: &str, subject: &str) -> String {
    mailed_after("", server, address, subject)
}

/// The same once it is another than the token before.
#[track_caller]
pub(crate) fn mailed_after(before: &str, server: &TesseraProcess, address: &str, subject: &str) -> String {
    let mut token = None;
    eventually(&format!("a mail about {subject:?} to {address}"), || {
        let text = server.newest_mail(address, subject);
        let found = text.as_deref().and_then(mailbox::link_token);
        token = found.filter(|token| *token != before).map(str::to_owned);
        token.is_some()
    });
    token.expect("seen above")
}

/// The tokens of one account, signed in through every contract.
#[derive(Debug)]
pub(crate) struct Everywhere {
    pub(crate) argon: String,
    pub(crate) wolfpal: Tokens,
    pub(crate) melon: String,
    pub(crate) goscrobble: GoScrobbleTokens,
}

/// Whose tokens are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Believed {
    pub(crate) argon: bool,
    pub(crate) wolfpal: bool,
    pub(crate) wolfpal_refresh: bool,
    pub(crate) melon: bool,
    pub(crate) goscrobble_refresh: bool,
}

impl Believed {
    pub(crate) const ALL: Believed =
        Believed { argon: true, wolfpal: true, wolfpal_refresh: true, melon: true, goscrobble_refresh: true };
    pub(crate) const NONE: Believed = Believed {
        argon: false,
        wolfpal: false,
        wolfpal_refresh: false,
        melon: false,
        goscrobble_refresh: false,
    };
}

impl Everywhere {
    /// Signs in through all four; the address must be confirmed.
    #[track_caller]
    pub(crate) fn sign_in(server: &TesseraProcess, name: &str, password: &str) -> Everywhere {
        let at = server.address();
        Everywhere {
            argon: Argon::at(at).sign_in(name, password),
            wolfpal: WolfPal::at(at).sign_in(&address_of(name), password),
            melon: Melon::at(at).sign_in(name, password),
            goscrobble: GoScrobble::at(at).sign_in(name, password),
        }
    }

    /// Shows every token once. Those that are refreshed by it are kept.
    #[track_caller]
    pub(crate) fn believed(&mut self, server: &TesseraProcess) -> Believed {
        let at = server.address();
        Believed {
            argon: believed(Argon::at(at).state(&self.argon).status),
            wolfpal: wolfpal_believes(server, &self.wolfpal.access),
            wolfpal_refresh: self.wolfpal_refreshes(server),
            melon: believed(Melon::at(at).check(&self.melon).status),
            goscrobble_refresh: self.goscrobble_refreshes(server),
        }
    }

    /// As [`Everywhere::believed`] once it is as expected. What another process did takes a moment to be
    /// known to the server.
    #[track_caller]
    pub(crate) fn await_believed(&mut self, server: &TesseraProcess, expected: Believed) {
        eventually(&format!("{expected:?}"), || self.believed(server) == expected);
    }

    fn wolfpal_refreshes(&mut self, server: &TesseraProcess) -> bool {
        let refreshed = WolfPal::at(server.address()).try_refresh(&self.wolfpal.refresh);
        let refreshes = believed(refreshed.status);
        if refreshes {
            self.wolfpal = Tokens::of(refreshed);
        }
        refreshes
    }

    fn goscrobble_refreshes(&mut self, server: &TesseraProcess) -> bool {
        let refreshed = GoScrobble::at(server.address()).try_refresh(&self.goscrobble.refresh);
        if refreshed.text() == r#"{"error":"Invalid refresh token"}"# {
            return false;
        }
        self.goscrobble = GoScrobbleTokens::of(refreshed);
        true
    }
}

/// Whether WolfPal believes an access token.
#[track_caller]
pub(crate) fn wolfpal_believes(server: &TesseraProcess, access: &str) -> bool {
    WolfPal::at(server.address()).believes(access)
}

#[track_caller]
fn believed(status: u16) -> bool {
    assert!(matches!(status, 200 | 401), "HTTP {status}");
    status == 200
}
