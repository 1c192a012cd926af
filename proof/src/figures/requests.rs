//! S14: what is answered to requests that follow from the OpenAPI document.

use std::fs;
use std::path::Path;
use std::process::Command;

use defects::Defect;
use harness::actors::Argon;
use harness::people::PASSWORD;
use harness::process::TesseraProcess;
use serde::Deserialize;

use crate::Problem;
use crate::cast::administrator;
use crate::figure::{BOTH, Control, Counted, Figure, Outcome, SQLITE};
use crate::stage::Stage;

pub(crate) const FIGURE: Figure = Figure {
    id: "S14",
    title: "requests made from the OpenAPI document",
    goal: "answers of 500 and above 0; statuses and bodies that the document does not have 0; operations that it \
           protects and that answer without a token, or with a wrong one, 0",
    about: "Schemathesis reads the document that the server serves and makes requests of it for every operation, as \
            the document has them and otherwise: as nobody, as a user and as an administrator, each request of \
            the latter two with the token of a new account at the operation's contract. In full runs also with every \
            value at the edges of what the document allows. The requests are the same in every run.",
    trials: "requests",
    small: 306,
    full: 15_000,
    engines: BOTH,
    run,
    controls: &[
        Control { defect: Defect::AnybodyAsks, engines: SQLITE, within: 306 },
        Control { defect: Defect::TextCutInLetters, engines: SQLITE, within: 918 },
    ],
};

/// Whoever may most comes first: a mistake is noticed soonest there.
const ROLES: [&str; 3] = ["administrator", "user", "nobody"];
/// About as many as the document has.
const OPERATIONS: usize = 102;
/// From so many requests for an operation on, edges are tried as well.
const WITH_EDGES: usize = 10;

/// Where ./test installs it.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/schemathesis/bin/schemathesis");

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    if !Path::new(PROGRAM).exists() {
        return Ok(Outcome::NotHere("schemathesis is not installed, ./test does that".to_owned()));
    }
    let options = stage.options().env("TESSERA_MOUNTS__WOLFPAL__REQUIRE_CONFIRMED_EMAIL", "false");
    let server = TesseraProcess::start(options);
    let boss = administrator(&server)?;
    let boss = Argon::at(server.address()).sign_in(&boss, PASSWORD);
    let mut counted = Counted::default();
    let each = (stage.trials / ROLES.len() / OPERATIONS).max(1);
    for role in ROLES {
        if !stage.goes_on(counted.failures) {
            break;
        }
        let report = asked(&server, role, &boss, each)?;
        counted.trials += report.test_cases.generated;
        counted.broken(report.broken(role));
    }
    Ok(Outcome::Counted(counted))
}

/// Asks every operation so many times.
fn asked(server: &TesseraProcess, role: &str, boss: &str, each: usize) -> Result<Report, Problem> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("callers.py"), include_str!("requests/callers.py"))?;
    let place = format!("http://{}", server.address());
    let phases = if each < WITH_EDGES { "fuzzing" } else { "coverage,fuzzing" };
    let mut command = Command::new(PROGRAM);
    command.args(["run", &format!("{place}/openapi.json"), "--url", &place, "--phases", phases]);
    command.args(["--checks", "not_a_server_error,status_code_conformance,ignored_auth,shape"]);
    command.args([
        "--max-examples",
        &each.to_string(),
        "--seed",
        "14",
        "--no-shrink",
        "--continue-on-failure",
    ]);
    command.args(["--max-redirects", "0", "--suppress-health-check", "all", "--warnings", "off"]);
    command.args(["--report", "json", "--report-json-path", "report.json"]);
    command.env("SCHEMATHESIS_HOOKS", "callers").env("PYTHONPATH", folder.path());
    command.env("ASK_PLACE", &place).env("ASK_ROLE", role).env("ASK_BOSS", boss);
    let output = command.current_dir(folder.path()).output()?;
    let said = || String::from_utf8_lossy(&output.stdout).into_owned();
    let written = fs::read(folder.path().join("report.json")).map_err(|_| said())?;
    Ok(serde_json::from_slice(&written)?)
}

/// What schemathesis writes down, as far as it matters here.
#[derive(Deserialize)]
struct Report {
    complete: bool,
    test_cases: Made,
    failures: Vec<Failed>,
    errors: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Made {
    generated: u64,
}

#[derive(Deserialize)]
struct Failed {
    title: String,
    operations: Vec<String>,
}

impl Report {
    fn broken(self, role: &str) -> Vec<String> {
        let mut broken = Vec::new();
        for Failed { title, operations } in self.failures {
            broken.extend(operations.into_iter().map(|operation| format!("{role}: {operation}: {title}")));
        }
        broken.extend(self.errors.iter().map(|error| format!("{role}: could not be asked: {error}")));
        if !self.complete {
            broken.push(format!("{role}: it broke off"));
        }
        broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_reported_counts() {
        let report = |text: &str| serde_json::from_str::<Report>(text).unwrap().broken("user");
        let with = |failures: &str, errors: &str, complete: bool| {
            report(&format!(
                r#"{{"complete":{complete},"test_cases":{{"generated":1}},"failures":[{failures}],"errors":[{errors}]}}"#
            ))
        };
        assert_eq!(with("", "", true), [""; 0]);
        assert_eq!(with(r#"{"title":"T","operations":["A","B"]}"#, "", true), ["user: A: T", "user: B: T"]);
        assert_eq!(with("", "{}", true).len(), 1);
        assert_eq!(with("", "", false), ["user: it broke off"]);
    }
}
