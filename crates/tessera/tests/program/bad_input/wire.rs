//! Bytes that are no request at all, or one that means two things.

use std::io::ErrorKind;
use std::time::Duration;

use crate::stand::server;

/// How long an answer, or the end of the connection, may be waited for.
const TIMEOUT: Duration = Duration::from_secs(10);

fn requests() -> Vec<(&'static str, Vec<u8>)> {
    let post = |headers: &str, body: &str| {
        format!("POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}\r\n\r\n{body}")
            .into_bytes()
    };
    let get = |line: &str, headers: &str| format!("{line}\r\nHost: x\r\n{headers}\r\n").into_bytes();
    let big = "x".repeat(1_000_000);
    vec![
        ("nonsense", b"nonsense\r\n\r\n".to_vec()),
        ("empty lines", b"\r\n\r\n\r\n\r\nx\r\n\r\n".to_vec()),
        ("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec()),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("HTTP/0.9", b"GET /\r\n\r\n".to_vec()),
        ("HTTP/1.0", b"GET / HTTP/1.0\r\n\r\n".to_vec()),
        ("HTTP/9.9", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n".to_vec()),
        ("no host", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("two hosts", get("GET / HTTP/1.1", "Host: y\r\n")),
        ("spaces in the target", get("GET /a b c HTTP/1.1", "")),
        ("no slash", get("GET auth/login HTTP/1.1", "")),
        ("an absolute target", get("GET http://elsewhere.example/auth/check HTTP/1.1", "")),
        ("a target of another sort", get("GET mailto:somebody HTTP/1.1", "")),
        ("an asterisk", get("OPTIONS * HTTP/1.1", "")),
        ("CONNECT", get("CONNECT elsewhere.example:443 HTTP/1.1", "")),
        ("bytes in the target", b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        ("a NUL in the target", b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        ("a NUL in a header", b"GET / HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n".to_vec()),
        ("a header without colon", get("GET / HTTP/1.1", "nonsense\r\n")),
        ("a header without name", get("GET / HTTP/1.1", ": x\r\n")),
        ("a folded header", get("GET / HTTP/1.1", "X: a\r\n b\r\n")),
        ("a space before the colon", get("GET / HTTP/1.1", "Content-Length : 0\r\n")),
        ("bare line feeds", b"GET / HTTP/1.1\nHost: x\n\n".to_vec()),
        ("a long target", get(&format!("GET /{big} HTTP/1.1"), "")),
        ("a long header", get("GET / HTTP/1.1", &format!("X: {big}\r\n"))),
        ("many headers", get("GET / HTTP/1.1", &"X: y\r\n".repeat(20_000))),
        ("a negative length", post("Content-Length: -1", "")),
        ("a length of words", post("Content-Length: two", "{}")),
        ("two lengths", post("Content-Length: 2\r\nContent-Length: 3", "{}x")),
        ("a list of lengths", post("Content-Length: 2, 3", "{}x")),
        ("a length beyond all bounds", post("Content-Length: 99999999999999999999999", "{}")),
        ("a length that is far too long", post("Content-Length: 9999999999", "{}")),
        ("length and chunks", post("Content-Length: 2\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
        ("chunks that are none", post("Transfer-Encoding: chunked", "zz\r\n\r\n")),
        ("a negative chunk", post("Transfer-Encoding: chunked", "-1\r\n\r\n")),
        ("a chunk beyond all bounds", post("Transfer-Encoding: chunked", "fffffffffffffffff\r\n\r\n")),
        ("another coding", post("Transfer-Encoding: gzip", "0\r\n\r\n")),
        ("two codings", post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n")),
        ("a packed body", post("Content-Encoding: gzip\r\nContent-Length: 2", "{}")),
        ("an upgrade", get("GET / HTTP/1.1", "Connection: upgrade\r\nUpgrade: websocket\r\n")),
        ("an expectation", post("Expect: 100-continue\r\nContent-Length: 2", "{}")),
        ("another expectation", post("Expect: miracles\r\nContent-Length: 2", "{}")),
    ]
}

#[test]
fn bytes_that_are_no_request_end_in_an_answer_or_the_end_of_the_connection() {
    let server = server();
    let mut wrong = Vec::new();
    for (what, bytes) in requests() {
        let mut client = server.client().with_timeout(TIMEOUT);
        match client.send_bytes(&bytes, "GET") {
            Ok(answer) if answer.status < 500 => {}
            Ok(answer) => wrong.push(format!("{what}: {answer}")),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                wrong.push(format!("{what}: no answer, and the connection stays open"));
            }
            // Hung up.
            Err(_) => {}
        }
        let alive = server.client().send(&harness::http::Request::new("GET", "/"));
        if !alive.is_ok_and(|answer| answer.status == 200) {
            wrong.push(format!("{what}: the server does not answer any more"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!server.output().contains("panicked"), "{}", server.output());
}
