//! The transcripts, replayed in process.

use std::fs;
use std::path::Path;

use harness::http::{Answer, Request};
use harness::server::Server as Replayed;
use harness::transcript::{Transcript, files, replay};
use tokio::runtime::Runtime;

use crate::server::Server;

pub(crate) struct InProcess {
    pub(crate) runtime: Runtime,
    pub(crate) server: Server,
}

impl InProcess {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::start());
        Self { runtime, server }
    }
}

impl Replayed for InProcess {
    fn send(&mut self, request: Request) -> Answer {
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let answer = self.server.send(&request.method, &request.target, &headers, request.body.clone());
        let answer = self.runtime.block_on(answer);
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = answer.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        Answer { status: answer.status, headers, body: answer.body.into_bytes() }
    }

    fn newest_mail(&self, address: &str, subject: &str) -> Option<String> {
        self.runtime.block_on(self.server.newest_mail(address, subject))
    }

    fn permit(&mut self, username: &str, permission: &str, on: bool) {
        let realm = &self.server.mount.policy().realm;
        let accounts = &self.server.accounts;
        let changed = self.runtime.block_on(async {
            if on {
                accounts.permit(realm, username, permission).await
            } else {
                accounts.forbid(realm, username, permission).await
            }
        });
        changed.unwrap();
    }

    fn totp_now(&self) -> i64 {
        self.server.mount.now().seconds()
    }
}

#[test]
fn every_transcript_holds() {
    let mut replayed = InProcess::start();
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")).unwrap() {
        let text = fs::read_to_string(&file).unwrap();
        let transcript = Transcript::parse(&file.display().to_string(), &text).unwrap();
        assert!(transcript.requests() >= 5, "{} asks for almost nothing", file.display());
        if let Err(failure) = replay(&transcript, &mut replayed) {
            panic!("{failure}");
        }
    }
}
