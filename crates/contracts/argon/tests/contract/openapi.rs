//! The OpenAPI document, held against what the contract answers.

use std::collections::BTreeSet;
use std::path::Path;

use harness::http::Request;
use harness::openapi::{Audit, Document, Unseen};
use harness::server::Server;
use serde_json::json;

use crate::stage::{PASSWORD, Stage};

const UNSEEN: [Unseen; 3] = [
    Unseen {
        operation: "*",
        status: 500,
        reason: "nothing makes the server fail; its words: errors/tests.rs",
    },
    Unseen { operation: "*", status: 503, reason: "only without a database or threads: trouble.rs" },
    Unseen { operation: "*", status: 429, reason: "only after many tries: credentials.rs, profile.rs" },
];

fn document() -> Document {
    Document::new(serde_json::to_value(argon::openapi()).unwrap()).unwrap()
}

#[test]
fn every_answer_is_documented_and_everything_documented_is_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut audit = Audit::new(document());
    audit.replay(&folder.join("tests/transcripts"), &mut Stage::new());
    let mut stage = Stage::new();
    stage.register("ada");
    stage.administrator("boss");
    let mut sign_in = |server: &mut dyn Server| {
        let token = |server: &mut dyn Server, name: &str| {
            let body = json!({ "username": name, "password": PASSWORD });
            server.send(Request::new("POST", "/api/auth/login").json(&body)).field("token")
        };
        ["ada", "boss"].map(|name| ("Authorization", format!("Bearer {}", token(server, name)))).to_vec()
    };
    audit.probe(&mut stage, &mut sign_in);
    audit.finish(&UNSEEN, &folder.join("examples.json"));
}

#[test]
fn every_endpoint_is_documented() {
    let stage = Stage::new();
    let listed = web::listing(&[argon::contract(stage.mount("argon"))]);
    let served: BTreeSet<_> =
        listed.iter().map(|one| (one.method.to_string(), one.path.to_owned())).collect();
    assert_eq!(document().paths(), served);
}
