//! How often an operation waits for the database, counted on the wire.

use std::thread;
use std::time::Duration;

use harness::actors::{Argon, Tokens, WolfPal};
use harness::postgres::Cluster;
use harness::proxy::Proxy;

use super::fleet::{lenient, node};
use crate::stand::{PASSWORD, address_of, unique};

/// What the node does by itself is counted too (it follows the event list, it sends mail), but not during every one
/// of so many.
const TRIES: usize = 100;
/// What an operation left to do in the background is done by then, on most machines and most of the time.
const PAUSE: Duration = Duration::from_millis(30);

/// The round trips that an operation takes when nothing else goes on: the fewest of several tries, of which there
/// are no more once they are few enough.
fn least(network: &Proxy, enough: u64, mut operation: impl FnMut()) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..TRIES {
        thread::sleep(PAUSE);
        let before = network.round_trips();
        operation();
        least = least.min(network.round_trips() - before);
        if least <= enough {
            break;
        }
    }
    least
}

#[test]
fn an_operation_waits_for_the_database_so_often_and_no_more() {
    let cluster = Cluster::shared();
    let database = cluster.create_database();
    let network = Proxy::to(([127, 0, 0, 1], cluster.port()).into());
    let node = node(lenient(), &format!("postgres://tessera@{}/{database}", network.address()));
    let mut wolfpal = WolfPal::at(node.address());
    let mut argon = Argon::at(node.address());
    let name = unique("counted");
    let email = address_of(&name);
    wolfpal.register(&name, &email, PASSWORD).expect_status(201);
    let mut tokens = wolfpal.sign_in(&email, PASSWORD);
    let token = argon.sign_in(&name, PASSWORD);
    argon.state(&token).expect_status(200);

    let mut register = || {
        let name = unique("counted");
        wolfpal.register(&name, &address_of(&name), PASSWORD).expect_status(201);
    };
    expect("register", 6, least(&network, 6, &mut register));
    // One for the id alone: what more is read before a guess may be made, whoever is held up could tell by time.
    expect("sign-in", 5, least(&network, 5, || drop(wolfpal.sign_in(&email, PASSWORD))));
    expect("refresh", 4, least(&network, 4, || tokens = wolfpal.refresh(&tokens.refresh)));
    expect("check", 0, least(&network, 0, || drop(argon.state(&token).expect_status(200))));
    let mut open: Vec<Tokens> = (0..TRIES).map(|_| wolfpal.sign_in(&email, PASSWORD)).collect();
    let sign_out = || {
        let tokens = open.pop().expect("one for each try");
        wolfpal.sign_out(&tokens.access).expect_status(200);
    };
    expect("sign-out", 4, least(&network, 4, sign_out));
}

fn expect(operation: &str, most: u64, trips: u64) {
    println!("{operation:>10}: {trips} round trips");
    assert!(trips <= most, "{operation} takes {trips} round trips, more than {most}");
}
