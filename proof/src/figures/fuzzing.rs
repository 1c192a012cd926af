//! S15: everything that reads bytes of strangers, under a fuzzer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use defects::Defect;

use crate::figure::{Control, Counted, Figure, Measure, NO_ENGINE, Outcome};
use crate::stage::Stage;
use crate::{Problem, workspace};

/// How long each target is fuzzed in a full run, in seconds, and in search of a mistake.
const SECONDS: usize = 60;
const SECONDS_FOR_A_MISTAKE: usize = 20;

pub(crate) const FIGURE: Figure = Figure {
    id: "S15",
    title: "bytes of strangers",
    goal: "inputs that a parser does not end at, panics at, or takes for what they are not 0; hashes of Argon2id that \
           another implementation computes otherwise 0",
    about: "libFuzzer, led by the branches that inputs take, drives each parser of fuzz/src/parsers.rs and the kernels \
            of Argon2id for 60 seconds, from the seeds in fuzz/seeds on. In full runs only: in each run of the tests the \
            same parsers are driven over the seeds, thousands of changes of them, and noise (crates/tessera/tests/\
            parsers.rs). Sanitizers are off: only Argon2id has unsafe code.",
    trials: "inputs",
    small: 0,
    full: SECONDS,
    engines: NO_ENGINE,
    run,
    controls: &[Control { defect: Defect::NamesTwice, engines: NO_ENGINE, within: SECONDS_FOR_A_MISTAKE }],
};

/// The parser in which the mistake is.
const MISTAKEN: &str = "json_body";

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    if stage.trials == 0 {
        return Ok(Outcome::NotHere("it takes a full run".to_owned()));
    }
    let root = workspace();
    if !Command::new("cargo").args(["fuzz", "--version"]).output()?.status.success() {
        return Ok(Outcome::NotHere("cargo-fuzz is not installed (cargo install cargo-fuzz)".to_owned()));
    }
    let built = build(&root, stage)?;
    let mut parsers = fs::read_dir(root.join("fuzz/seeds"))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>, Problem>>()?;
    parsers.retain(|parser| !stage.is_control() || parser == MISTAKEN);
    parsers.sort_unstable();
    let mut counted = Counted::default();
    for parser in &parsers {
        let seeds = root.join("fuzz/seeds").join(parser);
        note(&mut counted, parser, &fuzz(&built.join("parsers"), parser, Some(&seeds), stage)?);
    }
    if !stage.is_control() {
        note(&mut counted, "argon2id", &fuzz(&built.join("argon2id"), "argon2id", None, stage)?);
    }
    Ok(Outcome::Counted(counted))
}

/// Builds the targets; the folder that they are in.
fn build(root: &Path, stage: &Stage) -> Result<PathBuf, Problem> {
    let target = root.join("target/fuzz");
    let mut command = Command::new("cargo");
    command.current_dir(root).args(["fuzz", "build", "--sanitizer", "none", "--target-dir"]).arg(&target);
    if stage.is_control() {
        command.args(["--features", "seeded"]);
    }
    if !command.status()?.success() {
        return Err("the targets could not be built".into());
    }
    let host = String::from_utf8(Command::new("rustc").arg("-vV").output()?.stdout)?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    Ok(target.join(host).join("release"))
}

/// Fuzzes one target for as many seconds as there are trials.
fn fuzz(program: &Path, name: &str, seeds: Option<&Path>, stage: &Stage) -> Result<Output, Problem> {
    // What it found before is not looked at again: every run begins with the seeds.
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(program);
    command.env("PARSER", name).arg(folder.path()).args(seeds);
    if let Some(defect) = stage.defect {
        command.env(defects::VARIABLE, defect.name());
    }
    command.arg(format!("-max_total_time={}", stage.trials)).arg("-print_final_stats=1");
    command.arg(format!("-artifact_prefix={}/", folder.path().display()));
    Ok(command.output()?)
}

/// Counts what a target did, and what it did not bear.
fn note(counted: &mut Counted, name: &str, output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    let inputs = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let inputs: u32 = inputs.and_then(|number| number.trim().parse().ok()).unwrap_or_default();
    counted.trials += u64::from(inputs);
    counted.measures.push(Measure::of(name, f64::from(inputs), "inputs"));
    if !output.status.success() || inputs == 0 {
        let panic = said.lines().skip_while(|line| !line.contains("panicked at")).take(2);
        let panic = panic.collect::<Vec<_>>().join(" ");
        let last = said.lines().last().unwrap_or_default();
        counted.broken(vec![format!("{name}: {}", if panic.is_empty() { last } else { &panic })]);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn noted(code: i32, said: &str) -> Counted {
        let mut counted = Counted::default();
        let status = ExitStatus::from_raw(code << 8);
        note(&mut counted, "token", &Output { status, stdout: Vec::new(), stderr: said.as_bytes().to_vec() });
        counted
    }

    #[test]
    fn what_a_fuzzer_says_is_counted() {
        let good =
            noted(0, "INFO: seed\nstat::number_of_executed_units: 1200\nstat::average_exec_per_sec: 20\n");
        assert_eq!((good.trials, good.failures), (1200, 0));
        let bad = noted(
            77,
            "thread 'main' panicked at src/x.rs:1:2:\na forged token\nstat::number_of_executed_units: 9\n",
        );
        assert_eq!((bad.trials, bad.failures), (9, 1));
        assert!(bad.examples[0].ends_with("a forged token"), "{:?}", bad.examples);
        assert_eq!(noted(0, "nothing was run").failures, 1, "what did not run bears nothing");
    }
}
