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

/// Steps that were recorded by somebody else while the server runs.
#[test]
fn it_is_ready_for_a_newer_schema_only_if_that_takes_nothing_away() {
    let server = TesseraProcess::start(cheap().with_ops().on_file());
    let database = rusqlite::Connection::open(server.data().join("tessera.db")).unwrap();
    let run = |sql: &str| database.execute(sql, []).unwrap();
    let mut ops = operators_listener(&server);
    let mut ready = || get(&mut ops, "/readyz");
    run("insert into schema_version values (1000, 'adds a table', 0)");
    assert_eq!(ready().status, 200, "{}", ready().text());
    run("insert into schema_version values (1001, 'needs 2: without what step 1 had', 0)");
    assert_eq!(ready().status, 200, "this program knows step 2: {}", ready().text());
    run("insert into schema_version values (1002, 'needs 1000: without what this program uses', 0)");
    let unfit = ready().expect_status(503).text();
    assert!(unfit.contains("the schema of the database does not fit"), "{unfit}");
    let said = server.output();
    assert!(said.contains("version 1002, for programs that know 1000"), "{said}");
    run("delete from schema_version where version > 999");
    assert_eq!(ready().status, 200);
    run("delete from schema_version where version = 2");
    assert_eq!(ready().status, 503);
    let metrics = get(&mut ops, "/metrics").text();
    assert!(metrics.contains("\ntessera_ready 0\n"), "{metrics}");
}
