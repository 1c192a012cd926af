//! Every documented exchange, replayed on one server that serves all four contracts.
//!
//! The folders are replayed at the same time, each on a connection of its own, and every exchange is held against
//! the OpenAPI document of the whole.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use std::time::Duration;

use harness::http::{Answer, Client, Request};
use harness::openapi::Document;
use harness::process::TesseraProcess;
use harness::server::Server;
use harness::transcript::{Transcript, files, replay};

use crate::{openapi, stand};

const FOLDERS: [&str; 5] = [
    "../contracts/argon/tests/transcripts",
    "../contracts/wolfpal/tests/transcripts",
    "../contracts/melon/tests/transcripts",
    "../contracts/goscrobble/tests/transcripts",
    "tests/transcripts",
];

/// One of several users of a running server.
struct Guest<'a> {
    client: Client,
    process: &'a TesseraProcess,
    /// What every exchange has to be as described in.
    document: &'a Document,
}

impl Server for Guest<'_> {
    fn send(&mut self, request: Request) -> Answer {
        let answer = self.client.send(&request);
        let answer = answer.unwrap_or_else(|error| panic!("{} {}: {error}", request.method, request.target));
        self.document.check_both(&request, &answer).unwrap_or_else(|wrong| panic!("{wrong}"));
        answer
    }

    fn newest_mail(&self, address: &str, subject: &str) -> Option<String> {
        self.process.newest_mail(address, subject)
    }

    fn permit(&mut self, username: &str, permission: &str, on: bool) {
        let verb = if on { "permit" } else { "forbid" };
        stand::run(self.process, &["account", verb, username, permission], "");
        // The server looks for news every 200 ms.
        thread::sleep(Duration::from_secs(1));
    }

    fn totp_now(&self) -> i64 {
        self.process.totp_now()
    }
}

#[test]
fn every_transcript_holds_on_one_server() {
    let (server, document) = (stand::server(), openapi::document());
    let (server, document) = (&server, &document);
    let wrong: Vec<String> = thread::scope(|scope| {
        let folders: Vec<_> =
            FOLDERS.map(|folder| scope.spawn(move || replay_folder(server, document, folder))).into();
        folders.into_iter().flat_map(|folder| folder.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} transcripts failed:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Replays every file, also after one has failed, and says what was wrong.
fn replay_folder(server: &TesseraProcess, document: &Document, folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut wrong = Vec::new();
    for file in files(&folder).unwrap() {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file).unwrap();
        let transcript = Transcript::parse(&name, &text).unwrap_or_else(|bad| panic!("{bad}"));
        let mut guest = Guest { client: server.client(), process: server, document };
        match catch_unwind(AssertUnwindSafe(|| replay(&transcript, &mut guest))) {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => wrong.push(failure.to_string()),
            Err(_) => wrong.push(format!("{name}: panicked, see above")),
        }
    }
    wrong
}
