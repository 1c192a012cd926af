//! Where races are run here: three nodes of one installation, asked in turn.

use std::fs;
use std::net::SocketAddr;
use std::ops::Deref;
use std::os::unix::fs::symlink;

use harness::postgres::Cluster;
use harness::process::TesseraProcess;

use crate::postgres::fleet::nodes;
use crate::stand::cheap;

pub(crate) struct Place([TesseraProcess; 3]);

/// Nodes that count nothing.
pub(crate) fn place() -> Place {
    let fleet = nodes(&cheap().unthrottled(), &Cluster::shared().fresh_url());
    // Whichever node sends a mail, the test finds it with the first.
    let mails = fleet[0].data().join("mail");
    for node in &fleet[1..] {
        let own = node.data().join("mail");
        fs::remove_dir(&own).expect("no mail yet");
        symlink(&mails, own).unwrap();
    }
    Place(fleet)
}

impl Place {
    /// Where the caller with that number asks.
    pub(crate) fn turn(&self, number: usize) -> SocketAddr {
        self.0[number % self.0.len()].address()
    }
}

impl Deref for Place {
    type Target = TesseraProcess;

    fn deref(&self) -> &TesseraProcess {
        &self.0[0]
    }
}
