//! The OpenAPI document, held against what the contract answers.

use std::collections::BTreeSet;
use std::path::Path;

use harness::http::Request;
use harness::openapi::{Audit, Document, Unseen};
use harness::server::Server;
use serde_json::json;

use crate::transcripts::InProcess;

const UNSEEN: [Unseen; 3] = [
    Unseen { operation: "*", status: 500, reason: "nothing makes the server fail; its words: failures.rs" },
    Unseen { operation: "*", status: 503, reason: "only without a database or threads: failures.rs" },
    Unseen { operation: "*", status: 429, reason: "only after many tries: failures.rs" },
];

fn document() -> Document {
    let document = Document::new(serde_json::to_value(goscrobble::openapi()).unwrap()).unwrap();
    document.exact_under("/api/v1")
}

#[test]
fn every_answer_is_documented_and_everything_documented_is_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut audit = Audit::new(document());
    audit.replay(&folder.join("tests/transcripts"), &mut InProcess::start());
    let mut server = InProcess::start();
    server.runtime.block_on(server.server.signed_in("ada", ""));
    server.runtime.block_on(server.server.signed_in("boss", "admin"));
    let mut sign_in = |server: &mut dyn Server| {
        let token = |server: &mut dyn Server, name: &str| {
            let fields = json!({ "username": name, "password": "password-1" });
            server.send(Request::new("POST", "/api/v1/login").json(&fields)).field("token")
        };
        ["ada", "boss"].map(|name| ("Authorization", format!("Bearer {}", token(server, name)))).to_vec()
    };
    audit.probe(&mut server, &mut sign_in);
    audit.finish(&UNSEEN, &folder.join("examples.json"));
}

#[test]
fn every_endpoint_is_documented() {
    let server = InProcess::start();
    let listed = web::listing(&[goscrobble::contract(server.server.mount.clone())]);
    let served: BTreeSet<_> =
        listed.iter().map(|one| (one.method.to_string(), one.path.to_owned())).collect();
    assert_eq!(document().paths(), served);
}
