//! From nothing to the first answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use harness::machine;

use super::thousands;
use crate::Problem;
use crate::context::Context;
use crate::results::{Comparison, Goal};
use crate::subject::{Hashing, MASTER};

/// What stands before the address in the line that says where the server listens.
const LISTENING: &str = "listening on http://";
/// Any request: it is answered 401 without a token.
const REQUEST: &[u8] = b"GET /auth/check HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let binary = &context.binary;
    let many = context.stock(context.pick(10_000, 1_000_000), Hashing::Cheap)?;
    let none = tempfile::tempdir()?;
    first_answer(binary, none.path(), None)?;
    let data = tempfile::tempdir()?;
    first_answer(binary, data.path(), Some(&many.file()))?;
    let [version, new, empty, full] = context.in_turn([
        &mut || {
            let began = Instant::now();
            machine::said(Command::new(binary).arg("--version"));
            Ok(began.elapsed().as_secs_f64() * 1e3)
        },
        &mut || first_answer(binary, tempfile::tempdir()?.path(), None),
        &mut || first_answer(binary, none.path(), None),
        &mut || first_answer(binary, data.path(), Some(&many.file())),
    ])?;
    Ok(vec![
        Comparison::alone("first start, which makes the database and its keys", "ms", new)
            .beside("tessera --version", version.clone()),
        Comparison::alone("start without accounts", "ms", empty.clone())
            .beside("tessera --version", version)
            .aiming(Goal::MoreAtMost(50.0)),
        Comparison::alone(format!("start with {} accounts", thousands(many.accounts)), "ms", full)
            .beside("start without accounts", empty)
            .aiming(Goal::MoreAtMost(10.0)),
    ])
}

/// Milliseconds from starting a server on a data folder to its first answer.
fn first_answer(binary: &Path, data: &Path, database: Option<&Path>) -> Result<f64, Problem> {
    let mut command = Command::new(binary);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    command.env("TESSERA_OPS__LISTEN", "off").env("TESSERA_MASTER_SECRET", MASTER);
    if let Some(database) = database {
        command.arg("--database").arg(format!("sqlite:{}", database.display()));
    }
    let began = Instant::now();
    let mut child = command
        .current_dir(data)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let answered = child.stdout.take().ok_or("no output").map_err(Problem::from).and_then(|stdout| {
        let mut lines = BufReader::new(stdout).lines();
        let address = lines.find_map(|line| line.ok()?.strip_prefix(LISTENING).map(str::to_owned));
        let mut stream = TcpStream::connect(address.ok_or("the server did not start")?)?;
        stream.write_all(REQUEST)?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        let took = began.elapsed().as_secs_f64() * 1e3;
        if answer.ends_with(b"401") { Ok(took) } else { Err("not the answer that was expected".into()) }
    });
    // An error means that it has ended already.
    _ = child.kill();
    _ = child.wait();
    answered
}
