//! How often an operation waits for the database, counted on the wire.

use harness::actors::{Argon, Tokens, WolfPal};
use harness::postgres::Cluster;
use harness::proxy::Proxy;

use super::fleet::{lenient, node};
use crate::stand::{PASSWORD, address_of, unique};

/// What the node does by itself is counted too, but not during every one of so many.
const TIMES: usize = 15;

/// The round trips that an operation takes when nothing else goes on.
fn least(network: &Proxy, mut operation: impl FnMut()) -> u64 {
    let counts = (0..TIMES).map(|_| {
        let before = network.round_trips();
        operation();
        network.round_trips() - before
    });
    counts.min().unwrap()
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
    let mut open: Vec<Tokens> = (0..TIMES).map(|_| wolfpal.sign_in(&email, PASSWORD)).collect();

    let register = least(&network, || {
        let name = unique("counted");
        wolfpal.register(&name, &address_of(&name), PASSWORD).expect_status(201);
    });
    let sign_in = least(&network, || drop(wolfpal.sign_in(&email, PASSWORD)));
    let refresh = least(&network, || tokens = wolfpal.refresh(&tokens.refresh));
    let check = least(&network, || drop(argon.state(&token).expect_status(200)));
    let sign_out = least(&network, || {
        let tokens = open.pop().expect("one for each time");
        wolfpal.sign_out(&tokens.access).expect_status(200);
    });
    let counted = [
        ("register", register, 6),
        ("sign-in", sign_in, 4),
        ("refresh", refresh, 4),
        ("check", check, 0),
        ("sign-out", sign_out, 4),
    ];
    for (operation, trips, _) in counted {
        println!("{operation:>10}: {trips} round trips");
    }
    for (operation, trips, most) in counted {
        assert!(trips <= most, "{operation} takes {trips} round trips, more than {most}");
    }
}
