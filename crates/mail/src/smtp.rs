//! Mail to a mail server (RFC 5321), over TLS or within one machine.

mod failure;
mod reader;
mod session;

use std::{fmt, fs, net::IpAddr, path::Path, time::Duration};

use lettre::transport::smtp::client::{Certificate, TlsParameters};
use secrecy::{ExposeSecret as _, SecretString};

use self::session::Session;
use crate::{
    BadSettings, DeliveryFailed, Message, Sender,
    compose::{Originator, compose},
};

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Begins plain and changes to TLS before anything is said (RFC 3207); refused when the server does not offer it.
    StartTls,
    /// TLS from the first byte (RFC 8314 section 3.3).
    Tls,
    /// Not at all. With a password, only to this machine.
    None,
}

/// How to reach the mail server.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Host name or IP address; with TLS, the certificate must be for it.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Whom to sign in as, together with `password`.
    pub username: Option<String>,
    /// The password of `username`.
    pub password: Option<SecretString>,
    /// How long to wait for each step: finding the host, connecting, and each answer of the server.
    pub timeout: Duration,
    /// Who mails are from.
    pub sender: Sender,
}

/// Sends each mail over a connection of its own.
pub struct SmtpTransport {
    settings: SmtpSettings,
    from: Originator,
    protection: Protection,
}

/// [`Security`] with what it takes.
enum Protection {
    StartTls(TlsParameters),
    Tls(TlsParameters),
    None,
}

impl SmtpTransport {
    /// Checks `settings`, and loads the certificate authorities that this machine trusts. Does not connect.
    ///
    /// # Errors
    /// [`BadSettings`], also for a password that would cross a network unencrypted.
    pub fn new(settings: SmtpSettings) -> Result<SmtpTransport, BadSettings> {
        Self::build(settings, None)
    }

    /// As [`SmtpTransport::new`], and trusts the certificates in `ca_file` (PEM) too.
    ///
    /// # Errors
    /// [`BadSettings`], also when `ca_file` has no certificate.
    pub fn with_ca_file(settings: SmtpSettings, ca_file: &Path) -> Result<SmtpTransport, BadSettings> {
        Self::build(settings, Some(ca_file))
    }

    fn build(settings: SmtpSettings, ca_file: Option<&Path>) -> Result<SmtpTransport, BadSettings> {
        check_settings(&settings)?;
        let from = Originator::new(&settings.sender)?;
        let extra = ca_file.map(read_certificates).transpose()?;
        let protection = match settings.security {
            Security::StartTls => Protection::StartTls(tls_parameters(&settings.host, extra)?),
            Security::Tls => Protection::Tls(tls_parameters(&settings.host, extra)?),
            Security::None => Protection::None,
        };
        Ok(SmtpTransport { settings, from, protection })
    }

    /// Connects, signs in and leaves again, to show that the settings work. Sends no mail.
    ///
    /// # Errors
    /// [`DeliveryFailed`], never permanent.
    pub async fn check(&self) -> Result<(), DeliveryFailed> {
        session::contained(async {
            let mut session = Session::open(self).await?;
            let checked = session.check().await;
            session.close(checked).await
        })
        .await
    }

    /// See [`crate::Transport::deliver`].
    pub(crate) async fn deliver(
        &self,
        id: &str,
        message: &Message,
        now_seconds: i64,
    ) -> Result<(), DeliveryFailed> {
        let composed = compose(id, message, &self.from, now_seconds)?;
        session::contained(async {
            let mut session = Session::open(self).await?;
            let sent = session.send(&composed).await;
            session.close(sent).await
        })
        .await
    }
}

impl fmt::Debug for SmtpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpTransport").field("settings", &self.settings).finish_non_exhaustive()
    }
}

fn check_settings(settings: &SmtpSettings) -> Result<(), BadSettings> {
    if !is_host(&settings.host) {
        return Err(BadSettings::Host);
    }
    if settings.timeout.is_zero() {
        return Err(BadSettings::Timeout);
    }
    let (username, password) = match (&settings.username, &settings.password) {
        (None, None) => return Ok(()),
        (Some(username), Some(password)) => (username.as_str(), password.expose_secret()),
        _ => return Err(BadSettings::Credentials),
    };
    // A NUL would end the field (RFC 4616 section 2); other control characters are a slip in the settings.
    if [username, password].iter().any(|text| text.is_empty() || text.contains(char::is_control)) {
        return Err(BadSettings::Credentials);
    }
    if settings.security == Security::None && !is_this_machine(&settings.host) {
        return Err(BadSettings::PasswordInClear);
    }
    Ok(())
}

fn is_host(host: &str) -> bool {
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    host.parse::<IpAddr>().is_ok() || (!host.is_empty() && is_name)
}

/// Whether `host` means this machine. A session checks the address that a name led to once more.
fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn read_certificates(path: &Path) -> Result<Certificate, BadSettings> {
    let pem = fs::read(path).map_err(|source| BadSettings::CaFile { path: path.to_owned(), source })?;
    let has_one = pem.windows(BEGIN.len()).any(|window| window == BEGIN);
    let none = || BadSettings::NoCertificate { path: path.to_owned() };
    if has_one { Certificate::from_pem(&pem).map_err(|_| none()) } else { Err(none()) }
}

/// How a certificate begins in PEM (RFC 7468 section 5). An empty list of certificates is not an error to the parser.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

fn tls_parameters(host: &str, extra: Option<Certificate>) -> Result<TlsParameters, BadSettings> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(certificates) = extra {
        builder = builder.add_root_certificate(certificates);
    }
    builder.build().map_err(|error| BadSettings::Tls(error.to_string()))
}

#[cfg(test)]
mod tests;
