//! Servers of one stage, and people on them.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use harness::actors::{GoScrobble, Tokens, WolfPal};
use harness::engine::Engine;
use harness::http::{Answer, Request};
use harness::mailbox;
use harness::people::{PASSWORD, address_of, unique};
use harness::process::{Options, TesseraProcess};
use harness::server::Server;
use serde_json::{Value, json};

use crate::Problem;
use crate::stage::Stage;

/// What servers of one installation derive their keys from.
const MASTER: &str = "5d4c3b2a19081716253443526170897a5d4c3b2a19081716253443526170897a";

/// How long what happens by itself may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A server that has not written again by then will not.
const LIVENESS: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);

/// The servers of a stage: one on a file, two on a database that can be shared.
pub(crate) fn fleet(stage: &Stage, settings: impl Fn(Options) -> Options) -> Vec<TesseraProcess> {
    let url = stage.fresh_url();
    let count = match stage.engine {
        Engine::Sqlite => 1,
        Engine::Postgres => 2,
    };
    let options = || settings(stage.options_on(&url).env("TESSERA_MASTER_SECRET", MASTER));
    (0..count).map(|_| TesseraProcess::start(options())).collect()
}

/// Where they listen.
pub(crate) fn addresses(fleet: &[TesseraProcess]) -> Vec<SocketAddr> {
    fleet.iter().map(TesseraProcess::address).collect()
}

/// A new account whose address is confirmed; its name.
pub(crate) fn account(server: &TesseraProcess) -> Result<String, Problem> {
    let name = unique("person");
    let email = address_of(&name);
    let arguments = ["account", "create", "--username", &name, "--email", &email, "--confirmed"];
    command(server, &arguments, &format!("{PASSWORD}\n"))?;
    Ok(name)
}

/// A new administrator; its name.
pub(crate) fn administrator(server: &TesseraProcess) -> Result<String, Problem> {
    let name = unique("boss");
    let arguments = ["account", "create", "--username", &name, "--permission", "admin"];
    command(server, &arguments, &format!("{PASSWORD}\n"))?;
    Ok(name)
}

/// What a command that must succeed prints.
pub(crate) fn command(server: &TesseraProcess, arguments: &[&str], stdin: &str) -> Result<String, Problem> {
    let output = server.cli(arguments, stdin);
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("tessera {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// The id of an account.
pub(crate) fn id_of(server: &TesseraProcess, name: &str) -> Result<String, Problem> {
    let shown: Value = serde_json::from_str(&command(server, &["account", "show", name, "--json"], "")?)?;
    Ok(shown["id"].as_str().unwrap_or_default().to_owned())
}

/// The events of an account, as the command line lists them.
pub(crate) fn events(server: &TesseraProcess, name: &str) -> Result<Vec<Value>, Problem> {
    let printed = command(server, &["event", "list", "--account", name, "--limit", "1000000", "--json"], "")?;
    Ok(serde_json::from_str(&printed)?)
}

/// A session of that account.
pub(crate) fn session(server: &TesseraProcess, name: &str) -> Tokens {
    WolfPal::at(server.address()).sign_in(&address_of(name), PASSWORD)
}

/// The newest mail about a subject, once it has come. On PostgreSQL either server may have sent it.
pub(crate) fn arrived(fleet: &[TesseraProcess], address: &str, subject: &str) -> Result<String, Problem> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let mut mails = fleet.iter().filter_map(|server| server.newest_mail(address, subject));
        if let Some(mail) = mails.next() {
            return Ok(mail);
        }
        thread::sleep(PAUSE);
    }
    Err(format!("no mail about {subject} came to {address}").into())
}

/// The token in that mail.
pub(crate) fn mailed(fleet: &[TesseraProcess], address: &str, subject: &str) -> Result<String, Problem> {
    let mail = arrived(fleet, address, subject)?;
    let token = mailbox::link_token(&mail).ok_or_else(|| format!("no link in the mail about {subject}"))?;
    Ok(token.to_owned())
}

/// A reset token that was mailed.
pub(crate) fn reset_token(fleet: &[TesseraProcess], name: &str) -> Result<String, Problem> {
    let address = address_of(name);
    let Some(first) = fleet.first() else { return Err("there is no server".into()) };
    let _ = GoScrobble::at(first.address()).send_reset(&address).expect_status(200);
    mailed(fleet, &address, "reset")
}

/// Tries to register somebody new: the name, and what was answered.
pub(crate) fn newcomer(wolfpal: &mut WolfPal) -> (String, Answer) {
    let name = unique("newcomer");
    let answer = wolfpal.register(&name, &address_of(&name), PASSWORD);
    (name, answer)
}

/// Registers somebody as soon as anything can be written again: the name, and how long that took. Nobody if it is
/// for ever.
pub(crate) fn until_written(server: &TesseraProcess) -> Option<(String, Duration)> {
    let began = Instant::now();
    let mut wolfpal = WolfPal::at(server.address());
    while began.elapsed() < LIVENESS {
        let (name, answer) = newcomer(&mut wolfpal);
        if answer.status == 201 {
            return Some((name, began.elapsed()));
        }
        thread::sleep(PAUSE);
    }
    None
}

/// WolfPal's refresh.
pub(crate) fn refresh(token: &str) -> Request {
    Request::new("POST", "/api/auth/refresh").json(&json!({ "refresh_token": token }))
}

/// A complaint unless the answer has that status.
pub(crate) fn unless(status: u16, answer: &Answer, what: &str) -> Option<String> {
    (answer.status != status).then(|| format!("{what}: {answer}"))
}
