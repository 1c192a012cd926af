//! Whether the database is sound, and what is in it fits the rest.

use accounts::{Examined, MasterRefused};
use config::Settings;
use crypto::SystemRandomness;
use db::{Database, DatabaseUrl, MigrateError};
use model::{Clock, Span, SystemClock, Timestamp};

use super::Finding;
use super::mail;
use crate::{compose, master};

const CHECK: &str = "database";
/// Clocks differ by so much without harm.
const APART: Span = Span::seconds(60);

pub(super) async fn checks(settings: &Settings) -> Vec<Finding> {
    let (url, options) = match (compose::database_url(settings), compose::database_options(settings)) {
        (Ok(url), Ok(options)) => (url, options),
        (Err(problem), _) | (_, Err(problem)) => {
            return vec![Finding::fault(CHECK, problem.to_string(), "mend the setting")];
        }
    };
    match Database::exists(&url, &options).await {
        Ok(true) => {}
        Ok(false) => {
            let seen = format!("there is no installation in {url}");
            let advice = "start the server once, or say --data, --database or --config as it is started";
            return vec![Finding::fault(CHECK, seen, advice)];
        }
        Err(fault) => return vec![unreachable(&url, &fault)],
    }
    let db = match Database::open(&url, options).await {
        Ok(db) => db,
        Err(fault) => return vec![unreachable(&url, &fault)],
    };
    let findings = opened(&url, &db, settings).await;
    db.close().await;
    findings
}

fn unreachable(url: &DatabaseUrl, fault: &db::Fault) -> Finding {
    let advice = match url.file() {
        Some(_) => {
            "see who owns the file and its folder; if it is damaged, stop the server and `tessera restore` a \
             backup"
        }
        None => {
            "see that the database server runs, and that the setting database names it, its user and password"
        }
    };
    Finding::fault(CHECK, format!("{url}: {fault}"), advice)
}

async fn opened(url: &DatabaseUrl, db: &Database, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    match db.missing(store::migrations::ALL).await {
        Ok(missing) if missing.is_empty() => {}
        Ok(_) => {
            let advice = "make a backup; the next start of the server brings it up to date";
            return vec![Finding::warning(
                CHECK,
                format!("{url} has the schema of an older version"),
                advice,
            )];
        }
        Err(MigrateError::Newer { .. }) => {
            let seen = format!("{url} has the schema of a newer version");
            return vec![Finding::fault(
                CHECK,
                seen,
                "run the newer program, or restore a backup from before it",
            )];
        }
        Err(error) => {
            let fault = db::Fault::broken(error.to_string());
            return vec![unreachable(url, &fault)];
        }
    }
    findings.push(sound(url));
    findings.extend(server_clock(db).await);
    let Ok((secret, _)) = master::existing(settings, &SystemRandomness) else { return findings };
    let now = SystemClock.now();
    match accounts::examine(db, &secret, now).await {
        Ok(examined) => findings.extend(contents(&examined, now)),
        Err(MasterRefused::Wrong) => {
            let seen = "it is not the one of this installation: nothing in its database opens";
            let advice = "bring back the right one, or say --data or --config as the server is started";
            findings.push(Finding::fault("master secret", seen, advice));
        }
        Err(error) => {
            let advice = "see the troubleshooting page of the guide";
            findings.push(Finding::fault(CHECK, error.to_string(), advice));
        }
    }
    findings
}

/// Whether the file is damaged. A server looks after its own files.
fn sound(url: &DatabaseUrl) -> Finding {
    let Some(path) = url.file() else { return Finding::ok(CHECK, format!("{url} answers")) };
    let advice =
        "stop the server and `tessera restore` the newest backup that is sound; keep the damaged file";
    match db::file::findings(path, false) {
        Ok(damage) => match damage.first() {
            None => Finding::ok(CHECK, format!("{url} is sound")),
            Some(first) => Finding::fault(CHECK, format!("{url} is damaged: {first}"), advice),
        },
        Err(fault) => Finding::fault(CHECK, format!("{url}: {fault}"), advice),
    }
}

async fn server_clock(db: &Database) -> Option<Finding> {
    let theirs = Timestamp(db.server_clock().await.ok().flatten()?);
    let apart = theirs - SystemClock.now();
    let seen =
        format!("this machine's and the database server's are {} s apart", (apart.0 / 1_000_000).abs());
    Some(if apart.0.abs() > APART.0 {
        Finding::warning("clock", seen, "set both by NTP: limits, codes and tokens go by this machine's")
    } else {
        Finding::ok("clock", seen)
    })
}

fn contents(examined: &Examined, now: Timestamp) -> Vec<Finding> {
    let mut findings = vec![keys(examined), clock(examined, now)];
    findings.extend(mail::outbox(examined, now));
    findings
}

fn keys(examined: &Examined) -> Finding {
    const CHECK: &str = "signing keys";
    if examined.closed_keys.is_empty() {
        return Finding::ok(CHECK, format!("they open; {} accounts", examined.accounts));
    }
    let seen = format!("these do not open: {}", examined.closed_keys.join(", "));
    Finding::fault(CHECK, seen, "they were damaged: restore a backup, or retire them (`tessera key retire`)")
}

/// Events from the future were written by a clock that was ahead, or this one is behind.
fn clock(examined: &Examined, now: Timestamp) -> Finding {
    const CHECK: &str = "clock";
    match examined.newest_event.filter(|newest| *newest > now + APART) {
        Some(newest) => {
            let seen = format!("it says {}, but something happened at {}", now.rfc3339(), newest.rfc3339());
            Finding::fault(CHECK, seen, "set this machine's clock by NTP: codes, tokens and limits go by it")
        }
        None => Finding::ok(CHECK, format!("it says {}", now.rfc3339())),
    }
}
