//! What is seeded is found, and said with what to do; what is well is left alone.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use harness::engine::VARIABLE;
use harness::postgres::Cluster;
use harness::process::TesseraProcess;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rusqlite::Connection;
use serde_json::Value;

use crate::stand::{BINARY, account, cheap};

const PASSWORD_OF_THE_MAIL_SERVER: &str = "hush-hush-mail";

/// An installation whose server is stopped.
fn patient() -> TesseraProcess {
    let mut server = TesseraProcess::start(cheap().on_file());
    account(&server, "patient");
    server.stop();
    server
}

/// The doctor's command line, with these settings.
fn command(data: &Path, settings: &str) -> Command {
    let file = data.with_file_name("doctor.toml");
    fs::write(&file, settings).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let mut command = Command::new(BINARY);
    command.env_remove(VARIABLE).args(["doctor", "--config"]).arg(file).arg("--data").arg(data);
    // Other servers of other tests may be at the usual port.
    command.env("TESSERA_OPS__LISTEN", "off");
    command
}

fn checks(output: &Output) -> Vec<(String, String, String)> {
    let answer: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    let list = answer["checks"].as_array().unwrap();
    let wrong = list.iter().filter(|check| check["verdict"] != "ok");
    for check in wrong.clone() {
        assert!(!text(check, "advice").is_empty(), "nothing to do about {check}");
    }
    wrong.map(|check| (text(check, "check"), text(check, "verdict"), text(check, "seen"))).collect()
}

/// Finds exactly one thing wrong, under that name, with these words in what was seen.
#[track_caller]
fn finds(mut command: Command, check: &str, verdict: &str, words: &str) {
    let output = command.arg("--json").output().unwrap();
    let wrong = checks(&output);
    let [(name, how, seen)] = &wrong[..] else { panic!("{check}: not one thing: {wrong:#?}") };
    assert_eq!((&**name, &**how), (check, verdict), "{seen}");
    assert!(seen.contains(words), "{check}: {seen}");
    let code = if verdict == "fault" { 1 } else { 0 };
    assert_eq!(output.status.code(), Some(code), "{check}");
    let all =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!all.contains(PASSWORD_OF_THE_MAIL_SERVER), "{all}");
}

#[test]
fn a_healthy_installation_is_well_with_and_without_its_server() {
    let mut server = TesseraProcess::start(cheap().on_file().with_ops());
    account(&server, "well");
    let printed = server.output();
    let ops =
        printed.split("health and metrics on http://").nth(1).unwrap().lines().next().unwrap().to_owned();
    let examine = || {
        let mut command = command(&server.data(), "");
        command.env("TESSERA_OPS__LISTEN", &ops).output().unwrap()
    };
    let output = examine();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("ready, says") && text.lines().count() >= 10, "{text}");
    assert!(!text.contains('\x1b'), "colours are for terminals");
    let health = |server: &TesseraProcess| {
        let mut command = Command::new(BINARY);
        command
            .env_remove(VARIABLE)
            .arg("health")
            .arg("--data")
            .arg(server.data())
            .env("TESSERA_OPS__LISTEN", &ops);
        command.output().unwrap()
    };
    assert!(health(&server).status.success());
    server.stop();
    let output = command(&server.data(), "").env("TESSERA_OPS__LISTEN", &ops).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("none runs here"), "{text}");
    let output = health(&server);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no answer"));
}

#[test]
fn an_installation_on_postgres_is_well_and_its_clock_is_compared() {
    let cluster = Cluster::shared();
    let name = cluster.create_database();
    let url = cluster.url(&name);
    let mut server = TesseraProcess::start(cheap().database(&url));
    account(&server, "well");
    server.stop();
    let well = || command(&server.data(), &format!("database = \"{url}\"")).arg("--json").output().unwrap();
    let output = well();
    assert_eq!(checks(&output), []);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("the database server's are 0 s apart"), "{text}");
    cluster.sql(&name, "update signing_key set sealed = '\\x00' where mount = 'melon'");
    let wrong = checks(&well());
    assert!(wrong[0].0 == "signing keys" && wrong[0].2.contains("melon"), "{wrong:?}");
}

#[test]
fn faults_of_the_settings_are_found() {
    let server = patient();
    let data = server.data();
    for (settings, check, verdict, words) in [
        ("listne = \"127.0.0.1:3000\"", "settings", "fault", "listne"),
        ("[keys]\nlead = \"1s\"", "settings", "fault", "keys.lead"),
        (
            "public_url = \"http://127.0.0.1:3000\"\nlisten = \"0.0.0.0:3000\"",
            "public_url",
            "fault",
            "own machine",
        ),
        ("trusted_proxies = [\"127.0.0.1/32\"]", "public_url", "fault", "own machine"),
    ] {
        finds(command(&data, settings), check, verdict, words);
    }
    // A server for others needs a mail server too, which is not what these are about.
    let mail = Scripted::start("250 ok");
    for (settings, check, verdict, words) in [
        ("public_url = \"http://auth.example.com\"", "public_url", "fault", "in the clear"),
        (
            "public_url = \"https://auth.example.com\"\ntrusted_proxies = [\"0.0.0.0/0\"]",
            "trusted_proxies",
            "fault",
            "anybody",
        ),
        (
            "public_url = \"https://auth.example.com\"\ntrusted_proxies = [\"10.0.0.0/7\"]",
            "trusted_proxies",
            "warning",
            "that many",
        ),
        (
            "public_url = \"https://auth.example.com\"\n[ops]\nlisten = \"0.0.0.0:0\"",
            "ops.listen",
            "warning",
            "metrics",
        ),
    ] {
        let mut command = command(&data, &format!("{settings}\n{}", mail.settings()));
        if check == "ops.listen" {
            command.env_remove("TESSERA_OPS__LISTEN");
        }
        finds(command, check, verdict, words);
    }
    finds(
        command(&data, "public_url = \"https://auth.example.com\""),
        "mail server",
        "warning",
        "is written to",
    );
}

#[test]
fn faults_of_secrets_and_files_are_found() {
    let server = patient();
    let data = server.data();
    let secret = data.join("master.secret");
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&secret, 0o644);
    finds(command(&data, ""), "master secret", "fault", "can be read by others");
    mode(&secret, 0o600);
    let right = fs::read_to_string(&secret).unwrap();
    fs::write(&secret, "ab".repeat(32)).unwrap();
    finds(command(&data, ""), "master secret", "fault", "not the one of this installation");
    fs::write(&secret, "short").unwrap();
    finds(command(&data, ""), "master secret", "fault", "32 bytes");
    fs::remove_file(&secret).unwrap();
    finds(command(&data, ""), "master secret", "fault", "no master secret");
    assert!(!secret.exists(), "none is made");
    fs::write(&secret, &right).unwrap();
    mode(&secret, 0o600);
    mode(&data, 0o755);
    finds(command(&data, ""), "data folder", "fault", "755");
    mode(&data, 0o700);
    mode(&data.join("tessera.db"), 0o640);
    finds(command(&data, ""), "database file", "warning", "640");
    mode(&data.join("tessera.db"), 0o600);
    let open = command(&data, &format!("master_secret = \"{}\"", right.trim()));
    mode(&data.with_file_name("doctor.toml"), 0o644);
    finds(open, "settings file", "warning", "644");
    let well = command(&data, "").arg("--json").output().unwrap();
    assert_eq!(checks(&well), []);
}

#[test]
fn faults_of_the_database_are_found() {
    let server = patient();
    let data = server.data();
    let path = data.join("tessera.db");
    let sql = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    sql(
        "insert into event (at, kind, realm, address, detail) values (4000000000000000, 'signed_in', 'default', '', '')",
    );
    finds(command(&data, ""), "clock", "fault", "2096-");
    sql("delete from event where at = 4000000000000000");
    let owed = "insert into outbox (id, realm, kind, recipient, created_at, next_attempt_at, attempts, last_error) \
         values ('m', 'default', 'reset_sent', 'a@b.example', 1, 1, 3, 'the server is gone')";
    sql(owed);
    finds(command(&data, ""), "outbox", "warning", "the server is gone");
    sql("delete from outbox where id = 'm'");
    let sealed: Vec<u8> = Connection::open(&path)
        .unwrap()
        .query_row("select sealed from signing_key where mount = 'melon'", [], |row| row.get(0))
        .unwrap();
    sql("update signing_key set sealed = x'0011' where mount = 'melon'");
    finds(command(&data, ""), "signing keys", "fault", "melon");
    Connection::open(&path)
        .unwrap()
        .execute("update signing_key set sealed = ?1 where mount = 'melon'", [sealed])
        .unwrap();
    sql("insert into schema_version (version, name, applied_at) values (999, 'later', 0)");
    finds(command(&data, ""), "database", "fault", "newer version");
    sql("delete from schema_version where version = 999; pragma wal_checkpoint(truncate)");
    let whole = fs::read(&path).unwrap();
    let mut damaged = whole.clone();
    damaged[4096 * 5..4096 * 9].fill(0x5a);
    fs::write(&path, &damaged).unwrap();
    let output = command(&data, "").arg("--json").output().unwrap();
    assert!(checks(&output).iter().any(|(check, verdict, _)| check == "database" && verdict == "fault"));
    assert_eq!(output.status.code(), Some(1));
    fs::write(&path, "this is no database, whatever its name says").unwrap();
    finds(command(&data, ""), "database", "fault", "not a database");
    fs::remove_file(&path).unwrap();
    finds(command(&data, ""), "database", "fault", "no installation");
    assert!(!path.exists(), "none is made");
    fs::write(&path, &whole).unwrap();
    let url = "database = \"postgres://nobody@127.0.0.1:1/nothing\"\n[database_server]\npatience = \"1s\"";
    finds(command(&data, url), "database", "fault", "postgres");
}

/// A mail server that answers AUTH as it was told, and everything else with success.
struct Scripted {
    port: u16,
}

impl Scripted {
    fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let mut out = &stream;
                let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
                _ = say("220 here");
                for line in BufReader::new(&stream).lines().map_while(Result::ok) {
                    let answered = match line.split(' ').next().unwrap() {
                        "EHLO" => say("250-here\r\n250 AUTH PLAIN LOGIN"),
                        "AUTH" => say(answer),
                        _ => say("250 ok"),
                    };
                    if answered.is_err() || line == "QUIT" {
                        break;
                    }
                }
            }
        });
        Self { port }
    }

    fn settings(&self) -> String {
        let port = self.port;
        format!(
            "[mail]\nfrom = \"auth@example.com\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n"
        )
    }
}

#[test]
fn faults_of_mail_are_found() {
    let server = patient();
    let data = server.data();
    let refusing = Scripted::start("535 no");
    let password = format!("username = \"tessera\"\npassword = \"{PASSWORD_OF_THE_MAIL_SERVER}\"\n");
    finds(command(&data, &(refusing.settings() + &password)), "mail server", "fault", "signing in");
    let taking = Scripted::start("235 welcome");
    let output = command(&data, &(taking.settings() + &password)).arg("--json").output().unwrap();
    assert_eq!(checks(&output), []);
    let no_tls = taking.settings().replace("\"none\"", "\"starttls\"") + "timeout = \"5s\"\n";
    finds(command(&data, &no_tls), "mail server", "fault", "127.0.0.1");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = taking.settings().replace(&taking.port.to_string(), &port.to_string());
    finds(command(&data, &nobody), "mail server", "fault", "connecting");
    finds(
        command(&data, &taking.settings().replace("auth@example.com", "noreply@localhost.localdomain")),
        "mail.from",
        "warning",
        "no server takes",
    );
    let far = taking.settings().replace("127.0.0.1", "mail.invalid") + "timeout = \"1s\"\n";
    let output = command(&data, &far).arg("--json").output().unwrap();
    assert!(checks(&output).iter().any(|(check, ..)| check == "mail security"));
}

/// A certificate that is good for those years.
fn certificate(folder: &Path, from: i32, until: i32) -> PathBuf {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["auth.example.com".to_owned()]).unwrap();
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let (cert, path) = (folder.join("cert.pem"), folder.join("key.pem"));
    fs::write(&cert, params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(&path, key.serialize_pem()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    cert
}

#[test]
fn faults_of_the_certificate_and_of_a_server_that_is_not_ready_are_found() {
    let server = patient();
    let data = server.data();
    let mail = Scripted::start("250 ok");
    let settings = |cert: &Path| {
        let key = cert.with_file_name("key.pem");
        format!(
            "public_url = \"https://auth.example.com\"\n[tls]\ncert_file = {cert:?}\nkey_file = {key:?}\n{}",
            mail.settings()
        )
    };
    finds(
        command(&data, &settings(&certificate(&data, 2001, 2002))),
        "certificate",
        "fault",
        "expired at 2002-01-01",
    );
    finds(
        command(&data, &settings(&certificate(&data, 2090, 2091))),
        "certificate",
        "fault",
        "from 2090-01-01",
    );
    let good = command(&data, &settings(&certificate(&data, 2001, 2091))).arg("--json").output().unwrap();
    assert_eq!(checks(&good), []);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // Read to the empty line, or closing would cut the answer off.
            let read =
                BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
            assert!(read.count() > 1);
            stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\nstopping\n").unwrap();
        }
    });
    let mut unready = command(&data, "");
    unready.env("TESSERA_OPS__LISTEN", address);
    finds(unready, "server", "fault", "503 stopping");
}
