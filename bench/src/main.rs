//! Measures Tessera against what the same work costs without it, and writes down what came out.
//!
//! `bench all` measures everything, `bench quick` a little of almost everything, `bench NAME...` single
//! scenarios; `bench report` makes docs/performance.md of the results that are kept. Subject and floor are
//! measured in turn, in the same minutes, by the same client: the ratio of their medians is what counts, on a
//! machine that nobody else uses.
//!
//! To add a scenario: a file in `scenarios/`, a line in [`scenarios::ALL`].

mod bare;
mod client;
mod context;
mod floor;
mod peers;
mod report;
mod results;
mod say;
mod scenarios;
mod stats;
mod stock;
mod subject;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use context::{Context, Scale};
use harness::cargo::{Profile, build};
use harness::machine::{self, Machine, Watch};
use results::Outcome;
use scenarios::Scenario;

/// As the server's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Anything that keeps a measurement from being made.
pub(crate) type Problem = Box<dyn std::error::Error>;

/// Measures Tessera against what the same work costs without it.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Line {
    /// `all`, `quick`, `report`, `peers`, or names of scenarios
    #[arg(required = true)]
    what: Vec<String>,
    /// The server to measure; without it, the release binary is built
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// Measure the named scenarios as `quick` does
    #[arg(long)]
    quick: bool,
    /// The date to write into the results [default: today's]
    #[arg(long)]
    date: Option<String>,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say::failed(&*problem);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Problem> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, file] = &arguments[..]
        && mode == "floor"
    {
        return floor::serve(Path::new(file));
    }
    let line = Line::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned();
    match &line.what[..] {
        [one] if one == "report" => report::write(&root),
        [one] if one == "peers" => peers::run(&root),
        what => {
            let (chosen, scale) = chosen(what, line.quick)?;
            // Databases are measured on the disk that the sources are on: a folder for temporary files may
            // be in memory, where syncing costs nothing.
            let scratch = root.join("target/bench/scratch");
            std::fs::create_dir_all(&scratch)?;
            tempfile::env::override_temp_dir(&scratch).map_err(|_| "the folder was set before")?;
            let binary = match &line.binary {
                Some(path) => std::path::absolute(path)?,
                None => build(&root, Profile::Release, "tessera", &[])?,
            };
            // What is measured is kept in the same folder, which then differs.
            let commit = machine::commit(&root);
            let context = Context::new(binary, root, scale);
            let date = line.date.unwrap_or_else(machine::today);
            let failed: Vec<&str> = chosen
                .into_iter()
                .filter(|scenario| {
                    // The others are measured all the same.
                    let measured = measure(scenario, &context, &commit, &date);
                    measured.inspect_err(|problem| say::failed(&**problem)).is_err()
                })
                .map(|scenario| scenario.name)
                .collect();
            if failed.is_empty() {
                Ok(())
            } else {
                Err(format!("not measured: {}", failed.join(", ")).into())
            }
        }
    }
}

/// The scenarios of these names, and how much of them is measured.
fn chosen(what: &[String], quick: bool) -> Result<(Vec<&'static Scenario>, Scale), Problem> {
    let all = scenarios::ALL.iter();
    Ok(match what {
        [one] if one == "all" => (all.collect(), Scale::Full),
        [one] if one == "quick" => (all.filter(|scenario| !scenario.long).collect(), Scale::Quick),
        names => {
            let named = |name: &String| {
                let found = scenarios::ALL.iter().find(|scenario| scenario.name == name);
                let known = || scenarios::ALL.map(|scenario| scenario.name).join(", ");
                found.ok_or_else(|| format!("there is no scenario {name}, only {}", known()).into())
            };
            let scale = if quick { Scale::Quick } else { Scale::Full };
            (names.iter().map(named).collect::<Result<_, Problem>>()?, scale)
        }
    })
}

fn measure(scenario: &Scenario, context: &Context, commit: &str, date: &str) -> Result<(), Problem> {
    let machine = Machine::here();
    say::line(format_args!("{} (load average {})", scenario.name, machine.load));
    let watch = Watch::now();
    let comparisons = (scenario.run)(context).map_err(|problem| format!("{}: {problem}", scenario.name))?;
    let others = watch.others();
    say::line(format_args!("  others used {:.0} % of the processors", others * 100.0));
    comparisons.iter().for_each(|comparison| say::comparison(comparison, others));
    if let Some(broken) = comparisons.iter().find(|comparison| !comparison.is_sound()) {
        return Err(format!("{}: {}: not every sample is a number", scenario.name, broken.name).into());
    }
    let before = match scenario.followed {
        true => Outcome::load(&context.results(), scenario.name)?,
        false => None,
    };
    let mut outcome = Outcome {
        scenario: scenario.name.to_owned(),
        about: scenario.about.to_owned(),
        machine,
        commit: commit.to_owned(),
        date: date.to_owned(),
        command: format!("cargo run -p bench --release -- {}", scenario.name),
        quick: context.scale == Scale::Quick,
        others,
        comparisons,
        history: before.map(|before| before.history).unwrap_or_default(),
    };
    if scenario.followed {
        outcome.history.push(outcome.past());
    }
    let path = outcome.save(&context.results())?;
    say::line(format_args!("  kept in {}", path.display()));
    Ok(())
}
