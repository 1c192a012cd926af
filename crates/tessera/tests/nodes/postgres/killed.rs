//! A node is killed under load, again and again, and the others go on.

use harness::postgres::Cluster;
use harness::process::TesseraProcess;

use super::fleet::{Directory, lenient, nodes};
use super::load::{Allowed, Load};

fn nothing_is_lost_in(rounds: usize) {
    let mut fleet: [TesseraProcess; 3] = nodes(&lenient(), &Cluster::shared().fresh_url());
    let directory = Directory::of(&fleet);
    let load = Load::on(&directory, Allowed::Lost);
    let mut people = load.while_disturbed(|load| {
        for number in 0..rounds {
            load.goes_on(60);
            let node = &mut fleet[number % 3];
            node.kill9();
            // Two of three requests still reach somebody.
            load.goes_on(60);
            node.restart();
            directory.moved(number % 3, node);
        }
    });
    let (acknowledged, undecided) = load.counted();
    println!("{rounds} kills, {acknowledged} acknowledged, {undecided} undecided, {} people", people.len());
    assert!(undecided > 0, "no request met a dead node");
    people.iter_mut().for_each(|person| person.audit(&fleet));
}

#[test]
fn what_was_acknowledged_survives_the_end_of_a_node() {
    nothing_is_lost_in(3);
}

#[test]
#[ignore = "a measurement"]
fn figures_killed() {
    nothing_is_lost_in(20);
}
