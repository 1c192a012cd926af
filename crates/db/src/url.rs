//! Which database to open.

use std::fmt;
use std::path::{Path, PathBuf};

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
}

/// Why a text names no database. The text is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// `postgres:` or `postgresql:`.
    #[error("PostgreSQL is not supported by this version")]
    PostgreSql,
    /// Any other beginning.
    #[error("a database URL is sqlite:PATH or sqlite::memory:")]
    Scheme,
    /// A path that is empty, or holds a NUL or a question mark.
    #[error("the path after sqlite: must not be empty, hold a NUL, or be followed by ?options")]
    Path,
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH` (also `sqlite://PATH`; a relative path counts from the working directory when
    /// the database is opened) or `sqlite::memory:`, a database that is gone once it is closed.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once(':').ok_or(UrlError::Scheme)?;
        if ["postgres", "postgresql"].iter().any(|name| scheme.eq_ignore_ascii_case(name)) {
            return Err(UrlError::PostgreSql);
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

    /// Whether there is a database to open. One in memory is made by opening it.
    pub fn exists(&self) -> bool {
        match &self.target {
            Target::SqliteFile(path) => path.exists(),
            Target::SqliteMemory => true,
        }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }
}

impl fmt::Display for DatabaseUrl {
    /// Fit for a log: later engines leave out the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::SqliteFile(path) => write!(f, "sqlite:{}", path.display()),
            Target::SqliteMemory => f.write_str("sqlite::memory:"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}
