//! Where mail goes.

use config::{Security, Settings};
use mail::{FolderTransport, Sender, SmtpTransport, Transport};

use crate::compose::Problem;

/// The transport that the settings describe.
pub(crate) fn of(settings: &Settings) -> Result<Transport, Problem> {
    let mail = &settings.mail;
    let sender = Sender { name: mail.from_name.clone(), address: mail.from.clone() };
    let Some(smtp) = &mail.smtp else {
        return Ok(Transport::Folder(FolderTransport::new(settings.data.join("mail"), sender)?));
    };
    let password = config::Secret::direct_or_file(smtp.password.as_ref(), smtp.password_file.as_deref())?;
    let server = mail::SmtpSettings {
        host: smtp.host.clone(),
        port: smtp.port(),
        security: match smtp.security {
            Security::StartTls => mail::Security::StartTls,
            Security::Tls => mail::Security::Tls,
            Security::None => mail::Security::None,
        },
        username: smtp.username.clone(),
        password: password.map(|password| password.secret_string()),
        timeout: smtp.timeout.duration(),
        sender,
    };
    Ok(Transport::Smtp(match &smtp.ca_file {
        Some(file) => SmtpTransport::with_ca_file(server, file)?,
        None => SmtpTransport::new(server)?,
    }))
}

/// The same in words.
pub(crate) fn place(settings: &Settings) -> String {
    match &settings.mail.smtp {
        Some(smtp) => format!("sent through {}", smtp.host),
        None => settings.data.join("mail").display().to_string(),
    }
}
