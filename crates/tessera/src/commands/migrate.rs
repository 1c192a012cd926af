//! `tessera migrate`.

use accounts::{Moved, Step, Transfer};
use config::Settings;
use crypto::SystemRandomness;
use db::{Database, DatabaseUrl};
use model::{Clock, Span, SystemClock, Timestamp};
use serde_json::json;

use crate::compose::{self, Problem};
use crate::master;
use crate::output::{self, Record};

/// Between two lines of progress.
const EVERY: Span = Span(200_000);

/// From where to where, as the command line says it.
pub(super) struct Way<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) dry_run: bool,
}

pub(super) async fn run(way: Way<'_>, settings: &Settings, json: bool) -> Result<(), Problem> {
    let url = |flag: &str, text: &str| {
        DatabaseUrl::parse(text).map_err(|error| Problem::from(format!("{flag}: {error}")))
    };
    let (from, to) = (url("--from", way.from)?, url("--to", way.to)?);
    if from == to {
        return Err("--from and --to name the same database".into());
    }
    let options = compose::database_options(settings)?;
    if !Database::exists(&from, &options).await? {
        return Err("--from: the source holds no installation".into());
    }
    let (secret, place) = master::existing(settings, &SystemRandomness)?;
    let source = Database::open(&from, options.clone()).await?;
    let transfer = Transfer { from: &source, master: &secret, clock: &SystemClock };
    let mut progress = Progress::new();
    let outcome = if way.dry_run {
        transfer.look(&mut |step| progress.show(step)).await
    } else {
        let target = Database::open(&to, options).await?;
        let outcome = transfer.run(&target, &mut |step| progress.show(step)).await;
        target.close().await;
        outcome
    };
    output::progress("");
    source.close().await;
    let moved = outcome?;
    if way.dry_run {
        return output::list(json, &moved.iter().map(record).collect::<Vec<_>>());
    }
    let next = format!(
        "start the servers with --database and the new URL, and with the same master secret ({place}): nothing opens \
         without it. Start none on the old database any more: it would send the mails that are owed a second time"
    );
    if json {
        let tables: Vec<Record> = moved.iter().map(record).collect();
        return output::json(&json!({ "moved": true, "tables": tables, "next": next }));
    }
    output::list(json, &moved.iter().map(record).collect::<Vec<_>>())?;
    output::line(format_args!("\neverything was moved and compared. Next: {next}"))
}

fn record(moved: &Moved) -> Record {
    Record::from([
        ("table", json!(moved.table)),
        ("rows", json!(moved.rows)),
        ("checksum", json!(moved.checksum)),
    ])
}

/// One line on a terminal that says how far it is; nothing elsewhere.
struct Progress {
    shown: Timestamp,
    /// What is being done since when, and how many rows there were then.
    current: Option<(&'static str, &'static str, Timestamp, u64)>,
}

impl Progress {
    fn new() -> Self {
        Self { shown: Timestamp(0), current: None }
    }

    fn show(&mut self, step: Step) {
        let now = SystemClock.now();
        if self.shown + EVERY > now {
            return;
        }
        self.shown = now;
        let (verb, table, rows) = match step {
            Step::Copied(table, rows) => ("copied", table, rows),
            Step::Compared(table, rows) => ("compared", table, rows),
        };
        let (since, first) = match self.current {
            Some((verb_now, table_now, since, first)) if (verb_now, table_now) == (verb, table) => {
                (since, first)
            }
            _ => (now, rows),
        };
        self.current = Some((verb, table, since, first));
        let seconds = (now - since).0 / 1_000_000;
        let rate =
            u64::try_from(seconds).ok().and_then(|seconds| rows.saturating_sub(first).checked_div(seconds));
        let rate = rate.map(|rate| format!(", {rate} a second")).unwrap_or_default();
        output::progress(format_args!("{table}: {verb} {rows} rows{rate}"));
    }
}
