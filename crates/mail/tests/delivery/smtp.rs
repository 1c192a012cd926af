//! Delivery over a plain connection on this machine, to servers of every temper.

use std::time::Duration;

use crate::sink::{
    Answer::{self, Drop, Say, Stall},
    BODY, PASSWORD, Script, Sink, deliver, failure, settings,
};
use mail::{Security, SmtpSettings, SmtpTransport};

async fn transport(script: Script) -> (SmtpTransport, Sink) {
    let sink = Sink::start(script).await;
    (SmtpTransport::new(settings(sink.port, Security::None)).unwrap(), sink)
}

/// A transport that waits 50 ms, for servers that stall.
async fn impatient(command: &'static str, answer: Answer) -> (SmtpTransport, Sink) {
    let sink = Sink::start(Script::with(command, answer)).await;
    let settings = SmtpSettings { timeout: Duration::from_millis(50), ..settings(sink.port, Security::None) };
    (SmtpTransport::new(settings).unwrap(), sink)
}

#[tokio::test]
async fn a_mail_is_handed_over_with_a_password() {
    let (smtp, sink) = transport(Script::default()).await;
    deliver(smtp).await.unwrap();
    let commands = sink.commands();
    assert_eq!(commands.len(), 6, "{commands:?}");
    assert_eq!(commands[0], "EHLO mail.example");
    // base64 of NUL tessera NUL pa55word-s3cret
    assert_eq!(commands[1], "AUTH PLAIN AHRlc3NlcmEAcGE1NXdvcmQtczNjcmV0");
    assert_eq!(
        commands[2..],
        ["MAIL FROM:<noreply@mail.example>", "RCPT TO:<ada@example.com>", "DATA", "QUIT"]
    );
    let messages = sink.messages();
    assert_eq!(messages.len(), 1);
    assert!(messages[0].contains(&format!("\r\n\r\n{BODY}\r\n.\r\n..\r\nend\r\n")), "{}", messages[0]);
    assert!(messages[0].contains("\r\nMessage-ID: <42@mail.example>\r\n"), "{}", messages[0]);
}

#[tokio::test]
async fn without_a_password_nobody_signs_in() {
    let sink = Sink::start(Script::default()).await;
    let open = SmtpSettings { username: None, password: None, ..settings(sink.port, Security::None) };
    deliver(SmtpTransport::new(open).unwrap()).await.unwrap();
    assert!(!sink.commands().iter().any(|command| command.starts_with("AUTH")), "{:?}", sink.commands());
    assert_eq!(sink.messages().len(), 1);
}

#[tokio::test]
async fn a_server_that_only_knows_login_is_signed_in_to() {
    let mut script = Script::with("EHLO", Say("250-sink\r\n250 AUTH LOGIN\r\n"));
    script.answers.insert("AUTH", Say("334 VXNlcm5hbWU6\r\n"));
    script.answers.insert("DGVZC2VYYQ==", Say("334 UGFzc3dvcmQ6\r\n"));
    script.answers.insert("CGE1NXDVCMQTCZNJCMV0", Say("235 welcome\r\n"));
    let (smtp, sink) = transport(script).await;
    deliver(smtp).await.unwrap();
    assert_eq!(sink.commands()[1..4], ["AUTH LOGIN", "dGVzc2VyYQ==", "cGE1NXdvcmQtczNjcmV0"]);
}

#[tokio::test]
async fn a_refused_recipient_or_message_is_permanent() {
    for (command, answer, reason) in [
        (
            "RCPT",
            "550 5.1.1 no such user\r\n",
            "naming the recipient: the mail server answered 550 5.1.1 no such user",
        ),
        (
            "RCPT",
            "553-5.1.3 first\r\n553 5.1.3 second\r\n",
            "naming the recipient: the mail server answered 553 5.1.3 first second",
        ),
        ("DATA", "554 5.5.1 no\r\n", "sending the message: the mail server answered 554 5.5.1"),
        (".", "554 5.7.1 spam\r\n", "sending the message: the mail server answered 554 5.7.1"),
        (".", "552 too big\r\n", "sending the message: the mail server answered 552"),
    ] {
        let (smtp, sink) = transport(Script::with(command, Say(answer))).await;
        let failed = failure(smtp).await;
        assert!(failed.permanent, "{command} {answer}");
        assert_eq!(failed.reason, reason);
        assert_eq!(sink.commands().last().unwrap(), "QUIT", "{command}");
    }
}

#[tokio::test]
async fn a_4xx_answer_is_temporary_at_every_step() {
    for command in ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."] {
        for answer in ["421 4.3.2 closing\r\n", "451 4.7.1 greylisted\r\n"] {
            let (smtp, _sink) = transport(Script::with(command, Say(answer))).await;
            let failed = failure(smtp).await;
            assert!(!failed.permanent, "{command}: {failed}");
            assert!(failed.reason.contains(&answer[..3]), "{command}: {failed}");
        }
    }
}

#[tokio::test]
async fn a_5xx_answer_that_is_not_about_the_mail_is_temporary() {
    for (command, answer) in [
        ("greeting", "554 5.3.2 no service here\r\n"),
        ("EHLO", "502 5.5.1 what\r\n"),
        ("AUTH", "535 5.7.8 wrong password\r\n"),
        ("MAIL", "550 5.7.1 sender not allowed\r\n"),
        ("MAIL", "530 5.7.0 sign in first\r\n"),
        ("RCPT", "530 5.7.0 sign in first\r\n"),
        ("RCPT", "535 5.7.8 sign in first\r\n"),
    ] {
        let (smtp, _sink) = transport(Script::with(command, Say(answer))).await;
        let failed = failure(smtp).await;
        assert!(!failed.permanent, "{command} {answer}");
        assert!(failed.reason.contains(&answer[..9]), "{command}: {failed}");
    }
}

#[tokio::test]
async fn a_dropped_connection_is_temporary_at_every_step() {
    for command in ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."] {
        let (smtp, _sink) = transport(Script::with(command, Drop)).await;
        assert!(!failure(smtp).await.permanent, "{command}");
    }
}

#[tokio::test]
async fn a_stalled_server_is_temporary_at_every_step() {
    for command in ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."] {
        let (smtp, _sink) = impatient(command, Stall).await;
        let failed = failure(smtp).await;
        assert!(!failed.permanent, "{command}");
        assert!(failed.reason.ends_with(": no answer in time"), "{command}: {failed}");
    }
}

#[tokio::test]
async fn nobody_there_is_temporary() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let failed = failure(SmtpTransport::new(settings(port, Security::None)).unwrap()).await;
    assert!(!failed.permanent);
    assert!(failed.reason.starts_with("connecting to the mail server: "), "{failed}");

    // RFC 6761 section 6.4: a name that never resolves.
    let unknown = SmtpSettings { host: "mail.invalid".into(), ..settings(port, Security::StartTls) };
    assert!(!failure(SmtpTransport::new(unknown).unwrap()).await.permanent);
}

#[tokio::test]
async fn an_accepted_mail_stays_accepted_whatever_the_goodbye() {
    for answer in [Drop, Stall, Say("500 what\r\n"), Say("gibberish\r\n")] {
        let sink = Sink::start(Script::with("QUIT", answer)).await;
        // Long enough for the answers before, on a busy machine.
        let limit = Duration::from_millis(if matches!(answer, Stall) { 500 } else { 10_000 });
        let settings = SmtpSettings { timeout: limit, ..settings(sink.port, Security::None) };
        deliver(SmtpTransport::new(settings).unwrap()).await.unwrap();
        assert_eq!(sink.messages().len(), 1);
    }
}

#[tokio::test]
async fn a_delivery_can_run_as_a_task_of_its_own() {
    let (smtp, sink) = transport(Script::default()).await;
    tokio::spawn(async move { deliver(smtp).await }).await.unwrap().unwrap();
    assert_eq!(sink.messages().len(), 1);
}

#[tokio::test]
async fn answers_that_make_no_sense_are_temporary() {
    for (command, answer) in [
        ("greeting", "HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("greeting", "\r\n"),
        ("greeting", "220 \u{0}\u{1b}[31m\r\n"),
        // Makes lettre 0.11.23 panic.
        ("EHLO", "250-sink\r\n250-   \r\n250 AUTH PLAIN\r\n"),
        ("EHLO", "250\r\n"),
        ("EHLO", "250-a\r\n550 b\r\n"),
        ("AUTH", "334 \r\n"),
        ("AUTH", "334 !\r\n"),
        ("RCPT", "999 what\r\n"),
        ("RCPT", "354 what\r\n"),
        ("RCPT", "550\n"),
        ("DATA", "250 thanks\r\n"),
        (".", "354 more\r\n"),
        (".", "b0dy-s3cret is not a code\r\n"),
    ] {
        let (smtp, _sink) = impatient(command, Say(answer)).await;
        match deliver(smtp).await {
            Ok(()) => assert_eq!(command, "greeting", "{answer:?}"),
            Err(failed) => {
                assert!(!failed.permanent, "{command} {answer:?}: {failed}");
                assert!(!failed.reason.contains(char::is_control), "{failed:?}");
                assert!(!failed.reason.contains(BODY), "{failed}");
            }
        }
    }
}

#[tokio::test]
async fn a_2xx_to_data_does_not_turn_the_message_into_commands() {
    let (smtp, sink) = transport(Script::with("DATA", Say("250 thanks\r\n"))).await;
    assert!(!failure(smtp).await.permanent);
    assert_eq!(sink.commands().last().unwrap(), "DATA");
}

#[tokio::test]
async fn the_servers_words_cannot_carry_secrets_or_escape_sequences() {
    for (command, answer) in [
        (".", "554 5.7.1 blocked: b0dy-s3cret\r\n"),
        (".", "554 b0dy-s3cret\r\n"),
        ("AUTH", "535 5.7.8 not pa55word-s3cret\r\n"),
        ("AUTH", "454 pa55word-s3cret\r\n"),
        ("RCPT", "550 5.1.1 you said pa55word-s3cret\r\n"),
        ("RCPT", "550 5.1.1 \u{1b}[2Jred \u{202e}txet\r\n"),
    ] {
        let (smtp, _sink) = transport(Script::with(command, Say(answer))).await;
        let failed = failure(smtp).await;
        assert!(!failed.reason.contains(['\u{1b}', '\u{202e}']), "{failed:?}");
    }
}

#[tokio::test]
async fn a_server_without_auth_is_not_sent_a_mail_unsigned() {
    let (smtp, sink) = transport(Script::with("EHLO", Say("250 sink\r\n"))).await;
    let failed = failure(smtp).await;
    assert!(!failed.permanent);
    assert!(failed.reason.starts_with("signing in to the mail server: "), "{failed}");
    assert!(sink.messages().is_empty());
}

#[tokio::test]
async fn a_recipient_that_cannot_be_used_never_reaches_the_server() {
    let (smtp, sink) = transport(Script::default()).await;
    let hostile = mail::Message {
        to: "ada@example.com>\r\nRCPT TO:<evil@example.com".into(),
        ..crate::sink::message()
    };
    let failed = mail::Transport::Smtp(smtp).deliver("42", &hostile, 0).await.unwrap_err();
    assert!(failed.permanent);
    assert!(sink.commands().is_empty());
}

#[tokio::test]
async fn a_message_cannot_smuggle_a_second_one() {
    let (smtp, sink) = transport(Script::default()).await;
    let smuggled = "MAIL FROM:<evil@example.com>\r\nRCPT TO:<eve@example.com>\r\nDATA\r\n";
    for end in ["\r\n.\r\n", "\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n\0.\r\n", "\r\r\n.\r\r\n"] {
        let text = format!("x{end}{smuggled}");
        let hostile =
            mail::Message { subject: text.clone(), text: text.clone(), html: text, ..crate::sink::message() };
        let smtp = SmtpTransport::new(settings(sink.port, Security::None)).unwrap();
        mail::Transport::Smtp(smtp).deliver("42", &hostile, 0).await.unwrap();
    }
    deliver(smtp).await.unwrap();
    let senders: Vec<String> = sink
        .commands()
        .into_iter()
        .filter(|command| command.starts_with("MAIL") || command.starts_with("RCPT"))
        .collect();
    assert_eq!(senders.len(), 16, "{senders:?}");
    assert!(!senders.iter().any(|command| command.contains("ev")), "{senders:?}");
    for message in sink.messages() {
        assert!(!message.replace("\r\n", "").contains(['\r', '\n', '\0']), "{message:?}");
    }
}

#[tokio::test]
async fn the_check_signs_in_and_sends_nothing() {
    let (smtp, sink) = transport(Script::default()).await;
    smtp.check().await.unwrap();
    assert_eq!(sink.commands()[2..], ["NOOP", "QUIT"]);
    assert!(sink.commands()[1].starts_with("AUTH PLAIN "));
}

#[tokio::test]
async fn the_check_fails_where_a_delivery_would() {
    for (command, answer) in [
        ("greeting", Say("554 no\r\n")),
        ("AUTH", Say("535 5.7.8 wrong: pa55word-s3cret\r\n")),
        ("NOOP", Say("500 no\r\n")),
        ("NOOP", Drop),
        ("NOOP", Stall),
    ] {
        let (smtp, _sink) = impatient(command, answer).await;
        let failed = smtp.check().await.unwrap_err();
        assert!(!failed.permanent && !failed.reason.contains(PASSWORD), "{command}: {failed}");
    }
}
