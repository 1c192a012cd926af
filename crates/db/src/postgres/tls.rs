//! TLS to the server, as much of it as the URL asks for.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::address::Security;
use super::verify::{AnyHost, Anybody};
use crate::Fault;

/// Makes TLS connections to one database.
#[derive(Clone)]
pub(super) struct Tls {
    /// None where TLS is switched off.
    connector: Option<TlsConnector>,
}

impl Tls {
    /// Reads the authorities to trust: those in the file, else the system's.
    pub(super) fn new(security: Security, root_file: Option<&Path>) -> Result<Self, Fault> {
        let security = match (security, root_file) {
            // As libpq does: whoever names an authority wants it asked.
            (Security::Prefer | Security::Require, Some(_)) => Security::VerifyCa,
            (other, _) => other,
        };
        let verifier: Arc<dyn ServerCertVerifier> = match security {
            Security::Disable => return Ok(Self { connector: None }),
            Security::Prefer | Security::Require => Arc::new(Anybody),
            Security::VerifyCa => Arc::new(AnyHost(verifier(root_file)?)),
            Security::VerifyFull => verifier(root_file)?,
        };
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Fault::unavailable(format!("TLS: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(Self { connector: Some(TlsConnector::from(Arc::new(config))) })
    }
}

fn verifier(root_file: Option<&Path>) -> Result<Arc<WebPkiServerVerifier>, Fault> {
    let mut roots = RootCertStore::empty();
    match root_file {
        Some(path) => {
            let wrong = |error: &dyn std::fmt::Display| {
                Fault::unavailable(format!("cannot read authorities from {}: {error}", path.display()))
            };
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
                let certificate = certificate.map_err(|error| wrong(&error))?;
                roots.add(certificate).map_err(|error| wrong(&error))?;
            }
        }
        None => _ = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs),
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(aws_lc_rs::default_provider()))
        .build()
        .map_err(|error| Fault::unavailable(format!("no authority to trust: {error}")))
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = TlsStream;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Handshake> {
        // Sockets have no host, and no TLS either; this is asked all the same.
        Ok(Handshake { connector: self.connector.clone(), host: ServerName::try_from(host.to_owned()).ok() })
    }
}

/// TLS about to be spoken to one host.
pub(super) struct Handshake {
    connector: Option<TlsConnector>,
    host: Option<ServerName<'static>>,
}

impl TlsConnect<Socket> for Handshake {
    type Stream = TlsStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TlsStream>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let (Some(connector), Some(host)) = (self.connector, self.host) else {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "no TLS to a host of this name"));
            };
            connector.connect(host, socket).await.map(TlsStream)
        })
    }
}

/// An encrypted connection.
pub(super) struct TlsStream(tokio_rustls::client::TlsStream<Socket>);

impl tokio_postgres::tls::TlsStream for TlsStream {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
