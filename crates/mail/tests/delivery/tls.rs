//! Delivery over STARTTLS and TLS, to the right server and to wrong ones.

use crate::sink::{Answer::Say, Script, Sink, certificate, deliver, failure, pem_file, settings};
use mail::{Security, SmtpSettings, SmtpTransport};

/// A server with a certificate for `names`, and the PEM to trust.
async fn server(names: &[&str], script: Script) -> (Sink, String) {
    let (tls, pem) = certificate(names);
    (Sink::start(Script { tls: Some(tls), ..script }).await, pem)
}

fn trusting(settings: SmtpSettings, pem: &str) -> SmtpTransport {
    let (_folder, path) = pem_file(pem);
    SmtpTransport::with_ca_file(settings, &path).unwrap()
}

#[tokio::test]
async fn starttls_protects_the_password_and_the_mail() {
    let (sink, pem) = server(&["127.0.0.1"], Script::default()).await;
    let smtp = trusting(settings(sink.port, Security::StartTls), &pem);
    smtp.check().await.unwrap();
    deliver(smtp).await.unwrap();
    assert_eq!(sink.commands()[..2], ["EHLO mail.example", "STARTTLS"]);
    assert_eq!(sink.encrypted().iter().filter(|command| command.starts_with("AUTH")).count(), 2);
    assert!(sink.encrypted().contains(&"DATA".to_owned()));
    assert_eq!(sink.messages().len(), 1);
}

#[tokio::test]
async fn tls_from_the_first_byte_delivers() {
    let (sink, pem) = server(&["localhost"], Script { wrapped: true, ..Script::default() }).await;
    let smtp =
        trusting(SmtpSettings { host: "localhost".into(), ..settings(sink.port, Security::Tls) }, &pem);
    smtp.check().await.unwrap();
    deliver(smtp).await.unwrap();
    assert_eq!(sink.encrypted(), sink.commands());
    assert_eq!(sink.messages().len(), 1);
}

#[tokio::test]
async fn a_wrong_certificate_is_refused_before_anything_is_said() {
    let (_, other) = certificate(&["127.0.0.1"]);
    for (security, wrapped) in [(Security::StartTls, false), (Security::Tls, true)] {
        for names in [["127.0.0.1"], ["mail.example"], ["127.0.0.2"]] {
            let (sink, own) = server(&names, Script { wrapped, ..Script::default() }).await;
            let right_name = names == ["127.0.0.1"];
            // The right name, but not trusted; or trusted, but for another name.
            let pem = if right_name { &other } else { &own };
            let failed = failure(trusting(settings(sink.port, security), pem)).await;
            assert!(!failed.permanent, "{failed}");
            assert!(failed.reason.contains("certificate"), "{failed}");
            assert!(sink.encrypted().is_empty(), "{:?}", sink.encrypted());
            let plain = sink.commands();
            assert!(!plain.iter().any(|command| command.starts_with("AUTH")), "{plain:?}");
        }
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused_without_the_setting() {
    let (sink, _) = server(&["127.0.0.1"], Script::default()).await;
    let smtp = SmtpTransport::new(settings(sink.port, Security::StartTls)).unwrap();
    let failed = failure(smtp).await;
    assert!(!failed.permanent && failed.reason.contains("certificate"), "{failed}");
    assert!(sink.encrypted().is_empty());
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    for ehlo in ["250-sink\r\n250 AUTH PLAIN LOGIN\r\n", "250 sink\r\n"] {
        let (sink, pem) = server(&["127.0.0.1"], Script::with("EHLO", Say(ehlo))).await;
        let failed = failure(trusting(settings(sink.port, Security::StartTls), &pem)).await;
        assert!(!failed.permanent, "{failed}");
        assert_eq!(sink.commands(), ["EHLO mail.example"]);
    }
}

#[tokio::test]
async fn a_refused_starttls_is_temporary_and_gets_nothing() {
    for answer in ["454 4.7.0 not now\r\n", "502 5.5.1 no\r\n"] {
        let (sink, pem) = server(&["127.0.0.1"], Script::with("STARTTLS", Say(answer))).await;
        let failed = failure(trusting(settings(sink.port, Security::StartTls), &pem)).await;
        assert!(!failed.permanent, "{failed}");
        assert!(!sink.commands().iter().any(|command| command.starts_with("AUTH")), "{:?}", sink.commands());
    }
}

#[tokio::test]
async fn answers_added_in_plain_text_before_tls_are_not_believed() {
    // Whoever sits on the wire appends answers of their own to the server's 220.
    let forged =
        "220 ready\r\n250-sink\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n";
    let (sink, pem) = server(&["127.0.0.1"], Script::with("STARTTLS", Say(forged))).await;
    let failed = failure(trusting(settings(sink.port, Security::StartTls), &pem)).await;
    assert!(!failed.permanent, "{failed}");
    assert!(sink.encrypted().is_empty(), "{:?}", sink.encrypted());
}
