//! Where races are run here: one server.

use std::net::SocketAddr;
use std::ops::Deref;

use harness::process::TesseraProcess;

use crate::stand::server;

pub(crate) struct Place(TesseraProcess);

/// A server that counts nothing.
pub(crate) fn place() -> Place {
    Place(server())
}

impl Place {
    /// Where the caller with that number asks.
    pub(crate) fn turn(&self, _number: usize) -> SocketAddr {
        self.0.address()
    }
}

impl Deref for Place {
    type Target = TesseraProcess;

    fn deref(&self) -> &TesseraProcess {
        &self.0
    }
}
