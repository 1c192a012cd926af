//! One connection: which protocol it speaks, and what bounds it.

use std::convert::Infallible;
use std::future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, Uri, header};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::listen::told;
use crate::origins::Door;
use crate::timer::OneTimer;
use crate::tls::H2;

/// How long a handshake and the head of a request may each take, and how long a connection may be idle. axum's own
/// `serve` sets none of them, so that half a head would hold a connection for ever.
const HEAD: Duration = Duration::from_secs(10);
/// Requests that one connection of HTTP/2 may have under way.
const STREAMS: u32 = 100;
/// Bytes of bodies that one connection of HTTP/2 may send before somebody reads them, and that one stream may.
const CONNECTION_WINDOW: u32 = 262_144;
const STREAM_WINDOW: u32 = 65_535;
/// Bytes of headers, uncompressed, of one request of HTTP/2.
const HEADERS: u32 = 16_384;
/// Requests that a client may take back before they were looked at, and that may fail by its own mistakes, before
/// the connection ends: either costs the client less than the server (CVE-2023-44487, CVE-2025-8671).
const TAKEN_BACK: usize = 20;
const MISTAKES: usize = 100;

/// What the first bytes of HTTP/2 without TLS are, and of no request of HTTP/1 (RFC 9113, section 3.4).
const PREFACE: &[u8; 3] = b"PRI";

/// What one connection is served with.
pub(crate) struct Connection {
    pub(crate) peer: SocketAddr,
    pub(crate) door: Door,
    /// A permit for each request of HTTP/2 under way, whatever its connection.
    pub(crate) requests: Arc<Semaphore>,
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Connection {
    /// Serves until the client leaves, is idle for too long, or the process is told to stop and has answered.
    pub(crate) async fn serve(mut self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        // Small answers must not wait for more to be sent with them.
        _ = stream.set_nodelay(true);
        match tls {
            None => match self.opened(has_preface(&stream)).await {
                Some(true) => self.http2(stream).await,
                Some(false) => self.http1(stream).await,
                None => {}
            },
            Some(tls) => match self.opened(tls.accept(stream)).await {
                Some(stream) if stream.get_ref().1.alpn_protocol() == Some(H2) => self.http2(stream).await,
                Some(stream) => self.http1(stream).await,
                None => {}
            },
        }
    }

    /// What a connection begins with, if that comes in time.
    async fn opened<T>(&mut self, opening: impl Future<Output = io::Result<T>>) -> Option<T> {
        tokio::select! {
            () = told(&mut self.stopping) => None,
            opened = timeout(HEAD, opening) => match opened {
                Ok(Ok(opened)) => Some(opened),
                // One that breaks off, or is no TLS where it should be, is the client's affair.
                Ok(Err(cause)) => {
                    tracing::debug!(%cause, "a connection was not opened");
                    None
                }
                Err(_elapsed) => None,
            },
        }
    }

    async fn http1(self, stream: impl Bytes) {
        let (peer, door) = (self.peer, self.door);
        let service = service_fn(move |request| {
            let door = door.clone();
            async move { Ok::<_, Infallible>(door.answer(arrived(request, peer)).await) }
        });
        let mut http = http1::Builder::new();
        http.timer(OneTimer::default()).header_read_timeout(HEAD);
        let connection = http.serve_connection(TokioIo::new(stream), service);
        drive(connection, self.stopping, future::pending()).await;
    }

    async fn http2(self, stream: impl Bytes) {
        let (count, counted) = watch::channel(0);
        let (peer, door, requests, count) = (self.peer, self.door, self.requests, Arc::new(count));
        let service = service_fn(move |mut request: Request<Incoming>| {
            as_in_http1(&mut request);
            let (under_way, door, requests) = (UnderWay::new(&count), door.clone(), Arc::clone(&requests));
            async move {
                let place = requests.acquire().await;
                let answer = door.answer(arrived(request, peer)).await;
                drop((place, under_way));
                Ok::<_, Infallible>(answer)
            }
        });
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .initial_stream_window_size(STREAM_WINDOW)
            .max_header_list_size(HEADERS)
            .max_pending_accept_reset_streams(TAKEN_BACK)
            .max_local_error_reset_streams(MISTAKES)
            .keep_alive_interval(HEAD)
            .keep_alive_timeout(HEAD);
        let connection = http.serve_connection(TokioIo::new(stream), service);
        drive(connection, self.stopping, idle(counted)).await;
    }
}

/// A request as the door takes it: saying whom it comes from, and without the room for a body if it has none.
fn arrived(request: Request<Incoming>, peer: SocketAddr) -> Request {
    let mut request = request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(body) });
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

/// What HTTP is spoken over.
trait Bytes: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Bytes for T {}

/// Whether a client begins as only one of HTTP/2 does. The bytes are not taken: this costs one call to the system
/// for each connection, and none for a request. Fewer bytes at first than it needs to tell are taken for HTTP/1.
async fn has_preface(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0; PREFACE.len()];
    stream.peek(&mut first).await?;
    Ok(first == *PREFACE)
}

/// Serves a connection to its end. Told to stop, or once it is idle for too long, it finishes what is under way and
/// takes nothing new; whoever is idle and does not even take the answers is broken off.
async fn drive<C: GracefulConnection>(
    connection: C,
    mut stopping: watch::Receiver<bool>,
    idle: impl Future<Output = ()>,
) {
    let mut connection = pin!(connection);
    let told = tokio::select! {
        biased;
        // A connection that breaks off is the client's affair.
        _ = connection.as_mut() => return,
        () = told(&mut stopping) => true,
        () = idle => false,
    };
    connection.as_mut().graceful_shutdown();
    if told {
        _ = connection.await;
    } else {
        _ = timeout(HEAD, connection).await;
    }
}

/// Ends when no request was under way for as long as a connection may be idle.
async fn idle(mut count: watch::Receiver<usize>) {
    while count.wait_for(|count| *count == 0).await.is_ok() {
        if timeout(HEAD, count.changed()).await.is_err() {
            return;
        }
    }
}

/// A request of HTTP/2 that was not answered yet; counted as long as it lives.
struct UnderWay(Arc<watch::Sender<usize>>);

impl UnderWay {
    fn new(count: &Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(Arc::clone(count))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Puts the host where HTTP/1 has it (RFC 9113, section 8.3.1), so that nobody behind has to know the difference.
/// What a client says in a `Host` of its own beside it does not count.
fn as_in_http1(request: &mut Request<Incoming>) {
    let Some(authority) = request.uri().authority() else { return };
    let Ok(host) = HeaderValue::from_str(authority.as_str()) else { return };
    request.headers_mut().insert(header::HOST, host);
    if let Some(path) = request.uri().path_and_query().cloned() {
        *request.uri_mut() = Uri::from(path);
    }
}
