//! A file that is being written and is nobody's until it is whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use db::file::with_end;
use tokio::sync::oneshot;

use crate::compose::Problem;
use crate::{listen, output, signals};

/// Between two lines of progress.
const EVERY: Duration = Duration::from_millis(200);

/// The file, which goes away with this value unless it was moved.
pub(super) struct Partial(PathBuf);

impl Partial {
    /// One beside another path: on the same disk, and nobody else's.
    pub(super) fn beside(path: &Path) -> Self {
        Self(with_end(path, &format!(".{}.partial", std::process::id())))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            // What was moved, or never was there, is as it should be.
            _ = fs::remove_file(with_end(&self.0, end));
        }
    }
}

/// Does something long on a thread of its own, which the end of the process does not wait for, and shows how much
/// of `whole` bytes is in the file at `path`. Told to stop (SIGINT, SIGTERM), it answers at once.
pub(super) async fn long<T: Send + 'static>(
    what: &str,
    path: &Path,
    whole: u64,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let mut stopping = signals::stopping()?;
    let (done, mut answer) = oneshot::channel();
    std::thread::Builder::new().name(what.to_owned()).spawn(move || _ = done.send(work()))?;
    let mut tick = tokio::time::interval(EVERY);
    let answered = loop {
        tokio::select! {
            answered = &mut answer => break answered,
            () = listen::told(&mut stopping) => {
                output::progress("");
                return Err(format!("{what}: stopped before its end; nothing was changed").into());
            }
            _ = tick.tick() => {
                let there = fs::metadata(path).map_or(0, |file| file.len());
                let percent = there.saturating_mul(100).checked_div(whole).unwrap_or_default().min(100);
                output::progress(format_args!("{what}: {} of {} MiB, {percent} %", there >> 20, whole >> 20));
            }
        }
    };
    output::progress("");
    answered.map_err(|_| format!("{what}: it broke").into())
}

/// How many bytes are in a file; none if it is not there.
pub(super) fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}
