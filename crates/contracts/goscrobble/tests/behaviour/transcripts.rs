//! The transcripts, replayed in process.

use std::fs;
use std::path::Path;

use harness::http::{Answer, Request};
use harness::server::Server as Replayed;
use harness::transcript::{Transcript, files, replay};
use tokio::runtime::Runtime;

use crate::server::Server;

/// The profile is not served yet, so exchanges that ask for it are left out. That a session has ended is
/// tested in `tokens` and `reset` without it.
const NOT_YET: &str = "GET /api/v1/user HTTP/1.1";

struct InProcess {
    runtime: Runtime,
    server: Server,
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

/// The sections of a transcript that ask only for what is served.
fn served(text: &str) -> String {
    let mut sections = text.split("\n### ");
    let head = sections.next().unwrap_or_default().to_owned();
    let asks = |section: &&str| !section.lines().any(|line| line == NOT_YET);
    sections.filter(asks).fold(head, |text, section| format!("{text}\n### {section}"))
}

#[test]
fn every_transcript_holds() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Server::start());
    let mut replayed = InProcess { runtime, server };
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")).unwrap() {
        let text = served(&fs::read_to_string(&file).unwrap());
        let transcript = Transcript::parse(&file.display().to_string(), &text).unwrap();
        assert!(transcript.requests() >= 5, "{} asks for almost nothing", file.display());
        if let Err(failure) = replay(&transcript, &mut replayed) {
            panic!("{failure}");
        }
    }
}

/// Once this fails, the transcripts are to be replayed whole.
#[tokio::test]
async fn the_profile_is_not_served_yet() {
    let answer = Server::start().await.send("GET", "/api/v1/user", &[], "").await;
    assert_eq!(answer.status, 404);
}
