//! Moments in which the server cannot do what it is asked.

use std::time::Duration;

use accounts::Limits;
use crypto::Argon2Cost;
use harness::http::Request;
use model::{Span, Throttle};
use pages::Page;

use crate::stage::{PASSWORD, Stage, client, email_of};

#[test]
fn a_database_that_does_not_answer_is_a_page_that_says_when_to_come_back() {
    let stage = Stage::new();
    let paths: Vec<_> = Page::ALL
        .into_iter()
        .zip(["ada", "bob", "cyd", "dan"])
        .map(|(page, name)| stage.live(page, name))
        .collect();
    stage.close_database();
    for path in &paths {
        for answer in [stage.get(path), stage.set_password(path, "battery staple", "battery staple")] {
            assert!(matches!(answer.status, 500 | 503), "{answer}");
            assert!(answer.text().contains("<h1>"), "{answer}");
            assert_eq!(answer.status == 503, answer.header("retry-after").is_some(), "{answer}");
            assert!(!answer.text().to_lowercase().contains("database"), "{answer}");
        }
    }
}

#[test]
fn more_hashes_than_anybody_would_wait_for_are_a_page_and_spend_nothing() {
    let stage = Stage::with(|setting| {
        setting.cost = Argon2Cost { memory_kib: 16_384, passes: 3, lanes: 1 };
        setting.max_wait = Duration::ZERO;
    });
    let paths: Vec<_> = (0..6).map(|number| stage.live(Page::Reset, &format!("ada{number}"))).collect();
    let form = [("password", "battery staple"), ("repeat", "battery staple")];
    let answers = stage.ask_all(paths.iter().map(|path| Request::new("POST", path).form(&form)).collect());
    let mut shed = 0;
    for (path, answer) in paths.iter().zip(answers) {
        if answer.status == 503 {
            shed += 1;
            assert!(answer.text().contains("<h1>The server is busy</h1>"), "{answer}");
            assert!(answer.header("retry-after").is_some(), "{answer}");
            stage.get(path).expect_status(200);
        } else {
            answer.expect_status(200);
        }
    }
    assert!(shed > 0 && shed < paths.len(), "{shed}");
}

#[test]
fn of_two_who_press_at_once_one_is_told_that_it_is_done() {
    let stage = Stage::new();
    for (page, name) in Page::ALL.into_iter().zip(["ada", "bob", "cyd", "dan"]) {
        let form = [("password", "battery staple"), ("repeat", "battery staple")];
        let request = Request::new("POST", &stage.live(page, name)).form(&form);
        let mut statuses: Vec<_> = stage.ask_all(vec![request; 8]).iter().map(|one| one.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404, 404, 404, 404, 404, 404, 404], "{page:?}");
    }
}

#[test]
fn a_mail_too_many_does_not_keep_a_session_alive() {
    let once = Some(Throttle { burst: 1, every: Span::hours(1) });
    let limits = Limits { mail_per_address: once, ..Limits::default() };
    let stage = Stage::with(|setting| setting.limits = limits);
    stage.confirmed("ada");
    stage.sign_in("ada", PASSWORD, client(1)).unwrap();
    let stolen = stage.sign_in("ada", PASSWORD, client(66)).unwrap();
    let path = stage.linked(&email_of("ada"), "New sign-in");
    // Requests of this test have no address, so all of them come from one.
    let nowhere = accounts::Client { address: [0, 0, 0, 0].into(), user_agent: String::new() };
    stage.run(stage.shop().send_reset("nobody@mail.example.com", &nowhere)).unwrap();
    let done = stage.press(&path).expect_status(200);
    assert!(done.text().contains("No mail was sent this time"), "{done}");
    assert!(stage.caller(&stolen).is_none());
    assert!(stage.mail(&email_of("ada"), "Reset").is_none());
    stage.press(&path).expect_status(404);
}

#[test]
fn a_mount_that_mails_no_reset_does_not_promise_one() {
    let stage = Stage::with(|setting| setting.shop.reset = None);
    let done = stage.press(&stage.live(Page::NotMe, "ada")).expect_status(200);
    assert!(done.text().contains("That session has ended"), "{done}");
    assert!(!done.text().contains("on its way"), "{done}");
}
