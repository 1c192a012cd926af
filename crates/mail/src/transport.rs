//! The ways a mail can leave.

use std::{io, path::PathBuf};

use crate::{FolderTransport, Message, SmtpTransport};

/// Who mails are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name that readers see; may be empty.
    pub name: String,
    /// The e-mail address. Its domain is also the one in every `Message-ID`.
    pub address: String,
}

/// Where mails go.
#[derive(Debug)]
pub enum Transport {
    /// Into files, for a start without a mail server.
    Folder(FolderTransport),
    /// To a mail server.
    Smtp(SmtpTransport),
}

impl Transport {
    /// Hands on `message`, stored in the outbox under `id`, with the `Date` `now_seconds` (since the epoch, UTC).
    ///
    /// The same `id` always makes the same `Message-ID`, so that a mail that was sent twice can be seen to be one.
    /// `id` is 1 to 100 of `A-Z a-z 0-9 - _`. `Ok` means that the other side has taken responsibility: the file is on
    /// disk, or the server answered the message with 2xx.
    ///
    /// # Errors
    /// [`DeliveryFailed`]; nothing is retried here.
    pub async fn deliver(&self, id: &str, message: &Message, now_seconds: i64) -> Result<(), DeliveryFailed> {
        match self {
            Transport::Folder(folder) => folder.deliver(id, message, now_seconds).await,
            Transport::Smtp(smtp) => smtp.deliver(id, message, now_seconds).await,
        }
    }
}

/// Why a mail did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct DeliveryFailed {
    /// Whether trying again is pointless: the server refused this recipient or this message for good (5xx), or the
    /// address, id or content cannot be sent at all. Everything else, also wrong settings, may pass.
    pub permanent: bool,
    /// One line for the operator. Never a part of the message, never the mail server's password.
    pub reason: String,
}

impl DeliveryFailed {
    /// A failure that will not pass.
    pub(crate) fn permanent(reason: impl Into<String>) -> DeliveryFailed {
        DeliveryFailed { permanent: true, reason: reason.into() }
    }

    /// A failure that may pass.
    pub(crate) fn temporary(reason: impl Into<String>) -> DeliveryFailed {
        DeliveryFailed { permanent: false, reason: reason.into() }
    }
}

/// Why a transport cannot be made of its settings.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// The sender's address is not one that mail can be sent from.
    #[error("the sender's e-mail address is not valid")]
    Sender,
    /// The mail folder cannot be made.
    #[error("cannot make the mail folder {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// The mail server's host is empty or has characters that no host has.
    #[error("the mail server's host is neither a host name nor an IP address")]
    Host,
    /// The time limit is zero.
    #[error("the time limit for the mail server must be more than zero")]
    Timeout,
    /// A user name without a password or the reverse, or control characters in one of them.
    #[error("the mail server needs a user name and a password, or neither, without control characters")]
    Credentials,
    /// A password, but neither TLS nor a server on this machine.
    #[error("the mail server's password would cross the network unencrypted: use starttls or tls")]
    PasswordInClear,
    /// The file of extra certificates cannot be read.
    #[error("cannot read the certificate file {}: {source}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// The file of extra certificates has no certificate in PEM form.
    #[error("there is no PEM certificate in {}", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS for the mail server: {0}")]
    Tls(String),
}
