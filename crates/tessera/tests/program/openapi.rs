//! The OpenAPI documents: those that are committed, that is printed and that is served are the same, and what is
//! served answers as they say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::http::Request;
use harness::openapi::Document;
use harness::process::TesseraProcess;
use serde_json::Value;

use crate::stand::{BINARY, cheap, operators_listener, server};

const CONTRACTS: [&str; 4] = ["argon", "goscrobble", "melon", "wolfpal"];

/// What `tessera openapi` prints.
fn printed(args: &[&str]) -> String {
    let output = Command::new(BINARY).arg("openapi").args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The document of everything, to hold answers against.
pub(crate) fn document() -> Document {
    let document = Document::new(serde_json::from_str(&printed(&[])).unwrap()).unwrap();
    document.exact_under("/api/v1")
}

#[test]
fn the_committed_documents_are_what_the_code_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let of = |name: &str| (folder.join(format!("openapi/{name}.json")), printed(&["--contract", name]));
    let mut documents: Vec<(PathBuf, String)> = CONTRACTS.iter().map(|name| of(name)).collect();
    documents.push(of("operations"));
    documents.push((folder.join("openapi.json"), printed(&[])));
    for (file, text) in documents {
        if std::env::var_os("RENEW").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
        } else {
            let committed = fs::read_to_string(&file).unwrap_or_default();
            let file = file.display();
            assert!(
                committed == text,
                "{file} is stale: `tessera openapi` prints it; or run this with RENEW=1"
            );
        }
    }
    let unknown = Command::new(BINARY).args(["openapi", "--contract", "nobody"]).output().unwrap();
    assert!(!unknown.status.success() && unknown.stdout.is_empty());
}

/// What is wrong with how a document says things, wherever it is.
fn faults(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in
                entries.iter().filter(|(key, _)| !["value", "example"].contains(&key.as_str()))
            {
                let place = format!("{place}/{key}");
                if value.is_null() || (key == "oneOf" && !place.contains("/requestBody/")) {
                    found.push(place.clone());
                }
                faults(value, &place, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| faults(value, place, found)),
        _ => {}
    }
}

/// Readers of documents refuse a list that is null. Of shapes that are open more than one may fit, so `oneOf` stands
/// only where the contract that a body is for was made out.
#[test]
fn nothing_is_null_and_no_shape_excludes_another() {
    for name in CONTRACTS.into_iter().chain(["operations", ""]) {
        let args: &[&str] = if name.is_empty() { &[] } else { &["--contract", name] };
        let mut found = Vec::new();
        faults(&serde_json::from_str(&printed(args)).unwrap(), name, &mut found);
        assert_eq!(found, [""; 0]);
    }
}

fn get(server: &TesseraProcess, path: &str) -> harness::http::Answer {
    server.client().send(&Request::new("GET", path)).unwrap()
}

#[test]
fn what_is_printed_is_served_beside_its_page() {
    let server = server();
    let served = get(&server, "/openapi.json").expect_status(200);
    assert_eq!(served.json(), serde_json::from_str::<Value>(&printed(&[])).unwrap());
    let page = get(&server, "/docs/api").expect_status(200);
    let policy = page.header("content-security-policy").unwrap();
    for never in ["unsafe", "http:", "https:", "*"] {
        assert!(!policy.contains(never), "{policy}");
    }
    for (part, kind) in [("start.js", "javascript"), ("viewer.js", "javascript"), ("viewer.css", "css")] {
        let path = format!("/docs/api/{part}");
        assert!(page.text().contains(&path));
        let answer = get(&server, &path).expect_status(200);
        assert!(answer.header("content-type").unwrap().contains(kind));
        let compressed = answer.body.starts_with(&[0x1f, 0x8b, 8]);
        assert_eq!(answer.header("content-encoding") == Some("gzip"), compressed, "{path}");
    }
    assert!(get(&server, "/").text().contains("href=\"/docs/api\""));
}

#[test]
fn without_documentation_nothing_of_it_is_there() {
    let server = TesseraProcess::start(cheap().env("TESSERA_DOCS__ENABLED", "false"));
    for path in ["/openapi.json", "/docs/api", "/docs/api/viewer.js", "/docs/argon"] {
        get(&server, path).expect_status(404);
    }
    let start = get(&server, "/").expect_status(200).text();
    assert!(!start.contains("/docs/"), "{start}");
    let described = Request::new("GET", "/").header("Accept", "application/json");
    let described = server.client().send(&described).unwrap().expect_status(200).text();
    assert!(!described.contains("/docs/") && !described.contains("/openapi.json"), "{described}");
}

#[test]
fn an_origin_describes_what_it_serves() {
    let settings = "[mounts.argon]\nprefix = \"/panel\"\n[mounts.melon]\nhost = \"media.example\"\n\
                    [mounts.goscrobble]\nenabled = false\n";
    let server = TesseraProcess::start(cheap().settings(settings));
    let paths = |host: &str| {
        let request = Request::new("GET", "/openapi.json").header("Host", host);
        let answer = server.client().send(&request).unwrap().expect_status(200).json();
        let paths = answer["paths"].as_object().unwrap();
        paths.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    let here = paths("127.0.0.1");
    assert!(here.contains("/panel/api/auth/state") && here.contains(" /auth/refresh"), "{here}");
    for absent in ["/auth/invite", "/api/v1/", " /api/auth/state"] {
        assert!(!here.contains(absent), "{absent}: {here}");
    }
    let there = paths("media.example");
    assert!(there.contains("/auth/invite") && !there.contains("/api/auth/"), "{there}");
}

#[test]
fn two_contracts_at_one_path_are_told_apart() {
    let whole: Value = serde_json::from_str(&printed(&[])).unwrap();
    for path in ["/api/auth/login", "/api/auth/register"] {
        let operation = &whole["paths"][path]["post"];
        let description = operation["description"].as_str().unwrap();
        assert!(
            description.contains("WolfPal takes forms")
                && description.contains("Argon takes everything else")
        );
        let content = &operation["requestBody"]["content"];
        assert_eq!(content["application/json"]["schema"]["oneOf"].as_array().unwrap().len(), 2);
        assert!(content["application/x-www-form-urlencoded"]["schema"]["$ref"].is_string());
        assert_eq!(operation["tags"].as_array().unwrap().len(), 2);
    }
    assert!(
        whole["paths"]["/auth/login"]["get"].is_object() && whole["paths"]["/auth/login"]["post"].is_object()
    );
}

#[test]
fn what_tessera_answers_itself_is_documented_too() {
    let document = document();
    let asymmetric =
        TesseraProcess::start(cheap().settings("[mounts.argon]\nalgorithm = \"ES256\"\n").with_ops());
    for server in [&asymmetric, &server()] {
        let request = Request::new("GET", "/.well-known/jwks.json");
        let answer = server.client().send(&request).unwrap();
        assert!(document.check(&request, &answer).unwrap().is_some());
    }
    let operations: Value = serde_json::from_str(&printed(&["--contract", "operations"])).unwrap();
    let operations = Document::new(operations).unwrap();
    for path in ["/healthz", "/readyz", "/metrics"] {
        let request = Request::new("GET", path);
        let answer = operators_listener(&asymmetric).send(&request).unwrap();
        assert!(operations.check(&request, &answer).unwrap().is_some(), "{path}");
    }
    assert_eq!(operations.paths().len(), 3);
}
