//! The second listener: health, readiness, metrics.

use harness::actors::Argon;
use harness::http::{Answer, Client, Request};
use harness::process::TesseraProcess;

use crate::stand::{PASSWORD, cheap, operators_listener, unique};

fn get(client: &mut Client, path: &str) -> Answer {
    client.send(&Request::new("GET", path)).unwrap()
}

/// The number of a metric without labels.
fn metric(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).expect(name);
    line.parse().unwrap()
}

#[test]
fn health_readiness_and_metrics_are_on_their_own_listener() {
    let server = TesseraProcess::start(cheap().with_ops());
    let mut ops = operators_listener(&server);
    assert_eq!(get(&mut ops, "/healthz").expect_status(200).text(), "alive\n");
    assert_eq!(get(&mut ops, "/readyz").expect_status(200).text(), "ready\n");
    let before = get(&mut ops, "/metrics").expect_status(200).text();
    let name = unique("counted");
    Argon::at(server.address()).register(&name, PASSWORD);
    let after = get(&mut ops, "/metrics").text();
    for counter in ["tessera_db_commits_total", "tessera_db_batches_total"] {
        assert!(metric(&after, counter) > metric(&before, counter), "{counter} stands still");
    }
    for line in after.lines().filter(|line| !line.starts_with('#')) {
        let (_, number) = line.rsplit_once(' ').expect("a name and a number");
        assert!(number.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
    }
    assert!(!after.contains(&name), "a metric names an account");
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(get(&mut server.client(), path).status, 404, "{path} is open to everybody");
        assert_eq!(ops.send(&Request::new("POST", path)).unwrap().status, 405, "{path}");
    }
    assert_eq!(get(&mut ops, "/api/auth/state").status, 404, "the contracts are on the operator's listener");
}

#[test]
fn it_can_be_switched_off() {
    let server = TesseraProcess::start(cheap());
    assert!(!server.output().contains("health and metrics"), "{}", server.output());
}
