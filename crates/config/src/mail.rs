//! How mail leaves the house.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::time::Time;

/// `[mail]`: who it is from, and through what it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSettings {
    /// The sender's address.
    pub from: String,
    /// The sender's name.
    pub from_name: String,
    /// The mail server; none = files in `DATA/mail`.
    pub smtp: Option<SmtpSettings>,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self { from: "noreply@localhost.localdomain".into(), from_name: "Tessera".into(), smtp: None }
    }
}

/// `[mail.smtp]`: the mail server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its host name; its certificate is checked against it.
    pub host: String,
    /// Its port; 587 for `starttls`, 465 for `tls` and 25 for `none` unless given.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is secured.
    #[serde(default)]
    pub security: Security,
    /// The user to authenticate as.
    #[serde(default)]
    pub username: Option<String>,
    /// Its password.
    #[serde(default)]
    pub password: Option<Secret>,
    /// A file with its password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// A PEM file with a certificate authority to trust besides the system's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// How long one delivery may take.
    #[serde(default = "thirty_seconds")]
    pub timeout: Time,
}

fn thirty_seconds() -> Time {
    Time::seconds(30)
}

/// How a connection to a mail server is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// A plain connection that must become TLS before anything is said (RFC 3207).
    #[default]
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// None at all.
    None,
}

impl SmtpSettings {
    /// The port, given or by its convention.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            Security::StartTls => 587,
            Security::Tls => 465,
            Security::None => 25,
        })
    }
}
