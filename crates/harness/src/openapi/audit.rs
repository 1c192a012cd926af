//! A document held against transcripts, bad requests and recorded examples.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{env, fs};

use super::document::{Document, Seen, succeeded};
use super::example::Example;
use crate::http::{Answer, Request};
use crate::json::Json;
use crate::server::Server;
use crate::transcript::{Transcript, files, replay};

/// How many examples an operation has for one status.
const EXAMPLES: usize = 3;

/// Documented answers that no test of the document gets, and why not.
#[derive(Clone, Copy, Debug)]
pub struct Unseen {
    /// The operation's id, or `*` for all.
    pub operation: &'static str,
    /// The status.
    pub status: u16,
    /// Why nobody sees it, and where it is tested instead.
    pub reason: &'static str,
}

/// What was seen of a document so far.
#[derive(Debug)]
pub struct Audit {
    document: Document,
    seen: BTreeSet<Seen>,
    wrong: Vec<String>,
    examples: Vec<Example>,
    /// How many fresh names were given out.
    names: u64,
}

impl Audit {
    /// An audit in which nothing was seen yet.
    pub fn new(document: Document) -> Audit {
        Audit { document, seen: BTreeSet::new(), wrong: Vec::new(), examples: Vec::new(), names: 0 }
    }

    /// The document.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Replays every transcript of a folder on `server`, and keeps examples.
    #[expect(clippy::panic, reason = "a test stops at the first answer that differs")]
    #[track_caller]
    pub fn replay(&mut self, folder: &Path, server: &mut dyn Server) {
        let files = files(folder).unwrap_or_else(|error| panic!("{error}"));
        files.iter().for_each(|file| self.replay_file(file, server));
    }

    /// The same for one transcript.
    #[expect(clippy::panic, reason = "a test stops at the first answer that differs")]
    #[track_caller]
    pub fn replay_file(&mut self, file: &Path, server: &mut dyn Server) {
        let name = file.display().to_string();
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let transcript = Transcript::parse(&name, &text).unwrap_or_else(|bad| panic!("{bad}"));
        let mut recorder = Recorder { audit: self, server, title: String::new() };
        replay(&transcript, &mut recorder).unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// Checks one answer without keeping it as an example.
    pub fn look(&mut self, request: &Request, answer: &Answer) {
        let checked = self.document.check(request, answer);
        self.note(checked);
    }

    fn note(&mut self, checked: Result<Option<Seen>, String>) {
        match checked {
            Ok(seen) => self.seen.extend(seen),
            // One of each is enough to see what is wrong.
            Err(wrong) => {
                let known = self.wrong.iter().any(|other| other.lines().next() == wrong.lines().next());
                if !known {
                    self.wrong.push(wrong);
                }
            }
        }
    }

    fn keep(&mut self, title: &str, request: &Request, answer: &Answer) {
        let checked = self.document.check_both(request, answer);
        self.note(checked);
        let Some(operation) = self.document.operation(request).filter(|_| request.method != "HEAD") else {
            return;
        };
        let example = Example::of(operation, title, request, answer);
        let same = |other: &&Example| other.operation == example.operation && other.status == example.status;
        let others: Vec<&Example> = self.examples.iter().filter(same).collect();
        let known = others.iter().any(|other| {
            let kind = |example: &Example| example.request.as_ref().map(|sent| sent.kind.clone());
            other.answer == example.answer && kind(other) == kind(&example)
        });
        // What succeeds shows how to ask, in each way that there is; what fails shows each answer once.
        let room = others.len() < EXAMPLES || succeeded(answer) && new_way(&others, &example);
        if !known && room && (example.is_readable() || !succeeded(answer)) {
            self.examples.push(example);
        }
    }

    /// Panics with everything that was found: what is not as documented, what is documented but was not seen
    /// and is not in `unseen`, what is in `unseen` for nothing, and examples other than those in `examples`.
    /// With the variable `RENEW` set, writes that file.
    #[expect(clippy::panic, reason = "a test fails by panicking")]
    #[track_caller]
    pub fn finish(mut self, unseen: &[Unseen], examples: &Path) {
        let missing: BTreeSet<Seen> = self.document.documented().difference(&self.seen).cloned().collect();
        let meant = |allowed: &Unseen, seen: &Seen| {
            allowed.status == seen.status && (allowed.operation == "*" || allowed.operation == seen.operation)
        };
        for seen in missing.iter().filter(|seen| !unseen.iter().any(|allowed| meant(allowed, seen))) {
            self.wrong.push(format!("{} {}: documented, but never seen", seen.operation, seen.status));
        }
        for allowed in unseen.iter().filter(|allowed| !missing.iter().any(|seen| meant(allowed, seen))) {
            self.wrong.push(format!("{allowed:?}: allowed for nothing"));
        }
        let text = written(&self.examples);
        if env::var_os("RENEW").is_some() {
            fs::write(examples, &text).unwrap_or_else(|error| panic!("{}: {error}", examples.display()));
        } else if fs::read_to_string(examples).unwrap_or_default() != text {
            let name = examples.display();
            self.wrong.push(format!("{name} is not what the server answers now: run this test with RENEW=1"));
        }
        assert!(self.wrong.is_empty(), "{} things are wrong:\n{}", self.wrong.len(), self.wrong.join("\n\n"));
    }

    /// A name that this audit has not given out yet, the same in every run.
    fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{:010}", self.names)
    }
}

/// Whether a request is of another type than those before it, or has other names in it.
fn new_way(others: &[&Example], example: &Example) -> bool {
    let way = |example: &Example| {
        let names = |json: &Json| match json {
            Json::Object(entries) => entries.iter().map(|(name, _)| name.clone()).collect(),
            _ => Vec::new(),
        };
        let sent = example.request.as_ref().map(|sent| (sent.kind.clone(), names(&sent.body)));
        let came = example.answer.as_ref().map(|came| came.kind.clone());
        (sent, example.parameters.as_ref().map(names), came)
    };
    others.iter().all(|other| way(other) != way(example))
}

/// One example a line, in the order of the operations and statuses.
fn written(examples: &[Example]) -> String {
    let mut sorted: BTreeMap<(&str, u16, usize), &Example> = BTreeMap::new();
    for (number, example) in examples.iter().enumerate() {
        sorted.insert((&example.operation, example.status, number), example);
    }
    let lines = sorted.values().filter_map(|example| serde_json::to_string(example).ok());
    format!("[\n{}\n]\n", lines.collect::<Vec<_>>().join(",\n"))
}

/// A server whose exchanges are kept.
struct Recorder<'a> {
    audit: &'a mut Audit,
    server: &'a mut dyn Server,
    title: String,
}

impl Server for Recorder<'_> {
    fn send(&mut self, request: Request) -> Answer {
        let answer = self.server.send(request.clone());
        self.audit.keep(&self.title, &request, &answer);
        answer
    }

    fn newest_mail(&self, address: &str, subject: &str) -> Option<String> {
        self.server.newest_mail(address, subject)
    }

    fn permit(&mut self, username: &str, permission: &str, on: bool) {
        self.server.permit(username, permission, on);
    }

    fn totp_now(&self) -> i64 {
        self.server.totp_now()
    }

    fn section(&mut self, title: &str) {
        title.clone_into(&mut self.title);
    }

    fn fresh(&mut self, prefix: &str) -> Option<String> {
        Some(self.audit.fresh(prefix))
    }
}
