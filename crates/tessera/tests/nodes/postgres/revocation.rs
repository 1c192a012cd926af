//! From the acknowledgement of a change on one node to its effect on the others.

use std::thread;
use std::time::{Duration, Instant};

use harness::actors::{Argon, WolfPal};
use harness::http::{Client, Request};
use harness::postgres::Cluster;
use harness::process::TesseraProcess;
use serde_json::json;

use super::fleet::{id_of, lenient, nodes};
use crate::stand::{PASSWORD, account, address_of, administrator, run, told};

/// An effect that is not seen by then is not seen.
const LIVENESS: Duration = Duration::from_secs(60);
/// Between two questions. Without a pause the questions alone keep two processors busy.
const POLL: Duration = Duration::from_millis(1);
/// How often a node is asked again once it knows.
const AGAIN: usize = 20;

#[derive(Clone, Copy, Debug)]
enum Change {
    SignedOut,
    NewPassword,
    Permission,
    Disabled,
    KeyRetired,
}

const CHANGES: [Change; 5] =
    [Change::SignedOut, Change::NewPassword, Change::Permission, Change::Disabled, Change::KeyRetired];

/// What tells on another node that it knows.
struct Watched {
    token: Request,
    permission: bool,
}

impl Watched {
    /// Whether the change has taken effect on what this client asks.
    fn effective(&self, client: &mut Client) -> bool {
        let answer = client.send(&self.token).unwrap();
        match (answer.status, self.permission) {
            (200, true) => {
                answer.json()["permissions"].as_array().expect("a list").iter().any(|held| held == "mod")
            }
            (200, false) => false,
            (401, false) => true,
            // It has not heard of anything for so long that it says so.
            (503, _) => false,
            _ => panic!("{answer}"),
        }
    }
}

/// The id of the key that signs Argon's tokens.
fn signing(node: &TesseraProcess) -> String {
    let keys = told(node, &["key", "list"], "");
    let mut keys = keys.as_array().expect("a list").iter();
    let key = keys.find(|key| key["mount"] == "argon" && key["state"] == "signing").expect("one that signs");
    key["id"].as_str().expect("an id").to_owned()
}

/// Makes one change on the first node; how long each other node took to go by it.
fn one(fleet: &[TesseraProcess; 3], boss: &str, change: Change) -> Vec<Duration> {
    let [first, others @ ..] = fleet;
    let name = account(first, "watched");
    let mut argon = Argon::at(first.address());
    let token = argon.sign_in(&name, PASSWORD);
    let wolfpal = WolfPal::at(first.address()).sign_in(&address_of(&name), PASSWORD);
    let state = Request::new("GET", "/api/auth/state").bearer(&token);
    let (request, permission) = match change {
        Change::SignedOut => (Request::new("GET", "/account").bearer(&wolfpal.access), false),
        Change::NewPassword | Change::Disabled | Change::KeyRetired => (state, false),
        Change::Permission => (state, true),
    };
    let watched = Watched { token: request, permission };
    let mut clients: Vec<_> = others.iter().map(TesseraProcess::client).collect();
    // They all know it, so that each has something to forget.
    assert!(clients.iter_mut().all(|client| !watched.effective(client)));
    let acknowledged = match change {
        Change::SignedOut => WolfPal::at(first.address()).sign_out(&wolfpal.access).expect_status(200).status,
        // From another session: that one's own token is spent at once, this one's session is ended.
        Change::NewPassword => {
            let other = argon.sign_in(&name, PASSWORD);
            argon.change_password(&other, PASSWORD, "correct horse 2").expect_status(200).status
        }
        Change::Permission => {
            let id = id_of(first, &name);
            let boss = Argon::at(first.address()).sign_in(boss, PASSWORD);
            let body = json!({ "permissions": ["user", "mod"] });
            let request = Request::new("PATCH", &format!("/api/users/{id}")).bearer(&boss).json(&body);
            first.client().send(&request).unwrap().expect_status(200).status
        }
        Change::Disabled => {
            run(first, &["account", "disable", &name], "");
            0
        }
        // Its successor signs from the same moment, so there is one to retire every time.
        Change::KeyRetired => {
            run(first, &["key", "retire", &signing(first)], "");
            0
        }
    };
    let began = Instant::now();
    let watch = |client: &mut Client| {
        while !watched.effective(client) {
            assert!(began.elapsed() < LIVENESS, "{change:?} ({acknowledged}) did not take effect");
            thread::sleep(POLL);
        }
        let known = began.elapsed();
        assert!((0..AGAIN).all(|_| watched.effective(client)), "{change:?} took effect and was undone");
        known
    };
    let watch = &watch;
    thread::scope(|scope| {
        let watching: Vec<_> = clients.iter_mut().map(|client| scope.spawn(move || watch(client))).collect();
        watching.into_iter().map(|watching| watching.join().unwrap()).collect()
    })
}

fn samples(number: usize) -> Vec<(Change, Duration)> {
    let fleet: [TesseraProcess; 3] = nodes(&lenient(), &Cluster::shared().fresh_url());
    let boss = administrator(&fleet[0], "boss");
    let mut taken = Vec::new();
    for change in CHANGES.iter().cycle().take(number) {
        taken.extend(one(&fleet, &boss, *change).into_iter().map(|time| (*change, time)));
    }
    taken
}

#[test]
fn what_one_node_ended_every_node_ends_and_for_good() {
    samples(40);
}

#[test]
#[ignore = "a measurement"]
fn figures_revocation() {
    let mut samples = samples(1_000);
    samples.sort_by_key(|(_, time)| *time);
    let at = |share: usize| samples[(samples.len() - 1) * share / 1_000].1;
    println!(
        "{} samples from acknowledgement to effect on another node: p50 {:.1?}, p99 {:.1?}, max {:.1?}",
        samples.len(),
        at(500),
        at(990),
        at(1_000)
    );
    let slow = samples.iter().filter(|(_, time)| *time > Duration::from_secs(1)).count();
    println!("{slow} above one second; the slowest: {:.1?}", &samples[samples.len().saturating_sub(5)..]);
}
