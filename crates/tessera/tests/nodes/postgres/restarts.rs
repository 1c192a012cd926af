//! The database is restarted, killed and frozen under load.

use std::thread;
use std::time::{Duration, Instant};

use harness::http::Request;
use harness::postgres::{Cluster, Options, Stop};
use harness::process::TesseraProcess;
use serde_json::json;

use super::fleet::{Directory, lenient, nodes};
use super::load::{Allowed, Load};
use crate::stand::{PASSWORD, address_of, unique};

/// A server that is not back by then has not come back by itself.
const LIVENESS: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug)]
enum Blow {
    Restart(Stop),
    KillOne,
    EndAll,
    Freeze,
}

const BLOWS: [Blow; 5] =
    [Blow::Restart(Stop::Fast), Blow::Restart(Stop::Immediate), Blow::KillOne, Blow::EndAll, Blow::Freeze];

impl Blow {
    /// Strikes, and returns once the database is ready again.
    fn strike(self, cluster: &Cluster, database: &str) {
        match self {
            Blow::Restart(how) => {
                cluster.stop(how);
                thread::sleep(Duration::from_millis(300));
                cluster.start_again();
            }
            Blow::KillOne => {
                cluster.kill_backend(database);
                await_ready(cluster);
            }
            Blow::EndAll => {
                let sql = format!(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{database}'"
                );
                cluster.sql("postgres", &sql);
            }
            Blow::Freeze => {
                cluster.pause();
                thread::sleep(Duration::from_secs(5));
                cluster.resume();
            }
        }
    }
}

/// After a crash the server recovers by itself, and refuses connections meanwhile.
fn await_ready(cluster: &Cluster) {
    let began = Instant::now();
    while !cluster.answers() {
        assert!(began.elapsed() < LIVENESS, "the database did not recover");
        thread::sleep(Duration::from_millis(10));
    }
}

/// How long until a node writes again.
fn until_written(node: &TesseraProcess) -> Duration {
    let began = Instant::now();
    loop {
        let name = unique("back");
        let fields = json!({ "username": name, "email": address_of(&name), "password": PASSWORD });
        let answer = node.client().send(&Request::new("POST", "/auth/register").json(&fields)).unwrap();
        match answer.status {
            201 => return began.elapsed(),
            503 => assert!(began.elapsed() < LIVENESS, "the node does not come back:\n{}", node.output()),
            _ => panic!("{answer}"),
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// What was acknowledged holds however often the database fails; the times until the nodes wrote again.
fn nothing_is_lost_in(rounds: usize) -> Vec<(Blow, Duration)> {
    let cluster = Cluster::start(Options::new().durable());
    let database = cluster.create_database();
    let fleet: [TesseraProcess; 2] = nodes(&lenient(), &cluster.tcp_url(&database));
    let directory = Directory::of(&fleet);
    let load = Load::on(&directory, Allowed::Busy);
    let mut back = Vec::new();
    let mut people = load.while_disturbed(|load| {
        for blow in BLOWS.iter().cycle().take(rounds) {
            load.goes_on(60);
            blow.strike(&cluster, &database);
            back.extend(fleet.iter().map(|node| (*blow, until_written(node))));
        }
        load.goes_on(60);
    });
    let (acknowledged, undecided) = load.counted();
    println!("{rounds} blows, {acknowledged} acknowledged, {undecided} undecided, {} people", people.len());
    people.iter_mut().for_each(|person| person.audit(&fleet));
    for node in &fleet {
        assert!(!node.output().contains("panicked"), "{}", node.output());
    }
    back
}

#[test]
fn what_was_acknowledged_survives_every_failure_of_the_database() {
    nothing_is_lost_in(BLOWS.len());
}

#[test]
#[ignore = "a measurement"]
fn figures_restarts() {
    let mut back = nothing_is_lost_in(20);
    back.sort_by_key(|(_, time)| *time);
    for (blow, time) in &back {
        println!("{time:>10.1?} until a node wrote again after {blow:?}");
    }
}
