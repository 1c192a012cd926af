//! TLS on the main listener: the certificate from its two files, and a new one in its place while running.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use config::TlsFiles;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, ServerConfig};
use zeroize::Zeroizing;

/// HTTP/2 in the words of ALPN (RFC 7301).
pub(crate) const H2: &[u8] = b"h2";

/// Why TLS cannot be spoken with the files that are there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadTls {
    #[error("{setting}: cannot read {}: {cause}", path.display())]
    Unreadable { setting: &'static str, path: PathBuf, cause: io::Error },
    #[error("tls.cert_file: there is no certificate in PEM form in {}", .0.display())]
    NoCertificate(PathBuf),
    #[error(
        "tls.key_file: there is no private key in PEM form (PKCS#8, SEC1 or PKCS#1, not encrypted) in {}",
        .0.display()
    )]
    NoKey(PathBuf),
    #[error("tls: {} and {} cannot be used together: {cause}", files.cert.display(), files.key.display())]
    Unusable { files: TlsFiles, cause: rustls::Error },
    #[error("tls: {0}")]
    Library(rustls::Error),
}

/// What every handshake asks for the certificate.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// A certificate with its key, and where it came from.
#[derive(Debug)]
pub(crate) struct Loaded {
    files: TlsFiles,
    stamp: Stamp,
    certified: CertifiedKey,
}

/// Reads the certificate and its key, and makes sure that they belong together.
pub(crate) fn load(files: TlsFiles) -> Result<Loaded, BadTls> {
    // Taken first: what is written while they are read will be seen as another change.
    let stamp = Stamp::of(&files);
    let pem = read("tls.cert_file", &files.cert)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect();
    if chain.is_empty() {
        return Err(BadTls::NoCertificate(files.cert));
    }
    let pem = Zeroizing::new(read("tls.key_file", &files.key)?);
    let Ok(key) = PrivateKeyDer::from_pem_slice(&pem) else { return Err(BadTls::NoKey(files.key)) };
    match CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()) {
        Ok(certified) => Ok(Loaded { files, stamp, certified }),
        Err(cause) => Err(BadTls::Unusable { files, cause }),
    }
}

/// The certificate that is shown, and the files that a newer one may come to.
pub(crate) struct Certificate {
    shown: Arc<Shown>,
    files: TlsFiles,
    /// How the files were when they were last read.
    seen: Stamp,
}

impl Certificate {
    /// The certificate of a server that starts.
    pub(crate) fn new(loaded: Loaded) -> Self {
        warn_if_open(&loaded.files.key);
        let shown = Arc::new(Shown(RwLock::new(Arc::new(loaded.certified))));
        Self { shown, files: loaded.files, seen: loaded.stamp }
    }

    /// TLS 1.2 and 1.3 with the library's own choice of ciphers; HTTP/2 is preferred.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, BadTls> {
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(BadTls::Library)?;
        let shown: Arc<dyn ResolvesServerCert> = Arc::<Shown>::clone(&self.shown);
        let mut config = builder.with_no_client_auth().with_cert_resolver(shown);
        config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Handshakes from now on show another certificate. Connections that are open stay.
    pub(crate) fn replace(&mut self, loaded: Loaded) {
        warn_if_open(&loaded.files.key);
        (self.files, self.seen) = (loaded.files, loaded.stamp);
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded.certified);
    }

    /// Looks whether the files changed since they were last read, and shows what is in them if so; whether it does.
    /// After an error the certificate before is shown, and the files are read again when they change again.
    pub(crate) fn look(&mut self) -> Result<bool, BadTls> {
        let now = Stamp::of(&self.files);
        if now == self.seen {
            return Ok(false);
        }
        self.seen = now;
        self.replace(load(self.files.clone())?);
        Ok(true)
    }
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, BadTls> {
    fs::read(path).map_err(|cause| BadTls::Unreadable { setting, path: path.to_owned(), cause })
}

/// A warning only: some programs that fetch certificates give them to a group on purpose.
fn warn_if_open(key: &Path) {
    let mode = fs::metadata(key).map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 != 0 {
        let path = key.display();
        tracing::warn!("tls.key_file: {path} can be read by others: chmod 600 {path}");
    }
}

/// What changes whenever one of the files is written, replaced or linked anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp([Option<[i64; 3]>; 2]);

impl Stamp {
    /// Of the files as they are now.
    pub(crate) fn of(files: &TlsFiles) -> Self {
        Self([&files.cert, &files.key].map(|path| {
            let metadata = fs::metadata(path).ok()?;
            Some([metadata.ino().cast_signed(), metadata.mtime(), metadata.mtime_nsec()])
        }))
    }
}

#[cfg(test)]
mod tests;
