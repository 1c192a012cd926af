//! Bringing accounts.

use std::time::Instant;

use harness::process::TesseraProcess;

use super::thousands;
use crate::context::Context;
use crate::results::{Comparison, Goal};
use crate::stats::as_f64;
use crate::stock::write_lines;
use crate::subject::{self, Hashing};
use crate::{Problem, bare};

/// Accounts in a large transaction, and in one of the import's.
const LARGE: usize = 50_000;
const SMALL: usize = 1_000;

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let accounts = context.pick(50_000, 200_000);
    let stored = Hashing::Production.stored()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("accounts.jsonl");
    write_lines(&file, accounts, &stored)?;
    let import = || -> Result<f64, Problem> {
        let server = empty(context);
        let began = Instant::now();
        let output = server.cli(&["account", "import", &file.display().to_string()], "");
        let took = began.elapsed();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(as_f64(accounts) / took.as_secs_f64())
    };
    let bare = |together| -> Result<f64, Problem> {
        let server = empty(context);
        bare::insertions(&bare::open(&server.data().join("tessera.db"))?, accounts, together, &stored)
    };
    let [ours, large, small] =
        context.in_turn([&mut || import(), &mut || bare(LARGE), &mut || bare(SMALL)])?;
    Ok(vec![
        Comparison::alone(
            format!("import of {} accounts, the command's start included", thousands(accounts)),
            "per second",
            ours.clone(),
        )
        .beside(format!("prepared insertions on bare rusqlite, {} a transaction", thousands(LARGE)), large)
        .aiming(Goal::TimesAtLeast(0.5)),
        Comparison::alone("the same import", "per second", ours).beside(
            format!("prepared insertions, {} a transaction as the import has", thousands(SMALL)),
            small,
        ),
    ])
}

/// An installation without accounts, and without a server.
fn empty(context: &Context) -> TesseraProcess {
    let mut server = TesseraProcess::start(subject::options(&context.binary, Hashing::Production));
    server.stop();
    server
}
