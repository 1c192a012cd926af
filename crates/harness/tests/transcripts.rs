//! Every transcript of the workspace can be read: a slip in one is found here, before a server is built.

use std::fs;
use std::path::Path;

use harness::transcript::{Transcript, files};

#[test]
fn every_transcript_can_be_read() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let owners =
        ["contracts/argon", "contracts/wolfpal", "contracts/melon", "contracts/goscrobble", "tessera"];
    for owner in owners {
        let folder = crates.join(owner).join("tests/transcripts");
        for file in files(&folder).unwrap() {
            let text = fs::read_to_string(&file).unwrap();
            let transcript = Transcript::parse(&file.display().to_string(), &text);
            let transcript = transcript.unwrap_or_else(|bad| panic!("{bad}"));
            assert!(transcript.requests() > 1, "{} asks for almost nothing", file.display());
        }
    }
}
