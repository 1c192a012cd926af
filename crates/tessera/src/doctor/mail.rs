//! Whether mail leaves the house.

use accounts::Examined;
use config::{Security, Settings};
use mail::Transport;
use model::{Span, Timestamp};

use super::{Finding, is_local};
use crate::transport;

/// Mail that waits longer does not wait for a moment's trouble.
const LONG: Span = Span::minutes(30);

/// Connects to the mail server and signs in; sends nothing.
pub(super) async fn transport(settings: &Settings) -> Vec<Finding> {
    const CHECK: &str = "mail server";
    let Some(smtp) = &settings.mail.smtp else {
        let seen = format!("none: mail is written to {}", transport::place(settings));
        return vec![if is_local(settings) {
            Finding::ok(CHECK, seen)
        } else {
            Finding::warning(CHECK, seen, "nobody gets it: set [mail.smtp]")
        }];
    };
    let name = format!("{}:{}", smtp.host, smtp.port());
    let mut findings = Vec::new();
    let reached = match transport::of(settings) {
        Ok(Transport::Smtp(transport)) => transport.check().await.map_err(|failed| failed.reason),
        Ok(_) => Ok(()),
        Err(problem) => Err(problem.to_string()),
    };
    findings.push(match reached {
        Ok(()) => Finding::ok(CHECK, format!("{name} takes mail")),
        Err(why) => Finding::fault(
            CHECK,
            format!("{name}: {why}"),
            "mend [mail.smtp]: mail is owed until then, and sent when it works again",
        ),
    });
    let here = ["localhost", "127.0.0.1", "::1"].contains(&smtp.host.as_str());
    if smtp.security == Security::None && !here {
        let seen = format!(
            "{name} is spoken to without TLS: links that open accounts cross the network in the clear"
        );
        findings.push(Finding::fault("mail security", seen, "set mail.smtp.security to starttls or tls"));
    }
    if settings.mail.from.ends_with("localhost.localdomain") {
        let seen = format!("mail is from {}, which no server takes", settings.mail.from);
        findings.push(Finding::warning("mail.from", seen, "set mail.from to an address of your own"));
    }
    findings
}

/// Mail that got stuck.
pub(super) fn outbox(examined: &Examined, now: Timestamp) -> Vec<Finding> {
    const CHECK: &str = "outbox";
    let mut findings = Vec::new();
    if let Some(since) = examined.mail_owed_since.filter(|since| *since + LONG < now) {
        let why = match examined.mail_error.as_str() {
            "" => "nobody has tried to send it: does a server run?",
            error => error,
        };
        let seen = format!("mail waits since {}: {why}", since.rfc3339());
        findings.push(Finding::warning(CHECK, seen, "see `tessera mail list`, and mend what it says"));
    }
    if examined.mails_given_up > 0 {
        let seen = format!("{} mails were given up within a day", examined.mails_given_up);
        findings.push(Finding::warning(
            CHECK,
            seen,
            "see `tessera mail list`; `tessera mail retry ID` tries again",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "nothing is stuck"));
    }
    findings
}
