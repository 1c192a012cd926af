//! Writing to the terminal.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the one place that does")]

use std::error::Error;
use std::io::IsTerminal;
use std::process::ExitCode;

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
    if !std::io::stdout().is_terminal() || set("NO_COLOR") || dumb {
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
pub(crate) fn line(text: impl std::fmt::Display) {
    println!("{text}");
}

/// A line about what goes on, to standard error.
pub(crate) fn aside(text: impl std::fmt::Display) {
    progress("");
    eprintln!("tessera: {text}");
}

/// How far a long command is, written over what was said before; for a terminal only.
pub(crate) fn progress(text: impl std::fmt::Display) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{text}");
    }
}

/// The problem and what caused it, to standard error.
pub(crate) fn failed(problem: &dyn Error) -> ExitCode {
    let mut said = problem.to_string();
    eprintln!("tessera: {said}");
    let mut cause = problem.source();
    while let Some(inner) = cause {
        let because = inner.to_string();
        // Some say their cause themselves.
        if !said.ends_with(&because) {
            eprintln!("  because: {because}");
        }
        said = because;
        cause = inner.source();
    }
    ExitCode::FAILURE
}

/// Anything as one line of JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Problem> {
    println!("{}", serde_json::to_string(value)?);
    Ok(())
}

/// One record: as a JSON object, or a field a line.
pub(crate) fn record(as_json: bool, record: &Record) -> Result<(), Problem> {
    if as_json {
        return json(record);
    }
    record.0.iter().for_each(|(name, value)| println!("{name}: {}", plain(value)));
    Ok(())
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
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
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
