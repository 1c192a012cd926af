//! The transcripts, replayed in process.

use std::fs;
use std::path::Path;

use harness::transcript::{Transcript, files, replay};

use crate::stage::Stage;

/// Told by transcripts, but not among this contract's endpoints yet.
const MISSING: &str = "/api/users/current";

#[test]
fn every_transcript_replays_twice_on_one_server() {
    let mut stage = Stage::new();
    let served = web::listing(&[melon::contract(stage.mount("melon"))]);
    let left_out = (!served.iter().any(|line| line.path == MISSING)).then_some(MISSING);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    for _ in 0..2 {
        for file in files(&folder).unwrap() {
            let text = without(&fs::read_to_string(&file).unwrap(), left_out);
            let transcript = Transcript::parse(&file.display().to_string(), &text);
            let transcript = transcript.unwrap_or_else(|bad| panic!("{bad}"));
            assert!(transcript.requests() > 4);
            replay(&transcript, &mut stage).unwrap_or_else(|failure| panic!("{failure}"));
        }
    }
}

/// The transcript with blank lines instead of the sections that ask for this path.
fn without(text: &str, path: Option<&str>) -> String {
    let Some(path) = path else { return text.to_owned() };
    let sections = text.split("\n### ").map(|section| {
        let asks = section.lines().any(|line| line.split(' ').nth(1) == Some(path));
        if asks { "\n".repeat(section.matches('\n').count() + 1) } else { format!("\n### {section}") }
    });
    let all: String = sections.collect();
    all.trim_start_matches("\n### ").to_owned()
}
