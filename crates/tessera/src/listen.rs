//! Accepting connections: bounded in number, in the time they may take to ask, and in the time to finish.

use std::sync::Arc;
use std::time::Duration;

use defects::{Defect, seeded};
use tally::Count;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::connection::Connection;
use crate::origins::Door;

/// How many connections there may be at once; further ones wait to be accepted. As many requests of HTTP/2 may
/// be under way in all; further ones wait likewise.
const AT_ONCE: usize = 8_192;
/// A pause after a connection could not be accepted: most often there are no file descriptors left.
const BREATH: Duration = Duration::from_millis(50);

/// The connections of a listener, counted.
#[derive(Default)]
pub(crate) struct Connections {
    accepted: Count,
    /// Held once by each that is open.
    open: Arc<()>,
}

impl Connections {
    /// How many there were.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted.get()
    }

    /// How many there are.
    pub(crate) fn open(&self) -> usize {
        Arc::strong_count(&self.open) - 1
    }

    fn one(&self) -> Arc<()> {
        self.accepted.one();
        Arc::clone(&self.open)
    }
}

/// Serves until told to stop; then no connection is accepted any more, and it ends with the last request under
/// way. Dropping it breaks off every connection.
pub(crate) async fn serve(
    listener: TcpListener,
    door: Door,
    tls: Option<TlsAcceptor>,
    counted: Arc<Connections>,
    mut stopping: watch::Receiver<bool>,
) {
    let requests = Arc::new(Semaphore::new(AT_ONCE));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = told(&mut stopping) => break,
            Some(_ended) = connections.join_next(), if connections.len() == AT_ONCE => {}
            accepted = listener.accept(), if connections.len() < AT_ONCE => match accepted {
                Ok((stream, peer)) => {
                    while connections.try_join_next().is_some() {}
                    if seeded(Defect::ConnectionsKept) {
                        std::mem::forget(rustix::io::dup(&stream));
                    }
                    let connection = Connection {
                        peer,
                        door: door.clone(),
                        requests: Arc::clone(&requests),
                        stopping: stopping.clone(),
                    };
                    let (served, open) = (connection.serve(stream, tls.clone()), counted.one());
                    connections.spawn(async move {
                        served.await;
                        drop(open);
                    });
                }
                Err(cause) => {
                    tracing::warn!(%cause, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Waits until told to stop.
pub(crate) async fn told(stopping: &mut watch::Receiver<bool>) {
    // An error means that nobody is left to tell: the process is ending.
    _ = stopping.wait_for(|stop| *stop).await;
}
