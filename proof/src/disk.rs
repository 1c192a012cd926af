//! A disk whose power can be cut: what was not written out by then is gone.
//!
//! The disk is an image on a file system that can share blocks between files (XFS), mounted through a loop device. To
//! cut the power is to copy the image as it stands (a reflink, so it is one instant), and to mount the copy in its
//! stead. What the kernel had not sent to the disk is not in the copy. That models neither a disk that lies about
//! what it has written nor torn sectors.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);

/// A mounted disk in a folder of its own.
pub(crate) struct Disk {
    folder: TempDir,
    mounted: bool,
}

impl Disk {
    /// A disk, or why there can be none here.
    pub(crate) fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut disk = Self { folder, mounted: false };
        disk.set_up().map_err(|error| format!("a disk cannot be mounted: {error}"))?;
        Ok(disk)
    }

    fn set_up(&mut self) -> io::Result<()> {
        for (name, size) in [("outer.img", "1G"), ("outer/", ""), ("inner/", "")] {
            let path = self.path(name);
            if name.ends_with('/') { std::fs::create_dir(path)? } else { sparse(&path, size)? }
        }
        run("mkfs.xfs", &["-q", "-m", "reflink=1"], &[&self.path("outer.img")])?;
        run("mount", &["-o", "loop"], &[&self.path("outer.img"), &self.path("outer")])?;
        self.mounted = true;
        sparse(&self.path("outer/disk.img"), "256M")?;
        run("mkfs.ext4", &["-q", "-F"], &[&self.path("outer/disk.img")])?;
        self.mount()
    }

    /// Where it is mounted.
    pub(crate) fn root(&self) -> PathBuf {
        self.path("inner")
    }

    /// Everything that was written so far is on the disk from now on.
    pub(crate) fn sync(&self) -> io::Result<()> {
        run("sync", &["-f"], &[&self.root()])
    }

    /// Cuts the power and turns it on again. Nobody may use the disk any more.
    pub(crate) fn cut(&self) -> io::Result<()> {
        let (disk, copy) = (self.path("outer/disk.img"), self.path("outer/copy.img"));
        run("cp", &["--reflink=always"], &[&disk, &copy])?;
        // This writes out the rest, to the image that is thrown away.
        self.unmount()?;
        std::fs::rename(copy, disk)?;
        self.mount()
    }

    /// A process that was killed or was about to end may still be there.
    fn unmount(&self) -> io::Result<()> {
        let began = Instant::now();
        loop {
            match run("umount", &[], &[&self.root()]) {
                Err(_) if began.elapsed() < PATIENCE => thread::sleep(PAUSE),
                done => return done,
            }
        }
    }

    fn mount(&self) -> io::Result<()> {
        run("mount", &["-o", "loop"], &[&self.path("outer/disk.img"), &self.root()])
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            // What is not mounted any more needs no unmounting.
            let _ = self.unmount();
            let _ = run("umount", &[], &[&self.path("outer")]);
        }
    }
}

fn sparse(path: &Path, size: &str) -> io::Result<()> {
    run("truncate", &["-s", size], &[path])
}

fn run(program: &str, options: &[&str], paths: &[&Path]) -> io::Result<()> {
    let output = Command::new(program).args(options).args(paths).output();
    let output = output.map_err(|error| io::Error::other(format!("{program}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{program}: {}", said.lines().next().unwrap_or_default())))
}
