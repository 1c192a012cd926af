//! Nodes are stopped and started in turn under load, and nobody notices.

use harness::postgres::Cluster;
use harness::process::TesseraProcess;

use super::fleet::{Directory, lenient, nodes};
use super::load::{Allowed, Load};

const TURNS: usize = 6;

#[test]
fn a_rolling_restart_loses_no_request() {
    let mut fleet: [TesseraProcess; 3] = nodes(&lenient(), &Cluster::shared().fresh_url());
    let directory = Directory::of(&fleet);
    let load = Load::on(&directory, Allowed::Nothing);
    let mut people = load.while_disturbed(|load| {
        for number in 0..TURNS {
            load.goes_on(60);
            let node = &mut fleet[number % 3];
            assert_eq!(node.stop().code(), Some(0), "{}", node.output());
            load.goes_on(60);
            node.restart();
            directory.moved(number % 3, node);
        }
        load.goes_on(60);
    });
    people.iter_mut().for_each(|person| person.audit(&fleet));
}
