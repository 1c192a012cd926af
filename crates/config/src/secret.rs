//! Settings that nobody may read back.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

/// A secret setting. It prints and serialises as `(set)`.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Secret(SecretString);

/// The file that should hold a secret cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the secret in {path}: {cause}")]
pub struct SecretUnreadable {
    path: String,
    cause: std::io::Error,
}

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The secret for a library that takes it so.
    #[must_use]
    pub fn secret_string(&self) -> SecretString {
        self.0.clone()
    }

    /// The value given directly, else the first line of the file, else none.
    ///
    /// # Errors
    /// [`SecretUnreadable`] if a file is named and cannot be read as text.
    pub fn direct_or_file(
        direct: Option<&Self>,
        file: Option<&Path>,
    ) -> Result<Option<Self>, SecretUnreadable> {
        if let (None, Some(path)) = (direct, file) {
            let text = std::fs::read_to_string(path)
                .map_err(|cause| SecretUnreadable { path: path.display().to_string(), cause })?;
            return Ok(Some(Self(text.lines().next().unwrap_or_default().to_owned().into())));
        }
        Ok(direct.cloned())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("(set)")
    }
}
