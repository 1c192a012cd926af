//! Accepting connections: bounded in number, in the time they may take to ask, and in the time to finish.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tower::ServiceExt;

/// How long the head of a request may take, and how long a connection may be idle. axum's own `serve` sets
/// neither, so that half a head would hold a connection for ever.
const HEAD: Duration = Duration::from_secs(10);
/// How many connections there may be at once; further ones wait to be accepted.
const CONNECTIONS: usize = 8_192;
/// A pause after a connection could not be accepted: most often there are no file descriptors left.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until told to stop. Then no connection is accepted any more, and requests under way may take
/// `drain` to finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    mut stopping: watch::Receiver<bool>,
    drain: Duration,
) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    while let Some((stream, peer)) = next(&listener, &mut stopping).await {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { break };
        // Small answers must not wait for more to be sent with them.
        _ = stream.set_nodelay(true);
        let from = move |mut request: Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        };
        let service = TowerToHyperService::new(router.clone().map_request(from));
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD);
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A connection that breaks off is the client's affair.
            _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    _ = tokio::time::timeout(drain, graceful.shutdown()).await;
}

/// The next connection; none once told to stop.
async fn next(
    listener: &TcpListener,
    stopping: &mut watch::Receiver<bool>,
) -> Option<(TcpStream, SocketAddr)> {
    loop {
        tokio::select! {
            () = told(stopping) => return None,
            accepted = listener.accept() => match accepted {
                Ok(connection) => return Some(connection),
                Err(cause) => {
                    tracing::warn!(%cause, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            },
        }
    }
}

async fn told(stopping: &mut watch::Receiver<bool>) {
    // An error means that nobody is left to tell: the process is ending.
    _ = stopping.wait_for(|stop| *stop).await;
}
