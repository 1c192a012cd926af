//! Nodes of one installation, and clients that spread over them as a load balancer does.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{PoisonError, RwLock};

use harness::http::{Answer, Client, Request};
use harness::ledger;
use harness::process::{Options, TesseraProcess};

use crate::stand::{cheap, told};

/// What all nodes derive their keys from.
const MASTER: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// The settings of a node that counts nothing and takes everybody.
pub(crate) fn lenient() -> Options {
    ledger::settings(cheap())
}

/// One node of the installation on that database.
pub(crate) fn node(options: Options, url: &str) -> TesseraProcess {
    TesseraProcess::start(options.database(url).env("TESSERA_MASTER_SECRET", MASTER))
}

/// Nodes that differ in nothing but their data folders.
pub(crate) fn nodes<const N: usize>(options: &Options, url: &str) -> [TesseraProcess; N] {
    std::array::from_fn(|_| node(options.clone(), url))
}

/// The id of an account.
pub(crate) fn id_of(node: &TesseraProcess, name: &str) -> String {
    told(node, &["account", "show", name], "")["id"].as_str().expect("an id").to_owned()
}

/// Where the nodes listen just now. A node that was stopped stays listed until it is back elsewhere: nobody tells
/// a load balancer beforehand.
pub(crate) struct Directory(RwLock<Vec<SocketAddr>>);

impl Directory {
    pub(crate) fn of(nodes: &[TesseraProcess]) -> Directory {
        Directory(RwLock::new(nodes.iter().map(TesseraProcess::address).collect()))
    }

    pub(crate) fn moved(&self, number: usize, node: &TesseraProcess) {
        self.0.write().unwrap_or_else(PoisonError::into_inner)[number] = node.address();
    }

    fn turn(&self, number: usize) -> SocketAddr {
        let addresses = self.0.read().unwrap_or_else(PoisonError::into_inner);
        addresses[number % addresses.len()]
    }
}

/// A client that asks each node in turn, over connections that it keeps.
pub(crate) struct Spread<'a> {
    directory: &'a Directory,
    clients: HashMap<SocketAddr, Client>,
    next: usize,
}

impl<'a> Spread<'a> {
    pub(crate) fn over(directory: &'a Directory, first: usize) -> Spread<'a> {
        Spread { directory, clients: HashMap::new(), next: first }
    }

    /// Asks the next node, once.
    pub(crate) fn send(&mut self, request: &Request) -> io::Result<Answer> {
        self.next += 1;
        let address = self.directory.turn(self.next);
        self.clients.entry(address).or_insert_with(|| Client::new(address)).send(request)
    }

    /// Asks the next node, and another when not a byte of an answer came.
    pub(crate) fn send_on(&mut self, request: &Request) -> io::Result<Answer> {
        let mut tries = 0;
        loop {
            match self.send(request) {
                Err(error) if error.kind() != io::ErrorKind::UnexpectedEof && tries < 5 => tries += 1,
                other => return other,
            }
        }
    }
}
