//! `tessera doctor` and `tessera health`.

use config::{Layers, Settings};
use serde_json::json;

use crate::compose::Problem;
use crate::doctor::{self, Verdict};
use crate::health;
use crate::output::{self, Colour};

/// Says what is wrong; an error if anything is.
pub(super) async fn run(layers: &Layers, json: bool) -> Result<(), Problem> {
    let findings = doctor::examine(layers).await;
    let worst = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok);
    if json {
        let checks: Vec<_> = findings.iter().map(doctor::Finding::json).collect();
        output::json(&json!({ "verdict": worst.word(), "checks": checks }))?;
    } else {
        for finding in &findings {
            let colour = match finding.verdict {
                Verdict::Ok => Colour::Green,
                Verdict::Warning => Colour::Yellow,
                Verdict::Fault => Colour::Red,
            };
            let word = output::coloured(&format!("{:<8}", finding.verdict.word()), colour);
            output::line(format_args!("{word} {}: {}", finding.check, finding.seen))?;
            if !finding.advice.is_empty() {
                output::line(format_args!("         {}", finding.advice))?;
            }
        }
    }
    match findings.iter().filter(|finding| finding.verdict == Verdict::Fault).count() {
        0 => Ok(()),
        1 => Err("1 fault was found".into()),
        count => Err(format!("{count} faults were found").into()),
    }
}

/// Asks the running server; an error if it is not ready.
pub(super) async fn health(settings: &Settings, json: bool) -> Result<(), Problem> {
    let address = health::address(settings)
        .ok_or("ops.listen is off or takes any port, so there is nobody to ask: set it to an address")?;
    health::ask(address).await.map_err(|unhealthy| format!("{address}: {unhealthy}"))?;
    if json {
        return output::json(&json!({ "ready": true }));
    }
    output::line("ready")
}
