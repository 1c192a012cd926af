//! Processes with a script in the place of the server.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

use super::*;

fn script() -> Options {
    Options::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tessera"))
}

fn lines_of(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_port_is_learnt_and_the_arguments_are_these() {
    let options = script().settings("[ops]").database("postgres://x").unthrottled();
    let server = TesseraProcess::start(options);
    assert_eq!(server.address().to_string(), "127.0.0.1:4242");
    let folder = server.folder.path();
    let data = folder.join("data").display().to_string();
    let config = folder.join("tessera.toml").display().to_string();
    let expected = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
        "--config",
        &config,
        "--database",
        "postgres://x",
    ];
    assert_eq!(lines_of(&folder.join("args.log")), expected);
    assert_eq!(lines_of(&folder.join("tessera.toml")), ["[ops]"]);
    let environment = lines_of(&folder.join("env.log"));
    let throttles =
        environment.iter().filter(|line| line.starts_with("TESSERA_THROTTLE__") && line.ends_with("=off"));
    assert_eq!(throttles.count(), 9, "{environment:?}");
    assert_eq!(environment[0], "TESSERA_OPS__LISTEN=off");
}

#[test]
fn a_later_variable_counts() {
    let server = TesseraProcess::start(script().with_ops());
    assert_eq!(lines_of(&server.folder.path().join("env.log")), ["TESSERA_OPS__LISTEN=127.0.0.1:0"]);
}

#[test]
fn stop_lets_the_server_finish_and_restart_keeps_the_folder() {
    let mut server = TesseraProcess::start(script());
    let folder = server.folder.path().to_owned();
    assert!(server.stop().success());
    assert!(server.output().ends_with("stopping\n"), "{}", server.output());
    fs::write(folder.join("kept"), "x").unwrap();
    server.restart();
    assert!(folder.join("kept").exists());
    assert!(!server.output().contains("stopping"));
    server.restart();
    drop(server);
    assert!(!folder.exists());
}

#[test]
fn kill9_kills_what_does_not_listen_to_reason() {
    let mut server = TesseraProcess::start(script().env("FAKE_MODE", "stubborn"));
    let pid = Pid::from_child(&server.running().child);
    server.kill9();
    server.kill9();
    assert!(rustix::process::test_kill_process(pid).is_err());
}

#[test]
fn a_failed_start_shows_what_was_printed() {
    let failed = TesseraProcess::try_start(script().env("FAKE_MODE", "fail")).unwrap_err();
    assert_eq!(failed.status.unwrap().code(), Some(2));
    assert_eq!(failed.output, "the setting is wrong\n");
    let failed = TesseraProcess::try_start(Options::new("/nonexistent/tessera")).unwrap_err();
    assert!(failed.status.is_none() && failed.output.contains("could not be run"));
}

#[test]
fn commands_get_input_and_give_both_outputs() {
    let mut server = TesseraProcess::start(script());
    server.kill9();
    let output = server.cli(&["account", "create", "--username", "a b"], "a password\n");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!((&output.stdout[..], &output.stderr[..]), (&b"a password\n"[..], &b"trouble\n"[..]));
    let args = lines_of(&server.folder.path().join("args.log"));
    assert_eq!(args[..5], ["account", "create", "--username", "a b", "--data"]);
}

#[test]
#[should_panic(expected = "account permit someone admin: trouble")]
fn a_refused_permission_stops_the_test() {
    TesseraProcess::start(script()).permit("someone", "admin", true);
}

#[test]
fn requests_go_to_the_port_and_mail_comes_from_the_folder() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let answering = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = [0; 4];
        stream.read_exact(&mut seen).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
        seen
    });
    let mut server = TesseraProcess::start(script().env("FAKE_PORT", &port));
    assert_eq!(server.send(Request::new("GET", "/x")).text(), "ok");
    assert_eq!(&answering.join().unwrap(), b"GET ");
    let mail = server.data().join("mail");
    fs::create_dir_all(&mail).unwrap();
    fs::write(mail.join("1.eml"), "To: a@b\nSubject: Hello\n\ntext").unwrap();
    assert_eq!(server.newest_mail("a@b", "hello").as_deref(), Some("text"));
}

#[test]
fn codes_are_asked_for_when_there_is_time_to_use_them() {
    let server = TesseraProcess::start(script());
    assert!(server.totp_now() % totp::STEP_SECONDS < totp::STEP_SECONDS - 3);
}
