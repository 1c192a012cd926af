//! Encryption, whom to believe, and passwords.

use std::path::PathBuf;
use std::time::Duration;

use db::{Database, Fault, FaultKind, ServerOptions, Statement, params};
use harness::postgres::{Cluster, Options};

use super::{server, text, try_open};

/// A server with a certificate for `localhost` and a password, and a folder with authorities.
struct Stage {
    cluster: Cluster,
    database: String,
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let right = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let options = Options::new()
            .certificate(&right.cert.pem(), &right.signing_key.serialize_pem())
            .password("pass?word");
        let cluster = Cluster::start(options);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("right.pem"), right.cert.pem()).unwrap();
        std::fs::write(folder.path().join("other.pem"), other.cert.pem()).unwrap();
        let database = cluster.create_database();
        Self { cluster, database, folder }
    }

    fn authority(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.pem"))
    }

    async fn open(&self, host: &str, parameters: &str) -> Result<Database, Fault> {
        let port = self.cluster.port();
        let url = format!("postgres://tessera:pass%3Fword@{host}:{port}/{}?{parameters}", self.database);
        try_open(&url, server(1, Duration::from_secs(10))).await
    }
}

async fn encrypted(opened: Result<Database, Fault>) -> bool {
    let sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    opened.unwrap().query(Statement::new(sql, params![])).await.unwrap()[0].boolean(0).unwrap()
}

#[track_caller]
fn refused(opened: Result<Database, Fault>, why: &str) {
    let fault = opened.unwrap_err();
    assert_eq!(fault.kind(), FaultKind::Unavailable);
    let shown = fault.to_string();
    assert!(shown.to_lowercase().contains(why) && !shown.contains("word@"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_is_believed_as_far_as_the_url_says() {
    let stage = Stage::new();
    let root = |name: &str| format!("sslrootcert={}", stage.authority(name).display());
    assert!(!encrypted(stage.open("127.0.0.1", "sslmode=disable").await).await);
    assert!(encrypted(stage.open("127.0.0.1", "").await).await);
    assert!(encrypted(stage.open("127.0.0.1", "sslmode=require").await).await);
    // Its authority, then also its name.
    for mode in ["require", "prefer", "verify-ca"] {
        let url = |name| format!("sslmode={mode}&{}", root(name));
        assert!(encrypted(stage.open("127.0.0.1", &url("right")).await).await, "{mode}");
        refused(stage.open("127.0.0.1", &url("other")).await, "certificate");
    }
    for mode in ["sslmode=verify-full&", ""] {
        assert!(encrypted(stage.open("localhost", &format!("{mode}{}", root("right"))).await).await);
        refused(stage.open("127.0.0.1", &format!("{mode}{}", root("right"))).await, "certificate");
        refused(stage.open("localhost", &format!("{mode}{}", root("other"))).await, "certificate");
    }
    // The system's authorities do not know it.
    refused(stage.open("localhost", "sslmode=verify-full").await, "certificate");
    refused(stage.open("localhost", "sslmode=verify-ca").await, "certificate");
    refused(stage.open("localhost", "sslmode=verify-ca&sslrootcert=/nowhere.pem").await, "nowhere");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_is_refused_where_it_is_asked_for() {
    let cluster = Cluster::shared();
    let url = cluster.tcp_url(&cluster.create_database());
    let options = || server(1, Duration::from_secs(10));
    assert!(!encrypted(try_open(&url, options()).await).await);
    for mode in ["require", "verify-ca", "verify-full"] {
        refused(try_open(&format!("{url}?sslmode={mode}"), options()).await, "tls");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_and_authorities_come_from_the_options_too() {
    let stage = Stage::new();
    let url = |host: &str| format!("postgres://tessera@{host}:{}/{}", stage.cluster.port(), stage.database);
    let options = |password: Option<&str>| ServerOptions {
        password: password.map(Into::into),
        ca_file: Some(stage.authority("right")),
        ..server(1, Duration::from_secs(10))
    };
    assert!(encrypted(try_open(&url("localhost"), options(Some("pass?word"))).await).await);
    refused(try_open(&url("127.0.0.1"), options(Some("pass?word"))).await, "certificate");
    refused(try_open(&url("localhost"), options(Some("hunter2"))).await, "password");
    refused(try_open(&url("localhost"), options(None)).await, "password");
    assert!(!format!("{:?}", options(Some("hunter2"))).contains("hunter2"));
    // The one in the URL counts before the one in the options.
    let in_url = stage.cluster.tcp_url(&stage.database).replace("127.0.0.1", "localhost");
    assert!(encrypted(try_open(&in_url, options(Some("hunter2"))).await).await);
    let db = try_open(&in_url, options(None)).await.unwrap();
    assert_eq!(text(&db, "select current_setting('application_name')").await, "tessera");
}
