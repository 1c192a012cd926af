//! Opens SQLite connections the one way we use them, and opens them again after trouble.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use defects::{Defect, seeded};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::execute;
use super::failure::{Failure, Trust, is_busy};

#[cfg(test)]
mod tests;

/// Statements kept prepared per connection; more than the program has.
const PREPARED: usize = 256;
/// How long the last step of closing waits for another process to let go.
const FAREWELL: Duration = Duration::from_millis(250);
/// How long one attempt to enter WAL mode waits before the next.
const WAL_PAUSE: Duration = Duration::from_millis(10);

/// Where a database lives.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// An absolute path: the working directory may change before a connection is opened again.
    File(PathBuf),
    /// Memory that belongs to the one connection.
    Memory,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Writer,
    Reader,
}

/// One connection for the life of a thread, replaced when it can no longer be trusted.
#[derive(Debug)]
pub(super) struct Link {
    place: Place,
    role: Role,
    busy_timeout: Duration,
    connection: Option<Connection>,
}

impl Link {
    /// Opens the first connection. A file must exist: see [`create_file`].
    pub(super) fn open(place: Place, role: Role, busy_timeout: Duration) -> Result<Self, Failure> {
        let mut link = Self { place, role, busy_timeout, connection: None };
        link.connection()?;
        Ok(link)
    }

    /// The connection, opened again if the last one was given up.
    pub(super) fn connection(&mut self) -> Result<&mut Connection, Failure> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.place, self.role, self.busy_timeout)?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Leaves the connection fit for the next transaction after a failure: rolled back, or given up.
    /// A database in memory is never given up, for it would be gone.
    pub(super) fn recover(&mut self, failure: &Failure) {
        let Some(connection) = &self.connection else { return };
        let in_memory = matches!(self.place, Place::Memory);
        if failure.trust == Trust::Kept || in_memory {
            let rolled_back = connection.is_autocommit() || execute::control(connection, "rollback").is_ok();
            if rolled_back || in_memory {
                return;
            }
        }
        tracing::warn!(role = ?self.role, fault = %failure.fault, "the database connection is opened again");
        self.connection = None;
    }

    /// Moves the write-ahead log into the database file, as far as other processes allow, and closes.
    pub(super) fn finish(mut self) {
        let Some(connection) = self.connection.take() else { return };
        if self.role == Role::Writer && matches!(self.place, Place::File(_)) {
            let moved = connection
                .busy_timeout(FAREWELL)
                .map_err(|error| Failure::of(&error, "busy_timeout"))
                .and_then(|()| execute::control(&connection, "pragma wal_checkpoint(truncate)"));
            if let Err(failure) = moved {
                tracing::warn!(fault = %failure.fault, "the write-ahead log was not emptied at closing");
            }
        }
        if let Err((_, error)) = connection.close() {
            tracing::warn!(%error, "the database connection did not close cleanly");
        }
    }
}

/// Makes an empty database file that only its owner can read and write; one that is there is left alone.
/// SQLite gives the files it puts beside it the same mode.
pub(super) fn create_file(path: &Path) -> Result<(), Failure> {
    /// Closing any descriptor of a file drops the locks that this process has on it (POSIX), so no SQLite
    /// connection may open the file between our creating and closing it.
    static CREATING: Mutex<()> = Mutex::new(());
    let _guard = CREATING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut options = std::fs::OpenOptions::new();
    // `create_new` does not open a file that exists, so its locks are safe.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Failure::unavailable(format!("cannot create {}: {error}", path.display()))),
    }
}

fn connect(place: &Place, role: Role, busy_timeout: Duration) -> Result<Connection, Failure> {
    // Never CREATE: opening again must not put an empty database where a full one has gone missing.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match place {
        Place::File(path) => Connection::open_with_flags(path, flags),
        Place::Memory => Connection::open_in_memory_with_flags(flags),
    }
    .map_err(|error| Failure::of(&error, "open"))?;
    set_up(&connection, role, busy_timeout).map_err(|error| Failure::of(&error, "set up"))?;
    if matches!(place, Place::File(_)) {
        enter_wal(&connection, busy_timeout)?;
    }
    if role == Role::Reader {
        connection
            .pragma_update(None, "query_only", true)
            .map_err(|error| Failure::of(&error, "query_only"))?;
    }
    Ok(connection)
}

fn set_up(connection: &Connection, role: Role, busy_timeout: Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // Without these two a misspelt "column" is a string.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // FULL syncs the log at every commit; NORMAL would lose acknowledged commits in a power cut.
    // fullfsync is the same promise on macOS and nothing elsewhere. A negative cache size is in KiB.
    connection.execute_batch(
        "pragma synchronous = full; pragma fullfsync = on; pragma foreign_keys = on; \
         pragma temp_store = memory; pragma journal_size_limit = 67108864;",
    )?;
    if seeded(Defect::SyncAtCheckpoint) {
        connection.execute_batch("pragma synchronous = normal")?;
    }
    let cache_kib = match role {
        Role::Writer => -16_384,
        Role::Reader => -8_192,
    };
    connection.pragma_update(None, "cache_size", cache_kib)
}

/// Puts the database into write-ahead logging, which stays with the file.
fn enter_wal(connection: &Connection, busy_timeout: Duration) -> Result<(), Failure> {
    const SQL: &str = "pragma journal_mode = wal";
    let mut attempts = busy_timeout.as_millis() / WAL_PAUSE.as_millis() + 1;
    loop {
        attempts -= 1;
        match connection.query_row(SQL, [], |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(Failure::unavailable(format!(
                    "its file system has no write-ahead logging (SQLite stays in mode {mode})"
                )));
            }
            // Of two processes that switch a new file at once SQLite turns one away without waiting.
            Err(error) if is_busy(&error) && attempts > 0 => std::thread::sleep(WAL_PAUSE),
            Err(error) => return Err(Failure::of(&error, SQL)),
        }
    }
}
