//! Other servers, measured the same way, where they are installed. This program installs none.
//!
//! A peer is a folder `bench/peers/NAME` with the programs `install FOLDER` and `start FOLDER`; the folder is
//! `target/peers/NAME`. Started, it prints `listening on http://127.0.0.1:PORT`. The file `requests.json` beside
//! them describes two requests, `{"sign_in": .., "check": ..}`, each `{"method", "target", "headers", "body"}`.
//! The text `TOKEN` in a check stands for what follows `"token":"` in the answer to a sign-in.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use harness::http::{Client, Request};
use serde::Deserialize;

use crate::client::{Answer, Rounds, closed};
use crate::results::{Comparison, Outcome};
use crate::{Problem, context, say, subject};
use harness::machine::{self, Machine, Usage, Watch};

/// The name of its results.
pub(crate) const NAME: &str = "peers";

const LISTENING: &str = "listening on http://";
const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(3);

#[derive(Deserialize)]
struct Requests {
    sign_in: Described,
    check: Described,
}

#[derive(Clone, Deserialize)]
struct Described {
    method: String,
    target: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
}

impl Described {
    fn request(&self, token: &str) -> Request {
        let filled = |text: &String| text.replace("TOKEN", token);
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), filled(value))).collect();
        Request {
            method: self.method.clone(),
            target: filled(&self.target),
            headers,
            body: filled(&self.body).into_bytes(),
        }
    }
}

/// A running peer; dropping it ends it.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        // An error means that it has ended already.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Measures every peer that is installed.
pub(crate) fn run(root: &Path) -> Result<(), Problem> {
    let mut known: Vec<_> = fs::read_dir(root.join("bench/peers"))?.collect::<Result<_, _>>()?;
    known.sort_by_key(fs::DirEntry::file_name);
    let machine = Machine::here();
    let watch = Watch::now();
    let mut comparisons = Vec::new();
    for entry in known {
        let name = entry.file_name().to_string_lossy().into_owned();
        let installed = root.join("target/peers").join(&name);
        if !installed.exists() {
            let install = entry.path().join("install");
            say::line(format_args!(
                "{name}: left out, `{} {}` installs it",
                install.display(),
                installed.display()
            ));
            continue;
        }
        say::line(&name);
        match measured(&name, &entry.path(), &installed) {
            Ok(found) => {
                found.iter().for_each(|comparison| say::comparison(comparison, watch.others()));
                comparisons.extend(found);
            }
            Err(problem) => say::line(format_args!("  left out: {problem}")),
        }
    }
    if comparisons.is_empty() {
        return Ok(());
    }
    let outcome = Outcome {
        scenario: NAME.to_owned(),
        about: "Other servers on the same machine, each as it was set up: checking a session over 32 connections, signing in 16 at once, resident memory afterwards.".to_owned(),
        machine,
        commit: machine::commit(root),
        date: harness::machine::today(),
        command: "cargo run -p bench --release -- peers".to_owned(),
        quick: false,
        others: watch.others(),
        comparisons,
        history: Vec::new(),
    };
    outcome.save(&context::results(root)).map(drop)
}

fn measured(name: &str, described: &Path, installed: &Path) -> Result<Vec<Comparison>, Problem> {
    let requests: Requests = serde_json::from_slice(&fs::read(described.join("requests.json"))?)?;
    let began = Instant::now();
    let child = Command::new(described.join("start"))
        .arg(installed)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut peer = Peer(child);
    let mut lines = BufReader::new(peer.0.stdout.take().ok_or("no output")?).lines();
    let address = lines.find_map(|line| line.ok()?.strip_prefix(LISTENING).map(str::to_owned));
    let address: SocketAddr = address.ok_or("it did not start")?.trim().parse()?;
    let started = began.elapsed().as_secs_f64() * 1e3;
    let answer = Client::new(address).send(&requests.sign_in.request(""))?;
    let token = Answer { status: answer.status, body: &answer.body };
    let token = token.quoted_after("\"token\":\"").ok_or_else(|| format!("signing in: {answer}"))?.to_owned();
    let per_second = |described: &Described, callers| -> Result<Vec<f64>, Problem> {
        let request = [subject::bytes(&described.request(&token))];
        let sample = |_| -> Result<f64, Problem> {
            let tally = closed::run(address, callers, Some(TIME), &mut Rounds::of(&request))?;
            Ok(tally.only(200)?.per_second(200))
        };
        (0..ROUNDS).map(sample).collect()
    };
    // Checks first: some slow down with every session there is.
    let checks = per_second(&requests.check, 32)?;
    let sign_ins = per_second(&requests.sign_in, 16)?;
    Ok(vec![
        Comparison::alone(format!("{name}: checks"), "per second", checks),
        Comparison::alone(format!("{name}: sign-ins"), "per second", sign_ins),
        Comparison::alone(format!("{name}: start"), "ms", vec![started]),
        Comparison::alone(format!("{name}: memory"), "MiB", vec![Usage::of(peer.0.id()).memory_mib]),
    ])
}
