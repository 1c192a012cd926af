//! The end under load: nothing that was begun is lost, nothing that was answered is half an answer.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use harness::actors::WolfPal;
use harness::http::{Client, Request};
use harness::process::{Signal, TesseraProcess};

use crate::stand::{PASSWORD, address_of, cheap, eventually, server, told, unique, usernames};

/// One answer, byte by byte; none if the connection ended before its first byte. Panics at half an answer.
fn read_answer(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    let mut length = 0;
    loop {
        let begun = head.len();
        match stream.read_line(&mut head) {
            Ok(1..) => {}
            ended => {
                assert!(head.is_empty(), "the connection broke off in the head ({ended:?}): {head}");
                return None;
            }
        }
        let line = head[begun..].trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap_or_else(|error| panic!("half an answer ({error}): {head}"));
    serde_json::from_slice::<serde_json::Value>(&body).unwrap_or_else(|error| panic!("{error}: {head}"));
    Some(head)
}

/// Registers one account after the other until the server is gone, and says whose registration was acknowledged.
fn hammer(address: SocketAddr, answered: &AtomicUsize, over: &AtomicBool) -> Vec<String> {
    let mut acknowledged = Vec::new();
    while let Ok(stream) = TcpStream::connect(address) {
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut stream = BufReader::new(stream);
        loop {
            let name = unique("hammer");
            let body = serde_json::json!({ "username": name, "password": PASSWORD });
            let request = Request::new("POST", "/api/auth/register").json(&body).to_bytes("x");
            if stream.get_mut().write_all(&request).is_err() {
                break;
            }
            let Some(head) = read_answer(&mut stream) else { break };
            assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
            acknowledged.push(name);
            answered.fetch_add(1, Ordering::Relaxed);
            if head.to_ascii_lowercase().contains("\r\nconnection: close\r\n") {
                break;
            }
        }
        assert!(over.load(Ordering::Relaxed), "a connection ended before the server was told to stop");
    }
    acknowledged
}

#[test]
fn under_load_every_answer_is_whole_and_every_promise_kept() {
    let mut server = server();
    let address = server.address();
    let (answered, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    for round in 1..=3 {
        let (address, before) = (server.address(), answered.load(Ordering::Relaxed));
        over.store(false, Ordering::Relaxed);
        let acknowledged: BTreeSet<String> = thread::scope(|scope| {
            let clients: Vec<_> = (0..8).map(|_| scope.spawn(|| hammer(address, &answered, &over))).collect();
            eventually("the load is on", || {
                answered.load(Ordering::Relaxed) >= before + 100
                    || clients.iter().any(thread::ScopedJoinHandle::is_finished)
            });
            over.store(true, Ordering::Relaxed);
            assert_eq!(server.stop().code(), Some(0));
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        });
        assert!(!server.output().contains("broken off"), "round {round}: {}", server.output());
        server.restart();
        let there: BTreeSet<String> = usernames(&server).into_iter().collect();
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "round {round}: acknowledged and lost: {lost:?}");
    }
    assert_ne!(address, server.address());
}

fn operators_address(server: &TesseraProcess) -> SocketAddr {
    let printed = server.output();
    let (_, rest) = printed.split_once("health and metrics on http://").expect("the second address");
    rest.lines().next().unwrap().parse().unwrap()
}

#[test]
fn it_is_not_ready_before_it_closes_and_a_second_signal_ends_it_at_once() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        // Far longer than the test: that the end comes shows that nobody waited for it.
        let options = cheap().with_ops().env("TESSERA_DRAIN_DELAY", "1h");
        let mut server = TesseraProcess::start(options);
        let at = operators_address(&server);
        let ready = || Client::new(at).send(&Request::new("GET", "/readyz")).unwrap();
        assert_eq!(ready().status, 200);
        server.signal(signal);
        eventually("it is not ready", || ready().status == 503);
        assert_eq!(ready().text(), "stopping\n");
        assert_eq!(Client::new(at).send(&Request::new("GET", "/healthz")).unwrap().status, 200);
        assert_eq!(server.client().send(&Request::new("GET", "/")).unwrap().status, 200);
        server.signal(signal);
        assert_eq!(server.ended().code(), Some(code));
    }
}

#[test]
fn what_takes_longer_than_it_may_is_broken_off() {
    let mut server = TesseraProcess::start(cheap().env("TESSERA_DRAIN", "1s"));
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    // Another request is answered, so this one has surely been read by now.
    assert_eq!(server.client().send(&Request::new("GET", "/")).unwrap().status, 200);
    assert_eq!(server.stop().code(), Some(0));
    assert!(server.output().contains("broken off"), "{}", server.output());
    let mut rest = Vec::new();
    _ = stream.read_to_end(&mut rest);
    assert_eq!(rest, b"", "half an answer");
}

/// A mail server that says when it has a mail, and takes it when told to.
fn slow_mail_server() -> (SocketAddr, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let ((has, had), (take, taken)) = (mpsc::channel(), mpsc::channel());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut out = stream.unwrap();
            let mut lines = BufReader::new(out.try_clone().unwrap()).lines();
            out.write_all(b"220 slow\r\n").unwrap();
            while let Some(Ok(line)) = lines.next() {
                let answer: &[u8] = match &*line {
                    "DATA" => {
                        out.write_all(b"354 go on\r\n").unwrap();
                        while lines.next().unwrap().unwrap() != "." {}
                        has.send(()).unwrap();
                        taken.recv().unwrap();
                        b"250 taken\r\n"
                    }
                    "QUIT" => b"221 bye\r\n",
                    _ => b"250 ok\r\n",
                };
                // A client that has what it wants may be gone.
                _ = out.write_all(answer);
            }
        }
    });
    (address, had, take)
}

#[test]
fn a_mail_under_way_is_noted_before_the_end_and_not_sent_again() {
    let (address, has_a_mail, take) = slow_mail_server();
    let settings = format!(
        "drain = \"1m\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\ntimeout = \"1m\"\n",
        address.port()
    );
    let mut server = TesseraProcess::start(cheap().unthrottled().settings(&settings));
    for _ in 0..2 {
        let name = unique("mailed");
        WolfPal::at(server.address()).register(&name, &address_of(&name), PASSWORD);
    }
    has_a_mail.recv().unwrap();
    server.signal(Signal::TERM);
    eventually("no new connection is taken", || TcpStream::connect(server.address()).is_err());
    take.send(()).unwrap();
    assert_eq!(server.ended().code(), Some(0));
    assert!(!server.output().contains("broken off"), "{}", server.output());
    let sent = |server: &TesseraProcess| {
        let mails = told(server, &["mail", "list"], "");
        mails.as_array().unwrap().iter().filter(|mail| mail["sent_at"].is_string()).count()
    };
    assert_eq!(sent(&server), 1, "the one under way, and no other");
    server.restart();
    has_a_mail.recv().unwrap();
    take.send(()).unwrap();
    eventually("the other is sent", || sent(&server) == 2);
    assert!(has_a_mail.try_recv().is_err(), "one of them was sent twice");
}
