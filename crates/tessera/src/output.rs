//! Writing to the terminal. Nobody is hurt if standard error takes nothing.

use std::error::Error;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::compose::Problem;

/// What a command answers: named values in the order they are shown.
pub(crate) struct Record(Vec<(&'static str, Value)>);

impl<const N: usize> From<[(&'static str, Value); N]> for Record {
    fn from(fields: [(&'static str, Value); N]) -> Self {
        Self(fields.into())
    }
}

impl Record {
    /// The same with one more value at the end.
    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, value));
        self
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// A colour of the terminal (ECMA-48, section 8.3.117).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Colour {
    Red,
    Green,
    Yellow,
}

/// The text in a colour, if standard output is a terminal that shows any: NO_COLOR and TERM=dumb say no.
pub(crate) fn coloured(text: &str, colour: Colour) -> String {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    if !io::stdout().is_terminal() || set("NO_COLOR") || dumb {
        return text.to_owned();
    }
    let number: u8 = match colour {
        Colour::Red => 31,
        Colour::Green => 32,
        Colour::Yellow => 33,
    };
    format!("\x1b[{number}m{text}\x1b[0m")
}

/// One line of text.
pub(crate) fn line(text: impl std::fmt::Display) -> Result<(), Problem> {
    writeln!(io::stdout().lock(), "{text}")?;
    Ok(())
}

/// A line about what goes on, to standard error.
pub(crate) fn aside(text: impl std::fmt::Display) {
    progress("");
    _ = writeln!(io::stderr(), "tessera: {text}");
}

/// Whether a program reads what is printed, which wants to see no progress.
static READ_BY_PROGRAM: AtomicBool = AtomicBool::new(false);

/// From now on no progress is shown.
pub(crate) fn without_progress() {
    READ_BY_PROGRAM.store(true, Ordering::Relaxed);
}

/// How far a long command is, written over what was said before; for a terminal only.
pub(crate) fn progress(text: impl std::fmt::Display) {
    let mut terminal = io::stderr();
    if terminal.is_terminal() && !READ_BY_PROGRAM.load(Ordering::Relaxed) {
        _ = write!(terminal, "\r\x1b[K{text}").and_then(|()| terminal.flush());
    }
}

/// The problem and what caused it, to standard error.
pub(crate) fn failed(problem: &(dyn Error + 'static)) -> ExitCode {
    let hung_up = |error: &io::Error| error.kind() == ErrorKind::BrokenPipe;
    if problem.downcast_ref::<io::Error>().is_some_and(hung_up) {
        // Whoever reads what is printed has read enough.
        return ExitCode::SUCCESS;
    }
    let mut said = problem.to_string();
    aside(&said);
    let mut cause = problem.source();
    while let Some(inner) = cause {
        let because = inner.to_string();
        // Some say their cause themselves.
        if !said.ends_with(&because) {
            _ = writeln!(io::stderr(), "  because: {because}");
        }
        said = because;
        cause = inner.source();
    }
    ExitCode::FAILURE
}

/// Anything as one line of JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Problem> {
    line(serde_json::to_string(value)?)
}

/// One record: as a JSON object, or a field a line.
pub(crate) fn record(as_json: bool, record: &Record) -> Result<(), Problem> {
    if as_json {
        return json(record);
    }
    record.0.iter().try_for_each(|(name, value)| line(format_args!("{name}: {}", plain(value))))
}

/// One record on one line, without its names.
pub(crate) fn row(record: &Record) -> Result<(), Problem> {
    let values: Vec<String> = record.0.iter().map(|(_, value)| plain(value)).collect();
    line(values.join("  "))
}

/// A list of records: as a JSON array, or a table.
pub(crate) fn list(as_json: bool, records: &[Record]) -> Result<(), Problem> {
    if as_json {
        return json(&records);
    }
    let head = records.first().map(|record| record.0.iter().map(|(name, _)| (*name).to_owned()).collect());
    let body = records.iter().map(|record| record.0.iter().map(|(_, value)| plain(value)).collect());
    let rows: Vec<Vec<String>> = head.into_iter().chain(body).collect();
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    for row in &rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column).unwrap_or_default();
            format!("{cell:width$}")
        });
        line(cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        // What came from outside must not move the cursor or colour the terminal.
        Value::String(text) => text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
