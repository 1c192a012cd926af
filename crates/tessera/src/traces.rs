//! Traces by OTLP, for whoever set `traces.endpoint`: what a request took, and how much of it hashing and the
//! database did.
//!
//! Spans are made by `web` (`request`), `crypto` (`hash`) and `db` (`batch`). What leaves the process is a closed list
//! of attributes, so a field that somebody adds to a span stays here. Without the setting nothing of this exists, and
//! the spans are not made.

mod endpoint;
mod layer;
mod otlp;
mod send;

use std::time::Duration;

use tokio::sync::{mpsc, watch};

pub(crate) use endpoint::{BadEndpoint, Endpoint};
pub(crate) use layer::Collecting;

use otlp::Span;

/// Spans that wait to be sent. Those that find no room are given up: a slow collector must not cost memory.
const QUEUE: usize = 8_192;
/// Spans sent at once, and how long the first of them waits for others.
const AT_ONCE: usize = 512;
const GATHER: Duration = Duration::from_secs(1);

/// The two ends: what takes spans from the log, and what sends them until it is told to stop.
pub(crate) fn pair(endpoint: Endpoint, seed: u64) -> (Collecting, Sender) {
    let (into, spans) = mpsc::channel(QUEUE);
    (Collecting::new(into, seed), Sender { endpoint, spans })
}

/// Sends spans to the collector.
pub(crate) struct Sender {
    endpoint: Endpoint,
    spans: mpsc::Receiver<Span>,
}

impl Sender {
    /// Sends what there is every second or so; told to stop, it sends the rest and ends.
    pub(crate) async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        let mut reached = true;
        let mut spans = Vec::new();
        loop {
            let last = tokio::select! {
                received = self.spans.recv_many(&mut spans, AT_ONCE) => received == 0,
                () = crate::listen::told(&mut stopping) => true,
            };
            if last {
                while let Ok(span) = self.spans.try_recv() {
                    spans.push(span);
                }
            } else {
                tokio::select! {
                    () = tokio::time::sleep(GATHER) => {}
                    () = crate::listen::told(&mut stopping) => {}
                }
                while spans.len() < AT_ONCE
                    && let Ok(span) = self.spans.try_recv()
                {
                    spans.push(span);
                }
            }
            if !spans.is_empty() {
                let sent = send::post(&self.endpoint, otlp::body(&spans)).await;
                spans.clear();
                match &sent {
                    Ok(()) if !reached => tracing::info!("the collector takes traces again"),
                    Err(cause) if reached => {
                        tracing::warn!(%cause, "traces are lost: the collector does not take them");
                    }
                    _ => {}
                }
                reached = sent.is_ok();
            }
            if last {
                return;
            }
        }
    }
}
