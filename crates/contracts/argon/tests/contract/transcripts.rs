//! The transcripts, replayed in process.

use std::path::Path;

use harness::transcript::replay_folder;

use crate::stage::Stage;

#[test]
fn every_transcript_replays_twice_on_one_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut stage = Stage::new();
    for _ in 0..2 {
        replay_folder(&folder, &mut stage);
    }
}
