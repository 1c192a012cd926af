//! What the service manager hears (sd_notify(3)).

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use harness::process::{Signal, TesseraProcess};

use crate::stand::cheap;

#[test]
fn a_service_manager_hears_of_every_change_of_state_and_of_life() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let hear = |begins: &str| loop {
        let mut bytes = [0; 256];
        let length = socket.recv(&mut bytes).unwrap_or_else(|error| panic!("{begins}: {error}"));
        let said = String::from_utf8(bytes[..length].to_vec()).unwrap();
        if said.starts_with(begins) {
            return said;
        }
        // Signs of life come between all others.
        assert_eq!(said, "WATCHDOG=1", "instead of {begins}");
    };
    let options = cheap()
        .env("NOTIFY_SOCKET", path.to_str().unwrap())
        .env("WATCHDOG_USEC", "100000")
        .env("TESSERA_LOG__LEVEL", "debug");
    let mut server = TesseraProcess::start(options);
    hear("READY=1");
    hear("WATCHDOG=1");
    hear("WATCHDOG=1");
    server.signal(Signal::HUP);
    let said = hear("RELOADING=1");
    let (_, since) = said.split_once("\nMONOTONIC_USEC=").expect("when it began");
    assert!(since.parse::<u64>().is_ok(), "{said}");
    hear("READY=1");
    server.signal(Signal::TERM);
    hear("STOPPING=1");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn a_service_manager_that_is_gone_keeps_nothing_from_working() {
    let mut server = TesseraProcess::start(cheap().env("NOTIFY_SOCKET", "/nonexistent/notify"));
    assert_eq!(server.stop().code(), Some(0));
    assert!(server.output().contains("could not be told"), "{}", server.output());
}
