//! TLS on the main listener.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use harness::process::{Options, Signal, TesseraProcess};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, Error, RootCertStore, StreamOwned, SupportedProtocolVersion,
};

use crate::stand::{BINARY, cheap, eventually};

const HOST: &str = "auth.example.com";

/// A certificate in files of its own.
struct Identity {
    folder: TempDir,
}

impl Identity {
    fn new() -> Self {
        let identity = Self { folder: tempfile::tempdir().unwrap() };
        identity.renew();
        identity
    }

    fn cert(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// Another certificate in the same files.
    fn renew(&self) {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([HOST.to_owned()]).unwrap();
        fs::write(self.cert(), cert.pem()).unwrap();
        fs::write(self.key(), signing_key.serialize_pem()).unwrap();
        fs::set_permissions(self.key(), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn settings(&self) -> String {
        format!("[tls]\ncert_file = {:?}\nkey_file = {:?}\n", self.cert(), self.key())
    }

    fn options(&self) -> Options {
        cheap().unthrottled().settings(&self.settings())
    }

    /// A connection that trusts what is in the file now, and nothing else.
    fn connect(
        &self,
        address: SocketAddr,
        version: &'static SupportedProtocolVersion,
        protocols: &[&str],
    ) -> Result<StreamOwned<ClientConnection, TcpStream>, Error> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.cert()).unwrap()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let name = ServerName::try_from(HOST).unwrap();
        let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        while client.is_handshaking() {
            if let Err(error) = client.complete_io(&mut stream) {
                return Err(*error.into_inner().unwrap().downcast().unwrap());
            }
        }
        Ok(StreamOwned::new(client, stream))
    }

    fn is_shown(&self, address: SocketAddr) -> bool {
        self.connect(address, &TLS13, &[]).is_ok()
    }
}

/// What a server answers that closes the connection afterwards.
fn ask(stream: &mut (impl Read + Write)) -> String {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: auth.example.com\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

#[test]
fn both_versions_are_spoken_and_browsers_are_told_to_stay() {
    let identity = Identity::new();
    let server = TesseraProcess::start(identity.options());
    assert!(server.output().contains(&format!("listening on https://{}\n", server.address())));
    for version in [&TLS12, &TLS13] {
        for protocols in [&[][..], &["http/1.1"]] {
            let answer = ask(&mut identity.connect(server.address(), version, protocols).unwrap());
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.contains("\r\nstrict-transport-security: max-age=31536000\r\n"), "{answer}");
        }
        let both = identity.connect(server.address(), version, &["http/1.1", "h2"]).unwrap();
        assert_eq!(both.conn.alpn_protocol(), Some(&b"h2"[..]));
    }
    assert!(!server.output().contains("can be read by others"), "{}", server.output());
    // Behind somebody who speaks TLS for us browsers come by https as well.
    let server = TesseraProcess::start(cheap().settings("public_url = \"https://auth.example.com\""));
    let answer = ask(&mut TcpStream::connect(server.address()).unwrap());
    assert!(answer.contains("\r\nstrict-transport-security: "), "{answer}");
}

#[test]
fn http2_is_spoken_to_who_offers_it() {
    use super::frames::{END_HEADERS, END_STREAM, GET, HEADERS, PREFACE, SETTINGS, STATUS_200, frame};
    let identity = Identity::new();
    let server = TesseraProcess::start(identity.options());
    let mut stream = identity.connect(server.address(), &TLS13, &["h2"]).unwrap();
    let asked = frame(HEADERS, END_HEADERS | END_STREAM, 1, GET);
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[]), &asked].concat()).unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).unwrap();
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]).try_into().unwrap()];
        stream.read_exact(&mut payload).unwrap();
        if head[3] == HEADERS {
            assert_eq!(payload[0], STATUS_200);
            break;
        }
    }
    // Whoever agreed on HTTP/1 and begins HTTP/2 all the same is not served.
    let mut stream = identity.connect(server.address(), &TLS13, &["http/1.1"]).unwrap();
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).unwrap();
    let mut answer = Vec::new();
    _ = stream.read_to_end(&mut answer);
    assert!(!answer.windows(2).any(|bytes| bytes == [SETTINGS, 0]), "{answer:?}");
}

#[test]
fn who_does_not_speak_tls_is_turned_away_and_holds_nobody_up() {
    let identity = Identity::new();
    let server = TesseraProcess::start(identity.options());
    let silent: Vec<_> = (0..50).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    let mut plain = TcpStream::connect(server.address()).unwrap();
    plain.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"), "{}", String::from_utf8_lossy(&answer));
    assert!(identity.is_shown(server.address()));
    for mut stream in silent {
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // It ends by itself; a server that waits for ever fails here by the time-out.
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }
    let mut server = server;
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn a_hang_up_shows_a_new_certificate_and_keeps_the_old_one_if_the_new_is_none() {
    let identity = Identity::new();
    let server = TesseraProcess::start(identity.options());
    let mut open = identity.connect(server.address(), &TLS13, &[]).unwrap();
    identity.renew();
    assert!(!identity.is_shown(server.address()));
    server.signal(Signal::HUP);
    eventually("the new certificate is shown", || identity.is_shown(server.address()));
    assert!(ask(&mut open).starts_with("HTTP/1.1 200"), "an open connection goes on");
    let good = fs::read(identity.key()).unwrap();
    fs::write(identity.key(), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    server.signal(Signal::HUP);
    eventually("the mistake is logged", || server.output().contains("stay as they were"));
    assert!(server.output().contains("cannot be used together"), "{}", server.output());
    assert!(identity.is_shown(server.address()));
    fs::write(identity.key(), good).unwrap();
}

#[test]
fn files_that_are_none_are_named() {
    let identity = Identity::new();
    let refused = |settings: &str, words: &[&str]| {
        let said = match TesseraProcess::try_start(cheap().settings(settings)) {
            Ok(_) => panic!("it started with {settings}"),
            Err(failed) => failed.output,
        };
        for word in words {
            assert!(said.contains(word), "{word:?} is missing in:\n{said}");
        }
        // What is refused at the start is refused by the check before it.
        let file = identity.folder.path().join("tessera.toml");
        fs::write(&file, settings).unwrap();
        let mut check = std::process::Command::new(BINARY);
        check.env_remove(harness::engine::VARIABLE).args(["config", "check", "--config"]).arg(file);
        let check = check.output().unwrap();
        assert_eq!(check.status.code(), Some(1));
        assert!(words.iter().all(|word| String::from_utf8_lossy(&check.stderr).contains(word)));
    };
    let half = format!("[tls]\ncert_file = {:?}", identity.cert());
    refused(&half, &["tls.cert_file", "tls.key_file", "both or neither"]);
    refused(&identity.settings().replace("cert.pem", "none.pem"), &["tls.cert_file", "none.pem"]);
    refused(&identity.settings().replace("key.pem", "none.pem"), &["tls.key_file", "none.pem"]);
    refused(&identity.settings().replace("key.pem", "cert.pem"), &["tls.key_file", "no private key"]);
    refused(&identity.settings().replace("cert.pem", "key.pem"), &["tls.cert_file", "no certificate"]);
    let good = fs::read_to_string(identity.key()).unwrap();
    fs::write(identity.key(), good.replace("PRIVATE", "ENCRYPTED PRIVATE")).unwrap();
    refused(&identity.settings(), &["tls.key_file", "not encrypted"]);
    fs::write(identity.key(), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    refused(&identity.settings(), &["cert.pem", "key.pem", "cannot be used together"]);
    // One that others can read is used, since some give it to a group on purpose, but not in silence.
    fs::write(identity.key(), good).unwrap();
    fs::set_permissions(identity.key(), fs::Permissions::from_mode(0o640)).unwrap();
    let server = TesseraProcess::start(identity.options());
    assert!(server.output().contains("can be read by others"), "{}", server.output());
}
