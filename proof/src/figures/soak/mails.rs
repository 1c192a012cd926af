//! Mails that were read, thrown away.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::mailbox;

/// Between two looks. Whoever waits for a mail has read it by the next but one.
const LOOK: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(50);

/// Throws away, until it is over, what was there at the look before: whoever looks for a mail reads all.
pub(super) fn clear(folder: &Path, over: &AtomicBool) {
    let (mut before, mut looked) = (HashSet::<PathBuf>::new(), Instant::now());
    while !over.load(Ordering::Relaxed) {
        thread::sleep(PAUSE);
        if looked.elapsed() < LOOK {
            continue;
        }
        looked = Instant::now();
        let there: HashSet<PathBuf> = mailbox::files(folder).into_iter().collect();
        for read in there.intersection(&before) {
            // One that is gone already is no trouble.
            let _ = fs::remove_file(read);
        }
        before = there;
    }
}
