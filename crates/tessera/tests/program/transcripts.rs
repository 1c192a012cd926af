//! Every documented exchange, replayed on one server that serves all four contracts.
//!
//! The folders are replayed at the same time, each on a connection of its own. What belongs to endpoints that
//! are not served yet is left out: see [`LATER`].

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use std::time::Duration;

use harness::http::{Answer, Client, Request};
use harness::process::TesseraProcess;
use harness::server::Server;
use harness::transcript::{Transcript, files, replay};

use crate::bad_input::declared;
use crate::stand;

const FOLDERS: [&str; 5] = [
    "../contracts/argon/tests/transcripts",
    "../contracts/wolfpal/tests/transcripts",
    "../contracts/melon/tests/transcripts",
    "../contracts/goscrobble/tests/transcripts",
    "tests/transcripts",
];

/// Requests that the transcripts make to endpoints that are not served yet, and what is done instead. A test
/// fails as soon as one of them is served, so that its line is taken out.
const LATER: [(&str, &str, Instead); 14] = [
    ("GET", "/account", Instead::AlsoRefusedAt("/account/two-factor/backup-codes")),
    ("GET", "/api/account", Instead::AlsoRefusedAt("/api/account/two-factor/backup-codes")),
    ("GET", "/api/users/current", Instead::AlsoRefusedAt("/auth/check")),
    ("GET", "/api/users/{{id}}", Instead::Nothing),
    ("GET", "/api/users/{{wolf_id}}", Instead::Nothing),
    ("PATCH", "/api/users/{{wolf_id}}", Instead::Text("@permit {{wolf}} mod\n@forbid {{wolf}} user")),
    ("PATCH", "/api/users/change-password", Instead::Text(CHANGED_THROUGH_ARGON)),
    ("GET", "/api/v1/user", Instead::Nothing),
    ("POST", "/user/reset-password/{{confirmation}}", Instead::Nothing),
    // From here on: all of the file `reset.http` of WolfPal.
    ("POST", "/api/user/forgot-password/", Instead::Nothing),
    ("POST", "/user/forgot-password", Instead::Nothing),
    ("POST", "/user/reset-password/nonsense", Instead::Nothing),
    ("POST", "/user/reset-password/{{token}}", Instead::Nothing),
    ("POST", "/api/user/reset-password/{{token}}", Instead::Nothing),
];

/// What takes the place of a request that is not served yet.
enum Instead {
    Nothing,
    /// These lines of a transcript.
    Text(&'static str),
    /// The same request to another path where the transcript expects a refusal of the token, else nothing.
    AlsoRefusedAt(&'static str),
}

const CHANGED_THROUGH_ARGON: &str = r#"PUT /api/auth/profile HTTP/1.1
Authorization: Bearer {{wolf_argon}}
Content-Type: application/json

{"currentPassword":"password-1","newPassword":"password-2"}

HTTP 200

{...}"#;

/// A file of which nothing is left without this request.
const ALL_LATER: (&str, &str, &str) =
    ("wolfpal/tests/transcripts/reset.http", "POST", "/user/reset-password/{{token}}");

/// One of several users of a running server.
struct Guest<'a> {
    client: Client,
    process: &'a TesseraProcess,
}

impl Server for Guest<'_> {
    fn send(&mut self, request: Request) -> Answer {
        let answer = self.client.send(&request);
        answer.unwrap_or_else(|error| panic!("{} {}: {error}", request.method, request.target))
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
    let server = stand::server();
    let server = &server;
    let wrong: Vec<String> = thread::scope(|scope| {
        let folders: Vec<_> = FOLDERS.map(|folder| scope.spawn(move || replay_folder(server, folder))).into();
        folders.into_iter().flat_map(|folder| folder.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} transcripts failed:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Replays every file, also after one has failed, and says what was wrong.
fn replay_folder(server: &TesseraProcess, folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut wrong = Vec::new();
    for file in files(&folder).unwrap() {
        let name = file.display().to_string();
        if name.ends_with(ALL_LATER.0) {
            continue;
        }
        let text = served(&fs::read_to_string(&file).unwrap());
        let transcript = Transcript::parse(&name, &text).unwrap_or_else(|bad| panic!("{bad}"));
        let mut guest = Guest { client: server.client(), process: server };
        match catch_unwind(AssertUnwindSafe(|| replay(&transcript, &mut guest))) {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => wrong.push(failure.to_string()),
            Err(_) => wrong.push(format!("{name}: panicked, see above")),
        }
    }
    wrong
}

/// The text with something else in the place of sections whose request is listed in [`LATER`]. Lines keep
/// their numbers where what is done instead is no longer.
fn served(text: &str) -> String {
    let mut served = String::new();
    for (number, section) in text.split("\n### ").enumerate() {
        let section = if number == 0 { section.to_owned() } else { format!("### {section}") };
        served.push_str(&instead(&section));
        served.push('\n');
    }
    served
}

fn instead(section: &str) -> String {
    let is_request = |line: &&str| line.ends_with(" HTTP/1.1");
    let Some(request) = section.lines().find(is_request) else { return section.to_owned() };
    let mut words = request.split([' ', '?']);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let Some((_, _, instead)) = LATER.iter().find(|(verb, place, _)| (*verb, *place) == (method, path))
    else {
        return section.to_owned();
    };
    let other = match instead {
        Instead::AlsoRefusedAt(other) if section.contains("\nHTTP 4") => {
            return section.replace(request, &format!("{method} {other} HTTP/1.1"));
        }
        Instead::Nothing | Instead::AlsoRefusedAt(_) => "",
        Instead::Text(other) => other,
    };
    let mut kept: Vec<&str> =
        section.lines().take_while(|line| !is_request(line)).chain(other.lines()).collect();
    if kept.len() == 1 {
        // A title under which nothing happens is an error.
        kept.clear();
    }
    let padding = "\n".repeat(section.lines().count().saturating_sub(kept.len()));
    format!("{}{padding}", kept.join("\n"))
}

#[test]
fn what_is_left_out_is_not_served() {
    let declared = declared();
    let of_a_file = LATER.iter().any(|(method, path, _)| (*method, *path) == (ALL_LATER.1, ALL_LATER.2));
    assert!(of_a_file, "{} is left out for a request that is not", ALL_LATER.0);
    for (method, path, _) in LATER {
        let path = path.trim_end_matches('/');
        let matches = |pattern: &str| {
            let (pattern, path) = (pattern.split('/'), path.split('/'));
            pattern.clone().count() == path.clone().count()
                && pattern.zip(path).all(|(one, other)| one == other || one.starts_with('{'))
        };
        let served = declared.iter().any(|listed| listed.method.as_str() == method && matches(listed.path));
        assert!(!served, "{method} {path} is served: take its line out of LATER");
    }
}
