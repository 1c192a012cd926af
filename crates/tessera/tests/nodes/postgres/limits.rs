//! What is counted is counted once for all nodes.

use std::sync::Barrier;
use std::thread;

use harness::actors::{Argon, WolfPal};
use harness::http::{Answer, Request};
use harness::postgres::Cluster;
use harness::process::TesseraProcess;
use serde_json::json;

use super::fleet::{id_of, lenient, nodes};
use crate::stand::{PASSWORD, account, address_of, administrator, eventually, told};

const AT_ONCE: usize = 18;

/// Everybody at once, each on the next node.
fn together<T: Send>(
    fleet: &[TesseraProcess; 3],
    act: impl Fn(usize, &TesseraProcess) -> T + Sync,
) -> Vec<T> {
    let (begin, act) = (Barrier::new(AT_ONCE), &act);
    let begin = &begin;
    thread::scope(|scope| {
        let run = |number: usize| {
            move || {
                begin.wait();
                act(number, &fleet[number % 3])
            }
        };
        let threads: Vec<_> = (0..AT_ONCE).map(|number| scope.spawn(run(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn with(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[test]
fn guesses_and_mails_are_counted_for_all_nodes() {
    let options = lenient()
        .env("TESSERA_THROTTLE__PER_ACCOUNT", "5 then 1 per 1h")
        .env("TESSERA_THROTTLE__MAIL", "2 then 1 per 1h");
    let fleet = nodes(&options, &Cluster::shared().fresh_url());
    let name = account(&fleet[0], "guessed");
    let answers = together(&fleet, |_, node| Argon::at(node.address()).try_sign_in(&name, "wrong horse 1"));
    assert_eq!((with(&answers, 401), with(&answers, 429)), (5, AT_ONCE - 5), "{answers:?}");
    let asked = together(&fleet, |_, node| WolfPal::at(node.address()).send_reset(&address_of(&name)).status);
    let mails = || {
        let list = told(&fleet[0], &["mail", "list"], "");
        list.as_array()
            .expect("a list")
            .iter()
            .filter(|mail| mail["recipient"] == address_of(&name).as_str())
            .count()
    };
    assert_eq!(asked, [200; AT_ONCE]);
    eventually("a mail", || mails() > 0);
    assert!(mails() <= 2, "{} mails", mails());
}

#[test]
fn each_owed_mail_is_sent_once_whoever_sends() {
    let fleet = nodes(&lenient(), &Cluster::shared().fresh_url());
    let names = together(&fleet, |number, node| {
        let name = format!("owed{number}");
        WolfPal::at(node.address()).register(&name, &address_of(&name), PASSWORD).expect_status(201);
        name
    });
    let sent = || -> usize {
        let folders = fleet.iter().map(|node| std::fs::read_dir(node.data().join("mail")).unwrap());
        folders.map(|files| files.filter(|file| is_mail(file.as_ref().unwrap())).count()).sum()
    };
    eventually("every mail is sent", || sent() >= names.len());
    // A sender that was late would send within its next look.
    thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(sent(), names.len());
}

fn is_mail(file: &std::fs::DirEntry) -> bool {
    file.path().extension().is_some_and(|extension| extension == "eml")
}

#[test]
fn two_administrators_who_demote_each_other_leave_one() {
    let fleet: [TesseraProcess; 3] = nodes(&lenient(), &Cluster::shared().fresh_url());
    let mut left = administrator(&fleet[0], "boss");
    for _ in 0..10 {
        let pair = [left, administrator(&fleet[0], "boss")].map(|name| {
            let token = Argon::at(fleet[0].address()).sign_in(&name, PASSWORD);
            (token, id_of(&fleet[0], &name))
        });
        let answers = together(&fleet, |number, node| {
            let (token, victim) = (&pair[number % 2].0, &pair[(number + 1) % 2].1);
            let body = json!({ "permissions": ["user"] });
            let request = Request::new("PATCH", &format!("/api/users/{victim}")).bearer(token).json(&body);
            node.client().send(&request).unwrap()
        });
        // 503: so many at once that one gave up before it was its turn.
        for answer in &answers {
            assert!(matches!(answer.status, 200 | 400 | 401 | 403 | 409 | 503), "{answer}");
        }
        let list = told(&fleet[0], &["account", "list", "--limit", "1000"], "");
        let administrators = list.as_array().expect("a list").iter();
        let mut administrators =
            administrators.filter(|account| account["permissions"].to_string().contains("admin"));
        left = administrators.next().expect("one is left")["username"].as_str().expect("a name").to_owned();
        assert_eq!(administrators.count(), 0, "neither demoted the other: {answers:?}");
    }
}
