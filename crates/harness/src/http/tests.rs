//! The client against a server that is a thread with a list of bytes to answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::*;

/// Reads one request (by its Content-Length) off a stream; empty at the end of the connection.
fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return String::new();
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

/// Serves connections one after another: each list is what one connection answers, then it closes.
/// Returns the address and what was received, one text per request.
fn serve(connections: Vec<Vec<&'static [u8]>>) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for answers in connections {
            let (mut stream, _) = listener.accept().unwrap();
            for answer in answers {
                let request = read_request(&mut stream);
                stream.write_all(answer).unwrap();
                if sender.send(request).is_err() {
                    return;
                }
            }
        }
    });
    (address, receiver)
}

#[test]
fn the_bytes_are_exactly_these() {
    let (address, received) = serve(vec![vec![b"HTTP/1.1 204 No Content\r\n\r\n"]]);
    let request = Request::new("PUT", "//a/../b%zz?x=%00").header("X-A", "1").header("x-a", "2");
    Client::new(address).send(&request).unwrap();
    let expected = format!(
        "PUT //a/../b%zz?x=%00 HTTP/1.1\r\nHost: {address}\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n"
    );
    assert_eq!(received.recv().unwrap(), expected);
}

#[test]
fn own_host_and_framing_headers_stay_alone() {
    let request = Request {
        body: b"0\r\n\r\n".to_vec(),
        ..Request::new("POST", "/").header("host", "a.example").header("Transfer-Encoding", "chunked")
    };
    let expected = "POST / HTTP/1.1\r\nhost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(String::from_utf8(request.to_bytes("ignored")).unwrap(), expected);
    let plain = String::from_utf8(Request::new("GET", "/").to_bytes("h")).unwrap();
    assert_eq!(plain, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
}

#[test]
fn bodies_are_encoded() {
    let form = Request::new("POST", "/").form(&[("email", "a+b@c.example"), ("p", "x y&=")]);
    assert_eq!(form.body, b"email=a%2Bb%40c.example&p=x+y%26%3D");
    let query = Request::new("GET", "/auth/login").query(&[("username", "a&b"), ("password", "#")]);
    assert_eq!(query.target, "/auth/login?username=a%26b&password=%23");
    let json = Request::new("POST", "/").json(&json!({"a": "é"}));
    assert_eq!(json.body, "{\"a\":\"é\"}".as_bytes());
}

#[test]
fn one_connection_serves_many_requests_and_is_replaced_when_closed() {
    let length = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    let (address, received) = serve(vec![vec![length, length], vec![closing], vec![length]]);
    let mut client = Client::new(address);
    for connections in [1, 1] {
        assert_eq!(client.send(&Request::new("GET", "/")).unwrap().text(), "ok");
        assert_eq!(client.connections(), connections);
        received.recv().unwrap();
    }
    // The server closes the first connection now; this waits until that has arrived here.
    let idle = client.connection.as_ref().unwrap().get_ref();
    assert_eq!(idle.peek(&mut [0]).unwrap(), 0);
    for connections in [2, 3] {
        assert_eq!(client.send(&Request::new("GET", "/")).unwrap().status, 200);
        assert_eq!(client.connections(), connections);
    }
}

#[test]
fn chunks_are_joined_and_the_connection_stays_usable() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\nc;x=y\r\npedia\r\nin \r\n\r\n0\r\nT: 1\r\n\r\n";
    let (address, _received) = serve(vec![vec![chunked, chunked]]);
    let mut client = Client::new(address);
    for _ in 0..2 {
        assert_eq!(client.send(&Request::new("GET", "/")).unwrap().text(), "Wikipedia\r\nin \r\n");
    }
    assert_eq!(client.connections(), 1);
}

#[test]
fn interim_answers_head_and_unframed_bodies() {
    let interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Payload Too Large\r\n\r\nuntil the end";
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n";
    let (address, _received) = serve(vec![vec![head, interim]]);
    let mut client = Client::new(address);
    let answer = client.send(&Request::new("HEAD", "/")).unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    let answer = client.send(&Request::new("GET", "/")).unwrap();
    assert_eq!((answer.status, answer.text()), (413, "until the end".to_owned()));
    assert_eq!(client.connections(), 1);
}

#[test]
fn broken_answers_are_errors() {
    let broken: [&[u8]; 6] = [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
    ];
    for bytes in broken {
        let (address, _received) = serve(vec![vec![bytes]]);
        let result = Client::new(address).send(&Request::new("GET", "/"));
        assert!(result.is_err(), "{:?} gave {result:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_silent_server_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = Client::new(address).with_timeout(Duration::from_millis(30));
    assert!(client.send(&Request::new("GET", "/")).is_err());
}

#[test]
fn headers_are_found_by_any_case_and_kept_in_order() {
    let (address, _received) =
        serve(vec![vec![b"HTTP/1.1 200 OK\r\nVary: a\r\nvary:  b \r\nContent-Length: 0\r\n\r\n"]]);
    let answer = Client::new(address).send(&Request::new("GET", "/")).unwrap();
    assert_eq!(answer.header("VARY"), Some("a"));
    assert_eq!(answer.headers_named("Vary").collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(answer.header("absent"), None);
}

#[test]
#[should_panic(expected = "expected HTTP 200")]
fn the_wrong_status_stops_a_test() {
    let answer = Answer { status: 401, headers: Vec::new(), body: b"no".to_vec() };
    let _ = answer.expect_status(200);
}
