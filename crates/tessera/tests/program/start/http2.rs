//! HTTP/2 on the plain listener: requests side by side, and the bounds that keep one client from costing much.

use std::io::Read;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use harness::actors::Argon;
use harness::process::TesseraProcess;
use http::{HeaderMap, Request, StatusCode};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;

use super::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GET, GOAWAY, HEADERS, PREFACE, RST_STREAM, Raw, SETTINGS,
    STATUS_200, field, frame,
};
use crate::stand::{PASSWORD, account, cheap, server, told, unique};

async fn connect(server: &TesseraProcess) -> SendRequest<Body> {
    let stream = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    let (client, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn send(client: &SendRequest<Body>, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let answer = client.clone().send_request(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(Body::new(body), usize::MAX).await.unwrap();
    (parts.status, parts.headers, body.to_vec())
}

fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    let uri = format!("http://auth.example.com{path}");
    Request::post(uri).header("content-type", "application/json").body(body.into()).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn requests_go_side_by_side_and_are_answered_as_ever() {
    let server = server();
    let name = account(&server, "multiplexed");
    block_on(async {
        let client = connect(&server).await;
        let sign_in = || {
            let body = json!({ "username": name, "password": PASSWORD }).to_string();
            send(&client, post("/api/auth/login", body))
        };
        let (first, second, third) = tokio::join!(sign_in(), sign_in(), sign_in());
        for (status, headers, body) in [first, second, third] {
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
            assert!(headers.contains_key("x-request-id"));
            // Nobody comes by https here, so nobody is told to.
            assert!(!headers.contains_key("strict-transport-security"));
        }
        let (status, ..) = send(&client, post("/api/auth/login", "x".repeat(102_401))).await;
        assert_eq!(status, 413);
        let (status, ..) = send(&client, post("/nowhere", "{}")).await;
        assert_eq!(status, 404);
        let (status, _, body) = send(&client, Request::get("http://x/").body(Body::empty()).unwrap()).await;
        assert!(status == 200 && !body.is_empty());
    });
    let sessions = told(&server, &["session", "list", &name], "");
    let addresses: Vec<_> = sessions.as_array().unwrap().iter().map(|session| &session["address"]).collect();
    assert_eq!(addresses, ["127.0.0.1"; 3]);
}

#[test]
fn the_authority_is_the_host_whatever_the_header_says() {
    let settings = "[mounts.goscrobble]\nhost = \"scrobble.example.com\"";
    let server = TesseraProcess::start(cheap().unthrottled().settings(settings));
    let ask = |authority: &str, host: Option<&str>| {
        let mut request =
            Request::get(format!("http://{authority}/api/v1/serverinfo")).body(Body::empty()).unwrap();
        if let Some(host) = host {
            request.headers_mut().insert("host", host.parse().unwrap());
        }
        block_on(async { send(&connect(&server).await, request).await.0 })
    };
    assert_eq!(ask("scrobble.example.com", None), 200);
    assert_eq!(ask("scrobble.example.com:3000", Some("x")), 200);
    assert_eq!(ask("x", None), 404);
    assert_eq!(ask("x", Some("scrobble.example.com")), 404);
}

/// Others are served as if nothing had happened, and nothing broke.
#[track_caller]
fn assert_unharmed(server: &TesseraProcess) {
    assert_eq!(Argon::at(server.address()).state("nobody").status, 401);
    assert!(!server.output().contains("panicked"), "{}", server.output());
}

#[test]
fn requests_that_are_taken_back_at_once_end_the_connection() {
    const ENHANCE_YOUR_CALM: u32 = 11;
    let server = server();
    let mut raw = Raw::open(server.address());
    let storm: Vec<u8> = (0..1_000)
        .flat_map(|number| {
            let stream = 2 * number + 1;
            let asked = frame(HEADERS, END_HEADERS | END_STREAM, stream, GET);
            [asked, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
        })
        .collect();
    raw.send(&storm);
    assert_eq!(raw.await_kind(GOAWAY).code(), ENHANCE_YOUR_CALM);
    while raw.next().is_some() {}
    assert_unharmed(&server);
}

#[test]
fn headers_without_end_end_the_connection() {
    let server = server();
    let mut raw = Raw::open(server.address());
    raw.send(&frame(HEADERS, END_STREAM, 1, GET));
    let more = field("x-more", &"x".repeat(100)).repeat(100);
    let mut sent = 0;
    // Without a bound this would go on to the bound of this loop, a gigabyte.
    while sent < 100_000 && std::io::Write::write_all(&mut raw.0, &frame(CONTINUATION, 0, 1, &more)).is_ok() {
        sent += 1;
    }
    assert!(sent < 100_000, "the server read all of it");
    assert_unharmed(&server);
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let server = server();
    let mut raw = Raw::open(server.address());
    let long = [GET.to_vec(), field("x-long", &"x".repeat(100)).repeat(150)].concat();
    assert!(long.len() < 16_384, "it fits into one frame");
    raw.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &long));
    let refused = loop {
        match raw.next() {
            Some(frame) if frame.kind == HEADERS => break frame.payload[0] != STATUS_200,
            Some(frame) if matches!(frame.kind, RST_STREAM | GOAWAY) => break true,
            Some(_) => {}
            None => break true,
        }
    };
    assert!(refused);
    assert_unharmed(&server);
}

#[test]
fn one_connection_has_a_bounded_number_of_requests_under_way() {
    const REFUSED_STREAM: u32 = 7;
    let server = server();
    let mut raw = Raw::open(server.address());
    // Bodies that never come keep the requests open.
    for number in 0..101 {
        let head = [&[0x83, 0x86, 0x41, 0x01, b'x'][..], &path("/auth/login")].concat();
        raw.send(&frame(HEADERS, END_HEADERS, 2 * number + 1, &head));
    }
    let refused = raw.await_kind(RST_STREAM);
    assert_eq!((refused.stream, refused.code()), (201, REFUSED_STREAM));
    assert_unharmed(&server);
}

/// `:path`, with its name from the static table.
fn path(path: &str) -> Vec<u8> {
    [&[0x04, u8::try_from(path.len()).unwrap()], path.as_bytes()].concat()
}

#[test]
fn connections_that_ask_for_nothing_are_not_held_for_ever() {
    let server = server();
    let unfinished = frame(HEADERS, END_STREAM, 1, GET);
    let begun = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    let manners: [&[u8]; 6] = [b"", b"PR", b"PRI", PREFACE, &begun, &[&begun[..], &unfinished].concat()];
    let at = server.address();
    thread::scope(|scope| {
        for manner in manners {
            scope.spawn(move || {
                let mut stream = TcpStream::connect(at).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
                std::io::Write::write_all(&mut stream, manner).unwrap();
                let mut rest = Vec::new();
                // A server that does not end it fails the test by the stream's own time-out.
                match stream.read_to_end(&mut rest) {
                    Ok(_) => {}
                    Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{manner:?}"),
                }
            });
        }
    });
    assert_unharmed(&server);
}

#[test]
fn a_request_under_way_is_answered_before_the_end() {
    let mut server = server();
    let name = unique("last");
    let body = json!({ "username": name, "password": PASSWORD }).to_string();
    let mut raw = Raw::open(server.address());
    let head = [
        &[0x83, 0x86, 0x41, 0x01, b'x'][..],
        &path("/api/auth/register"),
        &field("content-type", "application/json"),
    ]
    .concat();
    raw.send(&frame(HEADERS, END_HEADERS, 1, &head));
    // Another request on the same connection is answered, so the first one is surely known.
    raw.send(&frame(HEADERS, END_HEADERS | END_STREAM, 3, GET));
    assert_eq!(raw.await_kind(HEADERS).stream, 3);
    server.signal(harness::process::Signal::TERM);
    assert_eq!(raw.await_kind(GOAWAY).code(), 0);
    raw.send(&frame(DATA, END_STREAM, 1, body.as_bytes()));
    let answer = raw.await_kind(HEADERS);
    assert_eq!((answer.stream, answer.payload[0]), (1, STATUS_200));
    while raw.next().is_some() {}
    assert_eq!(server.ended().code(), Some(0));
    server.restart();
    Argon::at(server.address()).sign_in(&name, PASSWORD);
}
