//! The end of the process, and what it leaves for the next one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::process::TesseraProcess;

use crate::stand::{PASSWORD, account, address_of, cheap, eventually, server, unique, usernames};

#[test]
fn a_request_under_way_is_answered_before_the_end() {
    let mut server = server();
    let address = server.address();
    let name = unique("last");
    let body = format!(r#"{{"username":"{name}","password":"{PASSWORD}"}}"#);
    let (first, rest) = body.split_at(10);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!(
        "POST /api/auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    // Another request is answered, so the first part of this one has surely been read by now.
    Argon::at(address).state("nobody");
    let rest = rest.to_owned();
    let answered = thread::spawn(move || {
        eventually("no new connection is taken", || TcpStream::connect(address).is_err());
        stream.write_all(rest.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let status = server.stop();
    let answer = answered.join().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(status.code(), Some(0));
    assert!(!server.output().contains("panicked"), "{}", server.output());
    assert!(usernames(&server).contains(&name));
    server.restart();
    Argon::at(server.address()).sign_in(&name, PASSWORD);
}

#[test]
fn an_idle_connection_does_not_hold_the_end_up() {
    let mut server = server();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut some = [0; 16];
    stream.read_exact(&mut some).unwrap();
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn wrong_passwords_are_counted_across_contracts_and_restarts() {
    let options = cheap()
        .env("TESSERA_THROTTLE__PER_ACCOUNT", "4 then 1 per 16m")
        .env("TESSERA_THROTTLE__PER_ADDRESS", "off");
    let mut server = TesseraProcess::start(options);
    let name = account(&server, "guessed");
    let at = server.address();
    let wrong = "not the password";
    assert_eq!(Argon::at(at).try_sign_in(&name, wrong).status, 401);
    assert_eq!(WolfPal::at(at).try_sign_in(&address_of(&name), wrong).status, 400);
    assert_eq!(Melon::at(at).try_sign_in(&name.to_uppercase(), wrong).status, 401);
    server.kill9();
    server.restart();
    let at = server.address();
    assert_eq!(
        GoScrobble::at(at).try_sign_in(&name, wrong).text(),
        r#"{"error":"Invalid Username or Password"}"#
    );
    server.restart();
    let at = server.address();
    let argon = Argon::at(at).try_sign_in(&name, PASSWORD).expect_status(429);
    assert_eq!(argon.json()["code"], 429);
    let wait: u32 = argon.header("retry-after").expect("when to come back").parse().unwrap();
    assert!((1..=16 * 60).contains(&wait), "{wait}");
    assert_eq!(WolfPal::at(at).try_sign_in(&address_of(&name), PASSWORD).status, 429);
    assert_eq!(Melon::at(at).try_sign_in(&name, PASSWORD).status, 429);
    let goscrobble = GoScrobble::at(at).try_sign_in(&name, PASSWORD).expect_status(200);
    assert_eq!(goscrobble.text(), r#"{"error":"Too many attempts, try again later"}"#);
    // A name that nobody has is counted alike: being locked out tells nothing.
    let nobody = unique("nobody");
    let statuses: Vec<u16> = (0..5).map(|_| Argon::at(at).try_sign_in(&nobody, wrong).status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 429]);
    // Others are not locked out with them, and a session goes on.
    let other = account(&server, "other");
    Argon::at(at).sign_in(&other, PASSWORD);
}

#[test]
fn registrations_from_one_address_are_counted() {
    let server = TesseraProcess::start(cheap().env("TESSERA_THROTTLE__REGISTRATION", "3 then 1 per 10m"));
    let at = server.address();
    Argon::at(at).register(&unique("one"), PASSWORD);
    let name = unique("two");
    WolfPal::at(at).register(&name, &address_of(&name), PASSWORD).expect_status(201);
    let name = unique("three");
    GoScrobble::at(at).register(&name, &address_of(&name), PASSWORD).expect_status(200);
    let over = Argon::at(at).try_register(&unique("four"), PASSWORD).expect_status(429);
    assert!(over.header("retry-after").is_some());
    let over = GoScrobble::at(at).register(&unique("five"), &address_of(&name), PASSWORD).expect_status(429);
    assert_eq!(over.text(), r#"{"message":"Too many requests"}"#);
}

#[test]
fn the_probe_of_melons_client_is_never_counted() {
    let options = cheap()
        .env("TESSERA_THROTTLE__PER_ACCOUNT", "2 then 1 per 16m")
        .env("TESSERA_THROTTLE__PER_ADDRESS", "2 then 1 per 16m");
    let server = TesseraProcess::start(options);
    let name = account(&server, "listener");
    let mut melon = Melon::at(server.address());
    for _ in 0..10 {
        assert_eq!(melon.try_sign_in("NA", "NA").status, 401);
    }
    melon.sign_in(&name, PASSWORD);
}
