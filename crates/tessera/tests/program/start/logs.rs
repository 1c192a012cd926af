//! What the server writes to its log.

use harness::actors::Argon;
use harness::process::{Options, TesseraProcess};
use serde_json::Value;

use crate::stand::{PASSWORD, cheap};

/// A server whose database somebody damaged, asked once: the id in its answer, and what it printed.
fn after_a_fault(options: Options) -> (String, String) {
    let server = TesseraProcess::start(options.on_file());
    let database = rusqlite::Connection::open(server.data().join("tessera.db")).unwrap();
    database.execute("alter table account rename to gone", []).unwrap();
    let answer = Argon::at(server.address()).try_sign_in("ada", PASSWORD).expect_status(500);
    let id = answer.header("x-request-id").unwrap().to_owned();
    (id, server.output())
}

#[test]
fn a_fault_is_logged_with_the_id_that_the_answer_has() {
    let (id, said) = after_a_fault(cheap());
    let lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    // What goes on beside the requests meets the damage too, and belongs to none of them.
    let (named, nameless): (Vec<_>, Vec<_>) =
        lines.filter(|line| line["level"] == "ERROR").partition(|line| line["request_id"] == *id);
    assert!(!named.is_empty() && named.iter().all(|line| line["timestamp"].is_string()), "{said}");
    assert!(nameless.iter().all(|line| line["request_id"].is_null()), "{nameless:?}");
    assert!(said.lines().any(|line| line.contains("INFO") && !line.contains("request_id")), "{said}");
    let (id, said) = after_a_fault(cheap().env("TESSERA_LOG__FORMAT", "text"));
    let ends = format!(" request_id={id}");
    assert!(said.lines().any(|line| line.contains("internal error") && line.ends_with(&ends)), "{said}");
    for line in said.lines() {
        assert!(!line.contains(PASSWORD), "{line}");
    }
}
