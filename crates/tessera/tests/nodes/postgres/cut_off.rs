//! A node that does not reach the database: what it still answers, for how long, and what never.

use std::thread;
use std::time::{Duration, Instant};

use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::http::{Answer, Client, Request};
use harness::postgres::Cluster;
use harness::process::TesseraProcess;
use harness::proxy::{Mode, Proxy};

use super::fleet::{lenient, node};
use crate::stand::{Everywhere, PASSWORD, account, address_of, eventually};

/// How long a node may rely on what it remembers, in these tests.
const AGE: Duration = Duration::from_secs(2);

/// A node behind a network that can fail, and one that is not.
struct Pair {
    network: Proxy,
    far: TesseraProcess,
    near: TesseraProcess,
}

fn pair() -> Pair {
    let cluster = Cluster::shared();
    let database = cluster.create_database();
    let network = Proxy::to(([127, 0, 0, 1], cluster.port()).into());
    let url = format!("postgres://tessera@{}/{database}", network.address());
    let options = lenient().env("TESSERA_SESSIONS__TRUST_MEMORY_FOR", "2s").with_ops();
    Pair { network, far: node(options.clone(), &url), near: node(options, &cluster.tcp_url(&database)) }
}

fn ready(node: &TesseraProcess) -> u16 {
    let printed = node.output();
    let (_, rest) = printed.split_once("health and metrics on http://").expect("an operator's listener");
    let address = rest.lines().next().and_then(|line| line.parse().ok()).expect("an address");
    Client::new(address).send(&Request::new("GET", "/readyz")).unwrap().status
}

#[track_caller]
fn assert_busy(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer}");
    assert!(answer.header("retry-after").is_some(), "{answer}");
}

/// A token of every contract shown on the paths that check it alone.
fn checks(at: &TesseraProcess, shown: &Everywhere) -> [Answer; 2] {
    [Argon::at(at.address()).state(&shown.argon), Melon::at(at.address()).check(&shown.melon)]
}

fn fails_and_recovers(mode: Mode) {
    let Pair { network, far, near } = pair();
    let name = account(&near, "cut");
    let shown = Everywhere::sign_in(&near, &name, PASSWORD);
    let ended = Argon::at(near.address()).sign_in(&name, PASSWORD);
    assert!(checks(&far, &shown).iter().all(|answer| answer.status == 200));
    assert_eq!(Argon::at(far.address()).state(&ended).status, 200);
    assert_eq!(ready(&far), 200);

    let failed = Instant::now();
    network.set(mode);
    if mode == Mode::Refuse {
        network.cut();
    }
    // The accounts are known, so nothing is asked of the database.
    let answers = checks(&far, &shown);
    if failed.elapsed() < AGE / 2 {
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    }
    // Elsewhere all goes on. What is ended there is never believed here once the memory is too old.
    end_all(&near, &name);
    eventually("it is ended elsewhere", || Argon::at(near.address()).state(&ended).status == 401);
    let rest = (AGE + Duration::from_millis(300)).saturating_sub(failed.elapsed());
    thread::sleep(rest);
    assert_busy(&Argon::at(far.address()).state(&ended));
    checks(&far, &shown).iter().for_each(assert_busy);
    assert_busy(&WolfPal::at(far.address()).account(&shown.wolfpal.access));
    assert_busy(&GoScrobble::at(far.address()).user(&shown.goscrobble.access));
    assert_eq!(ready(&far), 503);
    // What needs the database is refused in every contract's own words, and within its patience.
    let began = Instant::now();
    let (at, email) = (far.address(), address_of(&name));
    thread::scope(|scope| {
        let asked = [
            scope.spawn(|| Argon::at(at).try_sign_in(&name, PASSWORD)),
            scope.spawn(|| WolfPal::at(at).try_sign_in(&email, PASSWORD)),
            scope.spawn(|| WolfPal::at(at).try_refresh(&shown.wolfpal.refresh)),
            scope.spawn(|| Melon::at(at).try_sign_in(&name, PASSWORD)),
            scope.spawn(|| GoScrobble::at(at).try_refresh(&shown.goscrobble.refresh)),
        ];
        asked.into_iter().for_each(|answer| assert_busy(&answer.join().unwrap()));
    });
    println!("five refusals after {:?} ({mode:?})", began.elapsed());
    assert_eq!(ready(&near), 200);
    let new = Argon::at(near.address()).sign_in(&name, PASSWORD);

    network.set(Mode::Pass);
    eventually("the node recovers", || ready(&far) == 200);
    assert_eq!(Argon::at(far.address()).state(&ended).status, 401);
    eventually("it serves again", || Argon::at(far.address()).try_sign_in(&name, PASSWORD).status == 200);
    assert_eq!(Argon::at(far.address()).state(&new).status, 200);
    assert!(!far.output().contains("panicked"), "{}", far.output());
}

/// A new password ends every session.
fn end_all(node: &TesseraProcess, name: &str) {
    crate::stand::run(node, &["account", "set-password", name], &format!("{PASSWORD}\n"));
}

#[test]
fn a_node_whose_network_is_silent_stops_in_time_and_recovers() {
    fails_and_recovers(Mode::Stall);
}

#[test]
fn a_node_that_is_hung_up_on_stops_in_time_and_recovers() {
    fails_and_recovers(Mode::Refuse);
}
