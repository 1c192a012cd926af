//! A mail server inside the test, which answers as its script says.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use mail::{DeliveryFailed, Message, Security, Sender, SmtpSettings, SmtpTransport, Transport};
use secrecy::SecretString;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

/// The password that must not be seen anywhere but in AUTH.
pub(crate) const PASSWORD: &str = "pa55word-s3cret";
/// A part of the message that must not be seen anywhere but in DATA.
pub(crate) const BODY: &str = "b0dy-s3cret";

/// What the server does when a command comes, or when the whole message has come (`.`), or at first (`greeting`).
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    /// Sends these bytes.
    Say(&'static str),
    /// Closes the connection.
    Drop,
    /// Says nothing more and keeps the connection open.
    Stall,
}

/// How the server is to behave: differences from one that accepts everything.
#[derive(Clone, Default)]
pub(crate) struct Script {
    /// By command in upper case, `.` or `greeting`.
    pub(crate) answers: HashMap<&'static str, Answer>,
    /// The certificate, for TLS.
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// Whether TLS begins at once.
    pub(crate) wrapped: bool,
}

impl Script {
    /// A server that accepts everything but does `answer` at `command`.
    pub(crate) fn with(command: &'static str, answer: Answer) -> Script {
        Script { answers: HashMap::from([(command, answer)]), ..Script::default() }
    }
}

/// What the server has seen.
#[derive(Default)]
pub(crate) struct Seen {
    /// Every command line, in the order they came.
    pub(crate) commands: Vec<String>,
    /// Every message that was accepted or not, without dot-stuffing.
    pub(crate) messages: Vec<String>,
    /// The commands that came inside TLS.
    pub(crate) encrypted: Vec<String>,
}

/// A running server.
pub(crate) struct Sink {
    pub(crate) port: u16,
    pub(crate) seen: Arc<Mutex<Seen>>,
}

impl Sink {
    /// Listens on a free port of this machine.
    pub(crate) async fn start(script: Script) -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let talk = Talk { script: script.clone(), seen: Arc::clone(&shared), encrypted: false };
                tokio::spawn(talk.run(stream));
            }
        });
        Sink { port, seen }
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        self.seen.lock().unwrap().commands.clone()
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.seen.lock().unwrap().messages.clone()
    }

    pub(crate) fn encrypted(&self) -> Vec<String> {
        self.seen.lock().unwrap().encrypted.clone()
    }
}

trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}
type Stream = BufReader<Box<dyn Duplex>>;

/// One connection.
struct Talk {
    script: Script,
    seen: Arc<Mutex<Seen>>,
    encrypted: bool,
}

impl Talk {
    async fn run(mut self, stream: TcpStream) {
        let mut stream: Stream = BufReader::new(Box::new(stream));
        if self.script.wrapped {
            let Some(inner) = self.encrypt(stream).await else { return };
            stream = inner;
        }
        if !self.answer(&mut stream, "greeting", "220 sink.example ESMTP\r\n").await {
            return;
        }
        while let Some(line) = read_line(&mut stream).await {
            self.note(&line);
            let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            if !self.answer(&mut stream, &command, self.usual(&command)).await {
                return;
            }
            match command.as_str() {
                "DATA" if !self.take_message(&mut stream).await => return,
                "STARTTLS" => match self.encrypt(stream).await {
                    Some(inner) => stream = inner,
                    None => return,
                },
                _ => {}
            }
        }
    }

    fn note(&self, line: &str) {
        let mut seen = self.seen.lock().unwrap();
        seen.commands.push(line.to_owned());
        if self.encrypted {
            seen.encrypted.push(line.to_owned());
        }
    }

    fn usual(&self, command: &str) -> &'static str {
        match command {
            "EHLO" if self.script.tls.is_some() && !self.encrypted => "250-sink.example\r\n250 STARTTLS\r\n",
            "EHLO" => "250-sink.example\r\n250 AUTH PLAIN LOGIN\r\n",
            "AUTH" => "235 2.7.0 welcome\r\n",
            "DATA" => "354 go on\r\n",
            "STARTTLS" => "220 ready\r\n",
            "QUIT" => "221 bye\r\n",
            _ => "250 2.0.0 ok\r\n",
        }
    }

    async fn answer(&self, stream: &mut Stream, command: &str, usual: &str) -> bool {
        let text = match self.script.answers.get(command) {
            None => usual,
            Some(Answer::Say(text)) => text,
            Some(Answer::Drop) => return false,
            Some(Answer::Stall) => {
                std::future::pending::<()>().await;
                return false;
            }
        };
        stream.write_all(text.as_bytes()).await.is_ok() && stream.flush().await.is_ok()
    }

    async fn take_message(&self, stream: &mut Stream) -> bool {
        if self
            .script
            .answers
            .get("DATA")
            .is_some_and(|answer| !matches!(answer, Answer::Say(text) if text.starts_with('3')))
        {
            return true;
        }
        let mut message = String::new();
        while let Some(line) = read_line(stream).await {
            if line == "." {
                self.seen.lock().unwrap().messages.push(message);
                return self.answer(stream, ".", "250 2.0.0 queued\r\n").await;
            }
            message.push_str(line.strip_prefix('.').unwrap_or(&line));
            message.push_str("\r\n");
        }
        false
    }

    async fn encrypt(&mut self, stream: Stream) -> Option<Stream> {
        let acceptor = TlsAcceptor::from(Arc::clone(self.script.tls.as_ref()?));
        let stream = acceptor.accept(stream.into_inner()).await.ok()?;
        self.encrypted = true;
        Some(BufReader::new(Box::new(stream)))
    }
}

/// A line that ends with CRLF, and nothing else will do.
async fn read_line(stream: &mut Stream) -> Option<String> {
    let mut line = Vec::new();
    loop {
        if stream.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        if line.ends_with(b"\r\n") {
            line.truncate(line.len() - 2);
            return String::from_utf8(line).ok();
        }
    }
}

/// A certificate for `names` that signed itself: the server's side, and the PEM to trust.
pub(crate) fn certificate(names: &[&str]) -> (Arc<ServerConfig>, String) {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let certified = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    (Arc::new(config), certified.cert.pem())
}

/// Settings for a server on this machine, with a password.
pub(crate) fn settings(port: u16, security: Security) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        security,
        username: Some("tessera".into()),
        password: Some(SecretString::from(PASSWORD)),
        timeout: Duration::from_secs(10),
        sender: Sender { name: "Example".into(), address: "noreply@mail.example".into() },
    }
}

/// A file with `pem` in it, and the folder that keeps it.
pub(crate) fn pem_file(pem: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, pem).unwrap();
    (folder, path)
}

pub(crate) fn message() -> Message {
    Message {
        to: "ada@example.com".into(),
        subject: "Hello".into(),
        text: format!("{BODY}\n.\n..\nend\n"),
        html: format!("<p>{BODY}</p>\n"),
    }
}

/// Sends [`message`] as mail 42.
pub(crate) async fn deliver(smtp: SmtpTransport) -> Result<(), DeliveryFailed> {
    Transport::Smtp(smtp).deliver("42", &message(), 1_700_000_000).await
}

/// The failure of sending [`message`], which never repeats a secret and is one line.
pub(crate) async fn failure(smtp: SmtpTransport) -> DeliveryFailed {
    let failed = deliver(smtp).await.expect_err("the server did not take the message");
    let shown = format!("{failed} {failed:?}");
    assert!(!shown.contains(PASSWORD) && !shown.contains(BODY), "{shown}");
    assert!(!failed.reason.contains(char::is_control) && failed.reason.chars().count() <= 301, "{shown}");
    failed
}
