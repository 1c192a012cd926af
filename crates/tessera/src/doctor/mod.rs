//! Looks for what is wrong with an installation, beside a running server or without one, and changes nothing.
//!
//! Each check is a function that answers [`Finding`]s; [`examine`] is their order.

mod database;
mod files;
mod mail;
mod network;
mod settings;

use config::{Layers, Settings};
use serde_json::{Value, json};

/// How much something matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and may not be what is meant.
    Warning,
    /// It does not work, or is open to others.
    Fault,
}

impl Verdict {
    /// In a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

/// What one check saw.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// What was looked at.
    pub(crate) check: &'static str,
    /// How it stands.
    pub(crate) verdict: Verdict,
    /// What was seen.
    pub(crate) seen: String,
    /// What to do; empty if nothing.
    pub(crate) advice: String,
}

impl Finding {
    fn ok(check: &'static str, seen: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, seen: seen.into(), advice: String::new() }
    }

    fn warning(check: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Warning, seen: seen.into(), advice: advice.into() }
    }

    fn fault(check: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fault, ..Self::warning(check, seen, advice) }
    }

    /// As one value for programs.
    pub(crate) fn json(&self) -> Value {
        let Self { check, verdict, seen, advice } = self;
        json!({ "check": check, "verdict": verdict.word(), "seen": seen, "advice": advice })
    }
}

/// Every check, in the order in which one trouble follows from another.
pub(crate) async fn examine(layers: &Layers) -> Vec<Finding> {
    let settings = match config::load(layers) {
        Ok(settings) => settings,
        Err(error) => {
            let advice =
                "mend it; `tessera config reference` shows every setting, and nothing else was looked at";
            return vec![Finding::fault("settings", error.to_string(), advice)];
        }
    };
    let mut findings = settings::sound(&settings);
    findings.extend(network::checks(&settings));
    findings.extend(files::checks(&settings, layers));
    findings.extend(database::checks(&settings).await);
    findings.extend(mail::transport(&settings).await);
    findings.extend(network::running(&settings).await);
    findings
}

/// Whether the setting means this machine alone.
fn is_local(settings: &Settings) -> bool {
    let rest = settings.public_url.split("://").nth(1).unwrap_or_default();
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
