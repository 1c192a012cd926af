//! Traces: what a collector is told of requests, and what it is not.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use harness::actors::Argon;
use harness::http::Request;
use harness::process::TesseraProcess;
use serde_json::Value;

use crate::stand::{cheap, unique};

/// A collector that takes everything: where it is, and what it was sent.
fn collector() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (at, taken) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let into = Arc::clone(&taken);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let mut reader = BufReader::new(&stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert!(reader.read_line(&mut head).unwrap() > 0, "half a head: {head}");
            }
            assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
            assert!(head.to_lowercase().contains("content-type: application/json\r\n"), "{head}");
            let length = head.to_lowercase();
            let length = length.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            into.lock().unwrap().push(String::from_utf8(body).unwrap());
            (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        }
    });
    (at, taken)
}

/// The attributes of a span, numbers as text.
fn attributes(span: &Value) -> BTreeMap<&str, &str> {
    let pairs = span["attributes"].as_array().unwrap().iter().map(|attribute| {
        let value = &attribute["value"];
        let text = value["stringValue"].as_str().or(value["intValue"].as_str()).unwrap();
        (attribute["key"].as_str().unwrap(), text)
    });
    pairs.collect()
}

#[test]
fn a_request_is_one_trace_with_what_it_waited_for_and_without_a_secret() {
    let (at, taken) = collector();
    let endpoint = format!("http://{at}");
    let mut server = TesseraProcess::start(cheap().unthrottled().env("TESSERA_TRACES__ENDPOINT", &endpoint));
    let name = unique("traced");
    let mut argon = Argon::at(server.address());
    argon.register(&name, "password-secret-1");
    let signed_in = argon.try_sign_in(&name, "password-secret-1").expect_status(200);
    let (id, token) = (signed_in.header("x-request-id").unwrap().to_owned(), signed_in.field("token"));
    let mut client = server.client();
    let mut ask = |request: Request| client.send(&request).unwrap().status;
    let bearer = |token: &str| format!("Bearer {token}");
    ask(Request::new("GET", "/api/auth/state").header("authorization", &bearer(&token)));
    ask(Request::new("GET", "/auth/login?username=ada&password=query-secret-2"));
    ask(Request::new("PUT", "/user/activate-account/path-secret-3"));
    ask(Request::new("GET", "/unknown/path-secret-4?x=query-secret-5"));
    ask(Request::new("METHODSECRET6", "/"));
    server.stop();
    let bodies = taken.lock().unwrap().clone();
    let everything = bodies.join("\n").to_lowercase();
    for secret in ["secret", &token, &name] {
        assert!(!everything.contains(&secret.to_lowercase()), "{secret} in {everything}");
    }
    let bodies: Vec<Value> = bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    let resources = bodies.iter().flat_map(|body| body["resourceSpans"].as_array().unwrap());
    let scopes = resources.flat_map(|resource| {
        assert_eq!(attributes(&resource["resource"])["service.name"], "tessera");
        resource["scopeSpans"].as_array().unwrap()
    });
    let spans: Vec<&Value> = scopes.flat_map(|scope| scope["spans"].as_array().unwrap()).collect();
    let of = |trace: &str| spans.iter().filter(|span| span["traceId"] == trace).collect::<Vec<_>>();
    let here = of(&id);
    let root = here.iter().find(|span| span["parentSpanId"].is_null()).expect("a span of the request");
    assert_eq!((&root["name"], &root["kind"]), (&"POST /api/auth/login".into(), &2.into()));
    let expected = BTreeMap::from([
        ("http.request.method", "POST"),
        ("http.response.status_code", "200"),
        ("http.route", "/api/auth/login"),
        ("tessera.contract", "argon"),
        ("tessera.request_id", id.as_str()),
    ]);
    assert_eq!(attributes(root), expected);
    let nanos = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<u128>().unwrap();
    for kind in ["hash", "batch"] {
        let within =
            here.iter().find(|span| span["name"] == kind).unwrap_or_else(|| panic!("no {kind}: {here:?}"));
        assert_eq!(within["parentSpanId"], root["spanId"]);
        assert!(nanos(root, "startTimeUnixNano") <= nanos(within, "startTimeUnixNano"));
        assert!(nanos(within, "endTimeUnixNano") <= nanos(root, "endTimeUnixNano"));
    }
    let names: Vec<_> = spans.iter().map(|span| span["name"].as_str().unwrap()).collect();
    for name in
        ["GET /api/auth/state", "PUT /user/activate-account/{token}", "GET /auth/login", "GET", "_OTHER"]
    {
        assert!(names.contains(&name), "no {name} in {names:?}");
    }
    let ids: std::collections::BTreeSet<_> =
        spans.iter().map(|span| span["spanId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), spans.len(), "two spans with one id");
}

#[test]
fn a_collector_that_is_not_there_costs_nobody_an_answer() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{nobody}");
    let mut server = TesseraProcess::start(cheap().env("TESSERA_TRACES__ENDPOINT", &endpoint));
    Argon::at(server.address()).register(&unique("alone"), crate::stand::PASSWORD);
    assert!(server.stop().success());
    assert_eq!(server.output().matches("traces are lost").count(), 1, "{}", server.output());
    let wrong =
        TesseraProcess::try_start(cheap().env("TESSERA_TRACES__ENDPOINT", "https://collector")).unwrap_err();
    assert!(wrong.output.contains("traces.endpoint: expected"), "{}", wrong.output);
}
