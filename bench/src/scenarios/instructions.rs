//! Processor instructions for one request.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use harness::http::Request;
use harness::process::TesseraProcess;
use serde_json::json;

use super::check;
use super::refresh::Refreshes;
use crate::Problem;
use crate::client::{Rounds, Script, closed};
use crate::context::Context;
use crate::results::{Comparison, Outcome};
use crate::stats::as_f64;
use crate::stock::{Contract, sign_in, username};
use crate::subject::{self, Hashing, PASSWORD};

const NAME: &str = "instructions";
/// Sessions that are asked about in turn.
const SESSIONS: usize = 10;

/// What is asked for so many times, one request after the other.
#[derive(Clone, Copy)]
enum Asked {
    Check(Contract, &'static str),
    Refresh,
}

const ASKED: [(&str, Asked); 3] = [
    ("GET /api/auth/state, HS256", Asked::Check(Contract::Argon, "/api/auth/state")),
    ("GET /auth/check, HS256", Asked::Check(Contract::Melon, "/auth/check")),
    ("POST /api/v1/refresh", Asked::Refresh),
];

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let count = context.pick(300, 2_000);
    let before = Outcome::load(&context.results(), NAME)?.map(|outcome| outcome.history).unwrap_or_default();
    ASKED
        .into_iter()
        .map(|(name, asked)| {
            // All that is not asked for by number is the same in both runs and falls out.
            let more = counted(context, asked, 2 * count)?;
            let each = (more - counted(context, asked, count)?) / as_f64(count);
            let comparison = Comparison::alone(name, "instructions", vec![each]);
            let first = before.iter().find_map(|past| past.medians.get(name).map(|median| (past, *median)));
            Ok(match first {
                Some((past, median)) => comparison.beside(format!("at {}", past.commit), vec![median]),
                None => comparison,
            })
        })
        .collect()
}

/// Instructions of a whole life of the server with so many requests.
fn counted(context: &Context, asked: Asked, count: usize) -> Result<f64, Problem> {
    let folder = tempfile::tempdir()?;
    let (program, profile) = (folder.path().join("counted"), folder.path().join("callgrind.out"));
    write_program(&program, &profile, &context.binary)?;
    let mut server = TesseraProcess::start(subject::options(&program, Hashing::Cheap));
    for number in 0..SESSIONS {
        let body = json!({ "username": username(number), "password": PASSWORD });
        let answer = server.client().send(&Request::new("POST", "/api/auth/register").json(&body))?;
        if answer.status != 200 {
            return Err(format!("{answer}").into());
        }
    }
    let numbers: Vec<usize> = (0..SESSIONS).collect();
    match asked {
        Asked::Check(contract, path) => {
            let tokens = sign_in(&server, contract, &numbers)?;
            let requests: Vec<Vec<u8>> =
                tokens.iter().map(|token| subject::bytes(&check::request(path, token))).collect();
            ask(&server, count, Rounds::of(&requests))?;
        }
        Asked::Refresh => {
            let tokens = sign_in(&server, Contract::GoScrobble, &numbers)?;
            ask(&server, count, Refreshes::of(&tokens)?)?;
        }
    }
    server.stop();
    let text = fs::read_to_string(&profile).unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("totals:").or(line.strip_prefix("summary:")));
    let total = total.ok_or("callgrind counted nothing: is valgrind installed?")?;
    Ok(total.trim().parse()?)
}

/// Only so many requests, one after the other.
struct Counted<S> {
    left: usize,
    script: S,
}

impl<S: Script> Script for Counted<S> {
    fn request(&mut self, connection: usize, out: &mut Vec<u8>) -> bool {
        let more = self.left > 0 && self.script.request(connection, out);
        self.left = self.left.saturating_sub(1);
        more
    }

    fn answered(&mut self, connection: usize, answer: &crate::client::Answer<'_>) {
        self.script.answered(connection, answer);
    }
}

fn ask(server: &TesseraProcess, left: usize, script: impl Script) -> Result<(), Problem> {
    closed::run(server.address(), 1, None, &mut Counted { left, script })?.only(200).map(drop)
}

/// A program that is the binary, looked at by callgrind.
fn write_program(program: &Path, profile: &Path, binary: &Path) -> Result<(), Problem> {
    let text = format!(
        "#!/bin/sh\nexec valgrind --quiet --tool=callgrind --callgrind-out-file='{}' '{}' \"$@\"\n",
        profile.display(),
        binary.display()
    );
    fs::write(program, text)?;
    Ok(fs::set_permissions(program, fs::Permissions::from_mode(0o700))?)
}
