//! A database that is a file, seen from outside: copied while it is used, checked, and put in another's place.
//!
//! Everything here blocks its thread for as long as reading or writing the whole file takes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{FlockOperation, fcntl_lock};

use crate::Fault;
use crate::sqlite::failed;

/// How long a copy waits for whoever holds the whole file, which is done at openings and ends only.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most findings that are told.
const FINDINGS: usize = 10;
/// How every such file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The files beside a database while it is used.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Why a file was not put in the place of another.
#[derive(Debug, thiserror::Error)]
pub enum NotReplaced {
    /// Somebody has the database open.
    #[error("{} is in use: stop the server, and every command that works beside it, first", .0.display())]
    InUse(PathBuf),
    /// Reading or writing failed.
    #[error("cannot put the database in its place: {0}")]
    Io(#[from] io::Error),
}

/// Copies the database as it is at one moment into a new file that its owner only can read. Whoever writes to it
/// meanwhile is not held up. What was deleted before is not in the copy. On the disk when it answers.
///
/// The new file must not be there; after an error there may be a part of it.
///
/// # Errors
/// [`Fault`] if one of the two cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    let io = |error: io::Error| Fault::unavailable(format!("cannot write {}: {error}", to.display()));
    // Made here for its mode; an empty file is a new database to the statement below.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(io)?;
    let source = open(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let target = to.to_str().ok_or_else(|| Fault::unavailable("the path of a copy must be UTF-8"))?;
    // One statement, so one moment: it reads what was committed before it began.
    source.execute("vacuum into ?1", [target]).map_err(|error| failed(&error, "vacuum into"))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(io)
}

/// What is wrong inside of the file; nothing if it is sound. `thorough` also compares every index with its table.
///
/// # Errors
/// [`Fault`] if it cannot be read, or is no database.
pub fn findings(path: &Path, thorough: bool) -> Result<Vec<String>, Fault> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let sql = if thorough { "pragma integrity_check" } else { "pragma quick_check" };
    let read = || -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.take(FINDINGS).collect()
    };
    let found = read().map_err(|error| failed(&error, sql))?;
    Ok(found.into_iter().filter(|finding| finding != "ok").collect())
}

/// Whether the file is a database of this kind, by how it begins.
///
/// # Errors
/// If it cannot be read.
pub fn is_one(path: &Path) -> io::Result<bool> {
    let mut begin = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut begin)?;
    Ok(begin == MAGIC)
}

/// Puts the file `by` in the place of `target`, in one step: at any moment one of the two is there, whole. What
/// was there before is at `aside` afterwards, with what belongs to it. The new one is its owner's too, or that of
/// its folder: whoever restores as root must not lock the server out.
///
/// # Errors
/// [`NotReplaced`]; what was there before is then at `target`, or whole at `aside`.
pub fn replace(target: &Path, by: &Path, aside: &Path) -> Result<(), NotReplaced> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let owner = fs::metadata(target).or_else(|_| fs::metadata(folder))?;
    let ours = fs::metadata(by)?;
    if (owner.uid(), owner.gid()) != (ours.uid(), ours.gid()) {
        chown(by, Some(owner.uid()), Some(owner.gid()))?;
    }
    let held = hold(target)?;
    if held.is_some() {
        fs::hard_link(target, aside)?;
    }
    // A write-ahead log belongs to the database beside which it was written, also if that is gone: another one would
    // be damaged by it.
    for end in BESIDE {
        match fs::rename(with_end(target, end), with_end(aside, end)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    fs::rename(by, target)?;
    File::open(folder)?.sync_all()?;
    drop(held);
    Ok(())
}

/// Refuses a database that somebody has open. One that is not there is in nobody's use.
///
/// # Errors
/// [`NotReplaced`].
pub fn unused(path: &Path) -> Result<(), NotReplaced> {
    hold(path).map(drop)
}

/// The path with something behind its name, as that of files beside it.
#[must_use]
pub fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Holds the whole file for this process; none if there is no file. Every open connection holds a share of it for
/// as long as it is open, also one whose database is damaged, and no process holds anything after its end.
fn hold(path: &Path) -> Result<Option<File>, NotReplaced> {
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => Err(NotReplaced::InUse(path.to_owned())),
        Err(error) => Err(io::Error::from(error).into()),
    }
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| failed(&error, "open"))?;
    connection.busy_timeout(PATIENCE).map_err(|error| failed(&error, "busy_timeout"))?;
    Ok(connection)
}
