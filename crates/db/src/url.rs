//! Which database to open.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::postgres::address::Address;

/// Which database to open, checked but not yet looked for.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    target: Target,
}

/// The engines' own ways to say where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    SqliteFile(PathBuf),
    SqliteMemory,
    Postgres(Box<Address>),
}

/// Why a text names no database. The text is not repeated: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Any other beginning.
    #[error("a database URL is sqlite:PATH, sqlite::memory: or postgres://USER@HOST/DATABASE")]
    Scheme,
    /// A path that is empty, or holds a NUL or a question mark.
    #[error("the path after sqlite: must not be empty, hold a NUL, or be followed by ?options")]
    Path,
    /// A server without a host, or with something that cannot be read in the place of one.
    #[error(
        "a server is named by postgres://USER:PASSWORD@HOST:PORT/DATABASE, or by \
         postgres:///DATABASE?host=FOLDER for a socket in that folder; other characters in a part are written %XX"
    )]
    Server,
    /// A parameter that there is not, by its name.
    #[error("the parameter {0} is unknown: there are {known}", known = PARAMETERS)]
    Parameter(String),
    /// A parameter with a value that it cannot have.
    #[error("the value of {0} is wrong")]
    Value(&'static str),
}

/// What may come after the question mark of a server's URL.
const PARAMETERS: &str =
    "host, port, sslmode, sslrootcert, connect_timeout, application_name and target_session_attrs";

impl UrlError {
    /// Of a parameter with this name, which is told only if it is a name: it may be a piece of a password.
    pub(crate) fn unknown(name: &str) -> Self {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        Self::Parameter(if is_name { name } else { "after the question mark" }.to_owned())
    }
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH` (also `sqlite://PATH`; a relative path counts from the working directory when
    /// the database is opened), `sqlite::memory:`, a database that is gone once it is closed, or
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE` (also `postgresql://`) with these parameters as libpq has
    /// them: `host` (also a socket's folder), `port`, `sslmode`, `sslrootcert`, `connect_timeout` (seconds),
    /// `application_name`, `target_session_attrs` (`any` or `read-write`). Several hosts, separated by commas,
    /// are tried in their order for one that takes writes. Without a user the one of the process is meant.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once(':').ok_or(UrlError::Scheme)?;
        if ["postgres", "postgresql"].iter().any(|name| scheme.eq_ignore_ascii_case(name)) {
            return Ok(Self { target: Target::Postgres(Box::new(Address::parse(rest)?)) });
        }
        if !scheme.eq_ignore_ascii_case("sqlite") {
            return Err(UrlError::Scheme);
        }
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path == ":memory:" {
            return Ok(Self { target: Target::SqliteMemory });
        }
        // A question mark begins options in others' URLs; as part of a file name it would surprise.
        if path.is_empty() || path.contains(['\0', '?']) {
            return Err(UrlError::Path);
        }
        Ok(Self::sqlite_file(Path::new(path)))
    }

    /// The SQLite database in this file, for a path that is at hand as one.
    pub fn sqlite_file(path: &Path) -> Self {
        Self { target: Target::SqliteFile(path.to_owned()) }
    }

    /// The file, if the database is one.
    pub fn file(&self) -> Option<&Path> {
        match &self.target {
            Target::SqliteFile(path) => Some(path),
            Target::SqliteMemory | Target::Postgres(_) => None,
        }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }
}

impl fmt::Display for DatabaseUrl {
    /// Fit for a log: without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::SqliteFile(path) => write!(f, "sqlite:{}", path.display()),
            Target::SqliteMemory => f.write_str("sqlite::memory:"),
            Target::Postgres(address) => address.fmt(f),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}
