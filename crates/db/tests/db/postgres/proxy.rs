//! A wire with a counter, that can be held.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Stands between a client and a server's port.
pub(super) struct Proxy {
    port: u16,
    wire: Arc<Wire>,
}

#[derive(Default)]
struct Wire {
    /// Times that a client spoke after it had been answered: what waits for an answer is one round trip.
    round_trips: AtomicUsize,
    connections: AtomicUsize,
    /// No transaction begins: the command comes through misspelt.
    garbled: AtomicBool,
    /// Nothing comes through.
    held: AtomicBool,
    /// Round trips whose answers come through from now on; then they are held.
    answers_left: AtomicUsize,
}

impl Proxy {
    pub(super) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Arc::new(Wire { answers_left: AtomicUsize::new(usize::MAX), ..Wire::default() });
        let shared = Arc::clone(&wire);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
                    tokio::spawn(Arc::clone(&shared).carry(client, server));
                }
            }
        });
        Self { port, wire }
    }

    pub(super) fn url(&self, database: &str) -> String {
        format!("postgres://tessera@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// The round trips since the last time this was asked.
    pub(super) fn round_trips(&self) -> usize {
        self.wire.round_trips.swap(0, Ordering::SeqCst)
    }

    /// The connections so far.
    pub(super) fn connections(&self) -> usize {
        self.wire.connections.load(Ordering::SeqCst)
    }

    /// Has the server misunderstand every `begin`.
    pub(super) fn garble(&self, garbled: bool) {
        self.wire.garbled.store(garbled, Ordering::SeqCst);
    }

    /// Lets nothing through, or everything again, late.
    pub(super) fn hold(&self, held: bool) {
        self.wire.held.store(held, Ordering::SeqCst);
    }

    /// Lets the answers to that many round trips through, and no more.
    pub(super) fn answer_only(&self, round_trips: usize) {
        self.wire.answers_left.store(round_trips, Ordering::SeqCst);
    }
}

impl Wire {
    async fn carry(self: Arc<Self>, mut client: TcpStream, mut server: TcpStream) {
        let (mut from_client, mut from_server) = (vec![0; 1 << 20], vec![0; 1 << 20]);
        let mut answered = true;
        loop {
            tokio::select! {
                read = client.read(&mut from_client) => {
                    let Ok(length @ 1..) = read else { return };
                    self.pass().await;
                    if std::mem::replace(&mut answered, false) {
                        self.round_trips.fetch_add(1, Ordering::SeqCst);
                    }
                    if self.garbled.load(Ordering::SeqCst) {
                        garble(&mut from_client[..length]);
                    }
                    if server.write_all(&from_client[..length]).await.is_err() { return }
                }
                read = server.read(&mut from_server) => {
                    let Ok(length @ 1..) = read else { return };
                    self.pass().await;
                    if !std::mem::replace(&mut answered, true) {
                        let left = self.answers_left.load(Ordering::SeqCst);
                        self.answers_left.store(left.saturating_sub(1), Ordering::SeqCst);
                        if left == 0 {
                            self.held.store(true, Ordering::SeqCst);
                            self.pass().await;
                        }
                    }
                    if client.write_all(&from_server[..length]).await.is_err() { return }
                }
            }
        }
    }

    async fn pass(&self) {
        while self.held.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn garble(bytes: &mut [u8]) {
    const BEGIN: &[u8] = b"begin read write";
    if let Some(at) = bytes.windows(BEGIN.len()).position(|window| window == BEGIN) {
        bytes[at..at + 5].copy_from_slice(b"bogus");
    }
}
