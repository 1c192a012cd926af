//! Mail as files in a folder, for a start without a mail server.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{
    BadSettings, DeliveryFailed, Message, Sender,
    compose::{Originator, compose},
};

/// Makes the names of temporary files differ within one process.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Writes each mail to `<id>.eml` in a folder.
///
/// A file is whole and on disk when it appears; delivering the same id again replaces it.
#[derive(Debug, Clone)]
pub struct FolderTransport {
    folder: PathBuf,
    from: Originator,
}

impl FolderTransport {
    /// Makes the folder, readable by this user only, unless it is there, and removes what a killed process left in it.
    ///
    /// # Errors
    /// [`BadSettings::Sender`] and [`BadSettings::Folder`].
    pub fn new(folder: impl Into<PathBuf>, sender: Sender) -> Result<FolderTransport, BadSettings> {
        let folder = folder.into();
        let from = Originator::new(&sender)?;
        match prepare(&folder) {
            Ok(()) => Ok(FolderTransport { folder, from }),
            Err(source) => Err(BadSettings::Folder { path: folder, source }),
        }
    }

    /// See [`crate::Transport::deliver`].
    pub(crate) async fn deliver(
        &self,
        id: &str,
        message: &Message,
        now_seconds: i64,
    ) -> Result<(), DeliveryFailed> {
        let bytes = compose(id, message, &self.from, now_seconds)?.bytes;
        let (folder, id) = (self.folder.clone(), id.to_owned());
        let written = tokio::task::spawn_blocking(move || write(&folder, &id, &bytes)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                Err(DeliveryFailed::temporary(format!("cannot write to the mail folder: {error}")))
            }
            Err(_) => Err(DeliveryFailed::temporary("writing to the mail folder was broken off")),
        }
    }
}

fn prepare(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        File::open(parent)?.sync_all()?;
    }
    sweep(folder)
}

/// Removes temporary files that nobody is writing: their writer would hold the lock.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_temporary = name.to_str().is_some_and(|name| name.starts_with('.') && name.ends_with(".tmp"));
        if is_temporary
            && entry.file_type()?.is_file()
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            // Another process may sweep too: whoever is second finds nothing.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Writes `bytes` so that `<id>.eml` is the old file or the new one at any time, also after a power cut.
fn write(folder: &Path, id: &str, bytes: &[u8]) -> io::Result<()> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!(".{id}.{}.{number}.tmp", process::id()));
    let placed =
        fill(&temporary, bytes).and_then(|()| fs::rename(&temporary, folder.join(format!("{id}.eml"))));
    if let Err(error) = placed {
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    File::open(folder)?.sync_all()
}

fn fill(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.lock()?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
