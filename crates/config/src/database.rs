//! Where everything is kept.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize, Serializer};

use crate::secret::Secret;
use crate::time::Time;

/// The setting `database`. It prints and serialises without the password that may be in it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseAddress(String);

impl DatabaseAddress {
    /// The whole text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with `(set)` in the place of what stands between a user and an `@`.
    fn shown(&self) -> String {
        let parts =
            self.0.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)));
        match parts {
            Some((scheme, (credentials, rest))) if credentials.contains(':') => {
                let user = credentials.split(':').next().unwrap_or_default();
                format!("{scheme}://{user}:(set)@{rest}")
            }
            _ => self.0.clone(),
        }
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.shown())
    }
}

impl Serialize for DatabaseAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

/// `[database_server]`: how a database on a server is used. A database in a file has no use for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseServerSettings {
    /// The most connections of one process.
    pub connections: usize,
    /// The password, unless it is in `database`.
    pub password: Option<Secret>,
    /// A file with it.
    pub password_file: Option<PathBuf>,
    /// A PEM file with the certificate authorities to trust in the place of the system's.
    pub ca_file: Option<PathBuf>,
    /// How long a request waits for a connection, and a start for the server.
    pub patience: Time,
}

impl Default for DatabaseServerSettings {
    fn default() -> Self {
        Self {
            connections: 16,
            password: None,
            password_file: None,
            ca_file: None,
            patience: Time::seconds(5),
        }
    }
}
