//! What the server proves itself with.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[tls]`: the server's certificate. Both files or neither; with neither, plain HTTP is served.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsSettings {
    /// A PEM file with the certificate and those that lead from it to its authority.
    pub cert_file: Option<PathBuf>,
    /// A PEM file with its private key.
    pub key_file: Option<PathBuf>,
}

/// One file was named without the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tls.cert_file and tls.key_file belong together: set both or neither")]
pub struct HalfAPair;

/// The two files of a server that speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those that lead from it to its authority.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl TlsSettings {
    /// The files, if TLS is to be spoken.
    ///
    /// # Errors
    /// [`HalfAPair`] if one is set without the other.
    pub fn files(&self) -> Result<Option<TlsFiles>, HalfAPair> {
        match (self.cert_file.clone(), self.key_file.clone()) {
            (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
            (None, None) => Ok(None),
            _ => Err(HalfAPair),
        }
    }
}
