//! Requests and answers in plain text files, replayed against a server.
//!
//! A file `*.http` has sections. Lines before the first one are comments; so are lines that begin with
//! `# ` wherever a request or a directive could begin.
//!
//! ```text
//! ### Register a new user
//! @unique name user
//! POST /api/auth/register HTTP/1.1
//! Host: localhost:3000
//! Content-Type: application/json
//!
//! {"username":"{{name}}","password":"text-text"}
//!
//! HTTP 200
//! Content-Type: application/json; charset=utf-8
//! !Set-Cookie
//!
//! {"token":"{{token:jwt}}","permissions":["user"]}
//!
//! @claims token
//! {"username":"{{name}}","iat":"{{_:int}}","exp":"{{_:int}}",...}
//! ```
//!
//! A section has a title, which failures show, at most one request with its answer, and directives.
//!
//! - `{{name}}` stands for a kept value, in requests and answers; `{{newline}}` is always kept.
//! - `{{name:kind}}` in an answer checks the [`Kind`] and keeps the text; `{{_:kind}}` only checks.
//! - The status of an answer may be a class: `HTTP 2xx`.
//! - Headers listed must be there with that value, others do not matter; `!Name` must not be there.
//! - An answer without body means an empty body. JSON is compared with the order of its keys and nothing
//!   extra, unless an object ends in `...`; other text literally, without the blank lines around it. JSON
//!   is what the listed `Content-Type` calls so, or, if none is listed, what begins with `{` or `[`.
//!
//! | directive | what it does |
//! |---|---|
//! | `@unique NAME PREFIX` | keeps a fresh name of the prefix and ten lower-case letters and digits |
//! | `@mail ADDRESS SUBJECT -> NAME` | waits for a mail whose subject contains the words (any case) and that was not read yet; keeps the last path segment of its first link |
//! | `@permit USERNAME PERMISSION`, `@forbid ...` | changes a permission from outside |
//! | `@totp SECRET [+N or -N] -> NAME` | keeps the code for the kept base32 secret, N steps from now |
//! | `@claims TOKEN` | compares the kept token's claims with the JSON on the next lines, until a blank one |
//! | `@jose TOKEN` | the same for its header |
//! | `@lifetime TOKEN SECONDS` | checks `exp - iat` |
//! | `@differ NAME NAME` | checks that two kept values are not equal |
//!
//! A server takes each one-time code once, and only those of the present step and the one before. So a
//! transcript that needs two in a row asks for `-1` first.

mod directive;
mod json_pattern;
mod kind;
mod parse;
mod pattern;
mod replay;
mod steps;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::{fs, io};

pub use kind::Kind;
pub use parse::BadTranscript;
pub use replay::{Failure, replay};

use crate::server::Server;

/// A file that was read and can be replayed any number of times.
#[derive(Clone, Debug)]
pub struct Transcript {
    file: String,
    sections: Vec<steps::Section>,
}

impl Transcript {
    /// Reads a transcript; `file` is the name failures show.
    pub fn parse(file: &str, text: &str) -> Result<Transcript, BadTranscript> {
        Ok(Transcript { file: file.to_owned(), sections: parse::sections(file, text)? })
    }

    /// How many requests a replay makes.
    pub fn requests(&self) -> usize {
        let steps = self.sections.iter().flat_map(|section| &section.steps);
        steps.filter(|step| matches!(step.action, steps::Action::Exchange(_))).count()
    }
}

/// The transcripts of a folder, in the order of their names. An empty folder is an error: a test over it
/// could not fail.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "http") {
            files.push(path);
        }
    }
    if files.is_empty() {
        let message = format!("no *.http in {}", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, message));
    }
    files.sort();
    Ok(files)
}

/// Replays one file and panics, showing everything known, when it cannot be read or an answer differs.
#[expect(clippy::panic, reason = "a test stops at the first answer that differs")]
#[track_caller]
pub fn replay_file(path: &Path, server: &mut dyn Server) {
    let name = path.display().to_string();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => panic!("{name}: {error}"),
    };
    let transcript = match Transcript::parse(&name, &text) {
        Ok(transcript) => transcript,
        Err(bad) => panic!("{bad}"),
    };
    if let Err(failure) = replay(&transcript, server) {
        panic!("{failure}");
    }
}

/// Replays every file of a folder on one server, in the order of their names. Panics like
/// [`replay_file`].
#[expect(clippy::panic, reason = "a test stops at the first answer that differs")]
#[track_caller]
pub fn replay_folder(folder: &Path, server: &mut dyn Server) {
    match files(folder) {
        Ok(files) => files.iter().for_each(|file| replay_file(file, server)),
        Err(error) => panic!("{error}"),
    }
}
