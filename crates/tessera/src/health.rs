//! Asks a running server whether it is ready, over the operator's listener.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use config::{OpsListen, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// More than the answer has.
const LONGEST: u64 = 4_096;

/// Why a server does not count as ready.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unhealthy {
    /// Nobody listens, or nobody answers.
    #[error("no answer: {0}")]
    Silent(io::Error),
    /// It says that it is not.
    #[error("it is not ready: {0}")]
    NotReady(String),
}

/// Where to ask, from this machine; none if the settings do not tell.
pub(crate) fn address(settings: &Settings) -> Option<SocketAddr> {
    let OpsListen::At(mut address) = settings.ops.listen else { return None };
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    (address.port() != 0).then_some(address)
}

/// Asks for `/readyz`.
pub(crate) async fn ask(address: SocketAddr) -> Result<(), Unhealthy> {
    let answer = timeout(PATIENCE, answer(address)).await;
    let answer = answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(Unhealthy::Silent)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status == "200" { Ok(()) } else { Err(Unhealthy::NotReady(format!("{status} {}", body.trim()))) }
}

async fn answer(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
