//! The server that is measured: the release binary as its operator runs it, throttles aside.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crypto::{Argon2Cost, HashPool, HashPoolSettings, SystemRandomness};
use harness::http::{Client, Request};
use harness::process::{Options, TesseraProcess};

use crate::Problem;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Servers that follow each other on one database share it.
pub(crate) const MASTER: &str = "7c1d3f5b9a8e6c4d2b0a1f3e5d7c9b8a6f4e2d0c1b3a597886746352413f2e1d";

/// What a password costs to hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hashing {
    /// Next to nothing, where it is not what is measured.
    Cheap,
    /// As the server does it unless told otherwise.
    Production,
}

impl Hashing {
    pub(crate) fn cost(self) -> Argon2Cost {
        match self {
            Self::Cheap => Argon2Cost { memory_kib: 8, passes: 1, lanes: 1 },
            Self::Production => Argon2Cost::default(),
        }
    }

    /// A pool of so many threads.
    pub(crate) fn pool(self, threads: usize) -> Result<HashPool, Problem> {
        let settings = HashPoolSettings { threads, cost: self.cost(), max_wait: Duration::from_secs(60) };
        Ok(HashPool::start(settings, Arc::new(SystemRandomness))?)
    }

    /// The stored form of [`PASSWORD`].
    pub(crate) fn stored(self) -> Result<String, Problem> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        Ok(runtime.block_on(self.pool(1)?.hash(PASSWORD.into()))?)
    }
}

/// How to start a server. Everything that concerns durability is as in production.
pub(crate) fn options(binary: &Path, hashing: Hashing) -> Options {
    let cost = hashing.cost();
    Options::new(binary)
        .unthrottled()
        .with_ops()
        .env("TESSERA_MASTER_SECRET", MASTER)
        .env("TESSERA_PASSWORDS__MEMORY_KIB", &cost.memory_kib.to_string())
        .env("TESSERA_PASSWORDS__PASSES", &cost.passes.to_string())
}

/// A request as it goes over the wire.
pub(crate) fn bytes(request: &Request) -> Vec<u8> {
    request.to_bytes("127.0.0.1")
}

/// Transactions and the batches in them since the start, from the server's own metrics.
pub(crate) fn commits(server: &TesseraProcess) -> Result<(f64, f64), Problem> {
    let output = server.output();
    let address =
        output.split_once("metrics on http://").and_then(|(_, rest)| rest.split_whitespace().next());
    let address: SocketAddr = address.ok_or("the server has no metrics")?.parse()?;
    let answer = Client::new(address).send(&Request::new("GET", "/metrics"))?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let metric = |name: &str| -> Result<f64, Problem> {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.ok_or_else(|| format!("there is no metric {name}"))?.parse()?)
    };
    Ok((metric("tessera_db_commits_total")?, metric("tessera_db_batches_total")?))
}
