//! The transcripts, replayed in process.

use std::fs;
use std::path::Path;

use harness::transcript::{Transcript, files, replay};

use crate::stage::Stage;

#[test]
fn every_transcript_replays_twice_on_one_server() {
    let mut stage = Stage::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    for _ in 0..2 {
        for file in files(&folder).unwrap() {
            let text = fs::read_to_string(&file).unwrap();
            let transcript = Transcript::parse(&file.display().to_string(), &text);
            let transcript = transcript.unwrap_or_else(|bad| panic!("{bad}"));
            assert!(transcript.requests() > 4);
            replay(&transcript, &mut stage).unwrap_or_else(|failure| panic!("{failure}"));
        }
    }
}
