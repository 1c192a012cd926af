//! Holds the real binary to what it promises, one figure after the other, and writes down what came out.
//!
//! `proof small` tries every figure on a small sample, `proof full` on a large one, `proof ID...` single figures;
//! `proof report` makes docs/proof.md of the results that are kept. Each figure also runs against servers with a
//! mistake made on purpose (see the crate `defects`), and has failed if it does not notice.
//!
//! To add a figure: a file in `figures/`, a line in [`figures::ALL`].

mod beside;
mod cast;
mod clock;
mod compare;
mod disk;
mod figure;
mod figures;
mod flows;
mod pace;
mod post;
mod race;
mod report;
mod results;
mod rounds;
mod run;
mod say;
mod search;
mod sqlite;
mod stage;
mod stats;
mod strace;
mod tested;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use figure::{Figure, Size};
use run::{Program, Verdict};

/// Anything that keeps a figure from being tried.
pub(crate) type Problem = Box<dyn std::error::Error>;

/// Holds Tessera to what it promises, and shows that it would notice.
#[derive(Debug, Parser)]
#[command(name = "proof")]
struct Line {
    /// `small`, `full`, `report`, or the ids of figures
    #[arg(required = true)]
    what: Vec<String>,
    /// Try the named figures on the small sample
    #[arg(long)]
    small: bool,
    /// Leave PostgreSQL out
    #[arg(long)]
    sqlite: bool,
    /// Keep no results
    #[arg(long)]
    forget: bool,
    /// The server to try; without it, one is built
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// The server that can have mistakes; without it, one is built
    #[arg(long, value_name = "PATH")]
    defects: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            say::failed(&*problem);
            ExitCode::FAILURE
        }
    }
}

/// The folder that the sources are in.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// Answers whether every figure that was tried has passed.
fn run() -> Result<bool, Problem> {
    let line = Line::parse();
    let root = workspace();
    if line.what == ["report"] {
        report::write(&root)?;
        return Ok(true);
    }
    let (chosen, size) = chosen(&line)?;
    // What panics is told as the failure of its figure.
    std::panic::set_hook(Box::new(|_| ()));
    // On the disk that the sources are on: a folder for temporary files may be in memory.
    let scratch = root.join("target/proof");
    std::fs::create_dir_all(&scratch)?;
    tempfile::env::override_temp_dir(&scratch).map_err(|_| "the folder was set before")?;
    let program = Program::of(&root, line.binary.as_deref(), line.defects.as_deref(), line.sqlite)?;
    let mut count = [0_usize; 3];
    for figure in chosen {
        let (entry, verdict) = run::run(figure, &program, size);
        match verdict {
            Verdict::Passed => count[0] += 1,
            Verdict::Failed => count[1] += 1,
            Verdict::NotHere => count[2] += 1,
        }
        say::entry(figure, &entry, verdict);
        if !line.forget && verdict != Verdict::NotHere {
            results::keep(&root, figure.id, size, entry)?;
        }
    }
    say::line(format_args!("proof: {} passed, {} failed, {} not run here", count[0], count[1], count[2]));
    Ok(count[1] == 0)
}

/// The figures that are asked for, and how large a sample of each.
fn chosen(line: &Line) -> Result<(Vec<&'static Figure>, Size), Problem> {
    let all = || figures::ALL.iter().copied();
    Ok(match &line.what[..] {
        [one] if one == "small" => (all().collect(), Size::Small),
        [one] if one == "full" => (all().collect(), Size::Full),
        ids => {
            let named = |id: &String| {
                let known = || all().map(|figure| figure.id).collect::<Vec<_>>().join(", ");
                let found = all().find(|figure| figure.id.eq_ignore_ascii_case(id));
                found.ok_or_else(|| Problem::from(format!("there is no figure {id}, only {}", known())))
            };
            let size = if line.small { Size::Small } else { Size::Full };
            (ids.iter().map(named).collect::<Result<_, _>>()?, size)
        }
    })
}
