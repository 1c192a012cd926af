//! The transcripts, replayed in this process.

use std::fs;
use std::path::Path;

use harness::transcript::{Transcript, files, replay};

use crate::world::World;

#[test]
fn every_transcript_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    for file in files(&folder).unwrap() {
        let text = fs::read_to_string(&file).unwrap();
        let transcript = Transcript::parse(&file.display().to_string(), &text);
        let transcript = transcript.unwrap_or_else(|bad| panic!("{bad}"));
        assert!(transcript.requests() > 1, "{}", file.display());
        if let Err(failure) = replay(&transcript, &mut World::new()) {
            panic!("{failure}");
        }
    }
}
