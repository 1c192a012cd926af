use std::{fs, path::Path, time::Duration};

use secrecy::SecretString;

use super::{Security, SmtpSettings, SmtpTransport};
use crate::{BadSettings, Sender};

fn settings(host: &str, security: Security) -> SmtpSettings {
    SmtpSettings {
        host: host.into(),
        port: 25,
        security,
        username: Some("tessera".into()),
        password: Some(SecretString::from("s3cret")),
        timeout: Duration::from_secs(1),
        sender: Sender { name: "Example".into(), address: "noreply@mail.example".into() },
    }
}

fn refusal(settings: SmtpSettings) -> BadSettings {
    SmtpTransport::new(settings).expect_err("these settings are wrong")
}

#[test]
fn a_password_needs_tls_or_this_machine() {
    for host in
        ["mail.example", "192.0.2.1", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", "::"]
    {
        assert!(matches!(refusal(settings(host, Security::None)), BadSettings::PasswordInClear), "{host}");
        assert!(SmtpTransport::new(settings(host, Security::StartTls)).is_ok(), "{host}");
        assert!(SmtpTransport::new(settings(host, Security::Tls)).is_ok(), "{host}");
        let no_password = SmtpSettings { username: None, password: None, ..settings(host, Security::None) };
        assert!(SmtpTransport::new(no_password).is_ok(), "{host}");
    }
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"] {
        assert!(SmtpTransport::new(settings(host, Security::None)).is_ok(), "{host}");
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let good = || settings("mail.example", Security::StartTls);
    for host in
        ["", " ", "mail example", "mail.example\r\n", "mail.example:25", "smtp://mail.example", "a@b", "é"]
    {
        let bad = SmtpSettings { host: host.into(), ..good() };
        assert!(matches!(refusal(bad), BadSettings::Host), "{host:?}");
    }
    assert!(matches!(refusal(SmtpSettings { timeout: Duration::ZERO, ..good() }), BadSettings::Timeout));
    assert!(matches!(refusal(SmtpSettings { username: None, ..good() }), BadSettings::Credentials));
    assert!(matches!(refusal(SmtpSettings { password: None, ..good() }), BadSettings::Credentials));
    for bad in ["", "a\0b", "a\r\nb", "a\n"] {
        assert!(matches!(
            refusal(SmtpSettings { username: Some(bad.into()), ..good() }),
            BadSettings::Credentials
        ));
        let password = Some(SecretString::from(bad));
        assert!(matches!(refusal(SmtpSettings { password, ..good() }), BadSettings::Credentials), "{bad:?}");
    }
    let sender = Sender { name: String::new(), address: "nobody".into() };
    assert!(matches!(refusal(SmtpSettings { sender, ..good() }), BadSettings::Sender));
}

#[test]
fn a_certificate_file_must_have_a_certificate() {
    let place = tempfile::tempdir().unwrap();
    let with =
        |path: &Path| SmtpTransport::with_ca_file(settings("mail.example", Security::Tls), path).unwrap_err();
    let missing = place.path().join("missing.pem");
    let error = with(&missing);
    assert!(matches!(error, BadSettings::CaFile { .. }), "{error:?}");
    assert!(error.to_string().contains("missing.pem"), "{error}");

    let file = place.path().join("ca.pem");
    let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    let empty = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for content in ["", "no certificate", empty, cut] {
        fs::write(&file, content).unwrap();
        let error = with(&file);
        assert!(matches!(error, BadSettings::NoCertificate { .. }), "{content:?}: {error:?}");
    }
    fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let error = with(&file);
    assert!(matches!(error, BadSettings::Tls(_)), "{error:?}");
}

#[test]
fn debug_hides_the_password() {
    let transport = SmtpTransport::new(settings("localhost", Security::None)).unwrap();
    let shown = format!("{transport:?} {:?}", transport.settings);
    assert!(shown.contains("tessera") && !shown.contains("s3cret"), "{shown}");
}
