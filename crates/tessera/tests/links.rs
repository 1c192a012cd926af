//! Our own pages are where links in mails lead to, wherever the mounts are.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use harness::http::{Answer, Request};
use harness::process::{Options, TesseraProcess};

fn start(settings: &str) -> TesseraProcess {
    TesseraProcess::start(Options::new(env!("CARGO_BIN_EXE_tessera")).settings(settings))
}

fn get(server: &TesseraProcess, host: &str, path: &str) -> Answer {
    server.client().send(&Request::new("GET", path).header("Host", host)).unwrap()
}

#[track_caller]
fn is_our_page(answer: &Answer) {
    assert_eq!(answer.status, 404, "{answer}");
    assert!(answer.text().contains("This link does not work (any more)"), "{answer}");
}

const LINK: &str = "/pages/argon/not-me/x";

#[test]
fn every_host_has_the_pages_of_every_mount() {
    let server = start("[mounts.argon]\nhost = \"argon.example.com\"\n[mounts.melon]\nprefix = \"/melon\"");
    for host in ["argon.example.com", "elsewhere.example.com", "127.0.0.1"] {
        for mount in ["argon", "melon", "wolfpal"] {
            is_our_page(&get(&server, host, &LINK.replace("argon", mount)));
        }
        get(&server, host, "/pages/style.css").expect_status(200);
        assert!(get(&server, host, "/pages/x").text().contains("There is no such page"), "{host}");
    }
}

#[test]
fn the_public_host_has_them_also_if_its_mounts_are_under_prefixes() {
    let host = "Auth.example.com";
    let server = start(&format!(
        "public_url = \"https://{host}:8443\"\n[mounts.argon]\nhost = \"auth.example.com\"\nprefix = \"/argon\""
    ));
    is_our_page(&get(&server, "auth.example.com:8443", LINK));
    get(&server, "auth.example.com:8443", "/argon/api/system").expect_status(200);
}

#[test]
fn a_mount_that_is_off_has_no_pages() {
    let server = start("[mounts.argon]\nenabled = false");
    assert!(get(&server, "127.0.0.1", LINK).text().contains("There is no such page"));
}
