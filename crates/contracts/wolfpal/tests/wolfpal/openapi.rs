//! The OpenAPI document, held against what the contract answers.

use std::collections::BTreeSet;
use std::path::Path;

use harness::http::Request;
use harness::openapi::{Audit, Document, Unseen};
use harness::server::Server;
use harness::transcript::files;
use serde_json::json;

use crate::world::{PASSWORD, World};

/// Somebody else has the address since the link was mailed.
const TAKEN_SINCE: &str = "only in a race of two accounts: email_change.rs";

const UNSEEN: [Unseen; 5] = [
    Unseen {
        operation: "*",
        status: 500,
        reason: "nothing makes the server fail; its words: errors/tests.rs",
    },
    Unseen { operation: "*", status: 503, reason: "only without a database or threads: errors/tests.rs" },
    Unseen { operation: "*", status: 429, reason: "only after many tries: errors/tests.rs" },
    Unseen { operation: "confirm_change_email", status: 409, reason: TAKEN_SINCE },
    Unseen { operation: "confirm_email_change", status: 409, reason: TAKEN_SINCE },
];

fn document() -> Document {
    Document::new(serde_json::to_value(wolfpal::openapi()).unwrap()).unwrap()
}

#[test]
fn every_answer_is_documented_and_everything_documented_is_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut audit = Audit::new(document());
    for file in files(&folder.join("tests/transcripts")).unwrap() {
        audit.replay_file(&file, &mut World::new());
    }
    let mut world = World::new();
    world.account("ada");
    let mut sign_in = |server: &mut dyn Server| {
        let fields = json!({ "email": "ada@a.example.com", "password": PASSWORD });
        let token = server.send(Request::new("POST", "/auth/login").json(&fields)).field("access_token");
        vec![("Authorization", format!("Bearer {token}"))]
    };
    audit.probe(&mut world, &mut sign_in);
    audit.finish(&UNSEEN, &folder.join("examples.json"));
}

#[test]
fn every_endpoint_is_documented() {
    let world = World::new();
    let listed = web::listing(&[wolfpal::contract(world.accounts.mount("wolfpal").unwrap())]);
    let served: BTreeSet<_> =
        listed.iter().map(|one| (one.method.to_string(), one.path.to_owned())).collect();
    assert_eq!(document().paths(), served);
}
