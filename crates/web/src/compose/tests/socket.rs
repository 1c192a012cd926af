//! The same over a real socket, written byte by byte.

use std::net::SocketAddr;

use axum::Router;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::toys::service;

/// Sends bytes as they are and returns all that comes back until the connection ends.
async fn talk(sent: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = Router::new().fallback_service(service());
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener, service).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(sent).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    server.abort();
    String::from_utf8(answer).unwrap()
}

fn chunked(length: usize) -> Vec<u8> {
    let head =
        "POST /auth/login HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let chunk = [format!("{length:x}\r\n").as_bytes(), &vec![b'a'; length], b"\r\n0\r\n\r\n"].concat();
    [head.as_bytes(), &chunk].concat()
}

#[tokio::test]
async fn chunked_bodies_are_measured() {
    let answer = talk(&chunked(102_400)).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("102400 bytes"), "{answer}");
    let answer = talk(&chunked(102_401)).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.ends_with("blue 413"), "{answer}");
}

#[tokio::test]
async fn an_announced_body_over_the_limit_is_refused_unread() {
    let answer =
        talk(b"POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 102401\r\nconnection: close\r\n\r\n")
            .await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.ends_with("blue 413"), "{answer}");
}

#[tokio::test]
async fn a_body_cut_off_by_the_caller_gets_no_success() {
    let listener = b"POST /auth/login HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n";
    let answer = talk(listener).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn the_peer_is_known_and_head_has_no_body() {
    let answer = talk(b"GET /who HTTP/1.1\r\nhost: x\r\nuser-agent: curl\r\nconnection: close\r\n\r\n").await;
    assert!(answer.contains("\r\n\r\n127.0.0.1 curl "), "{answer}");
    for target in ["/api/auth/state", "/auth/login", "/unknown"] {
        let head = format!("HEAD {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = talk(head.as_bytes()).await;
        assert!(answer.ends_with("\r\n\r\n") && answer.contains("content-length: "), "{answer}");
    }
}
