//! Connections that ask for nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use harness::actors::Argon;

use crate::stand::server;

#[test]
fn half_a_head_does_not_hold_a_connection_for_ever() {
    let server = server();
    let open = |sent: &[u8]| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(sent).unwrap();
        stream
    };
    let mut held: Vec<_> = (0..50).map(|_| open(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")).collect();
    assert_eq!(Argon::at(server.address()).state("nobody").status, 401, "others are answered meanwhile");
    for stream in &mut held {
        let mut rest = Vec::new();
        // The server ends it; a test of the server that does not would end by the stream's own time-out.
        stream.read_to_end(&mut rest).expect("the server closes it");
    }
}
