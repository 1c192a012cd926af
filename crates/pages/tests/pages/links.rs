//! What a link does when it is opened, and when it does not work.

use harness::http::{Answer, Request};
use model::Span;
use pages::Page;

use crate::stage::{PASSWORD, Stage, client, email_of};

/// How a page that asks is told from one that only says something.
const FORM: &str = "<form method=\"post\">";

fn uses(stage: &Stage, page: Page, path: &str) -> Answer {
    match page {
        Page::Reset => stage.set_password(path, "battery staple", "battery staple"),
        Page::Confirm | Page::Email | Page::NotMe => stage.press(path),
    }
}

#[test]
fn opening_a_link_shows_and_never_spends() {
    let stage = Stage::new();
    for (page, name) in Page::ALL.into_iter().zip(["ada", "bob", "cyd", "dan"]) {
        let path = stage.live(page, name);
        for _ in 0..3 {
            let shown = stage.get(&path).expect_status(200);
            assert!(shown.text().contains(FORM) && shown.text().contains(name), "{shown}");
            let head = stage.ask(Request::new("HEAD", &path)).expect_status(200);
            assert_eq!(head.header("content-length"), Some(&*shown.body.len().to_string()));
            assert!(head.body.is_empty());
        }
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
            let answer = stage.ask(Request::new(method, &path));
            assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"), "{answer}");
        }
        let done = uses(&stage, page, &path).expect_status(200);
        assert!(!done.text().contains(FORM), "{done}");
    }
}

#[test]
fn a_link_that_does_not_work_is_one_answer_whatever_the_cause() {
    let stage = Stage::new();
    for (page, name) in Page::ALL.into_iter().zip(["ada", "bob", "cyd", "dan"]) {
        let (used, old) = (stage.live(page, name), stage.live(page, &format!("{name}2")));
        uses(&stage, page, &used).expect_status(200);
        let unknown = format!("{}{}", &used[..used.len() - 43], "x".repeat(43));
        stage.clock.advance(Span::days(8));
        let first = stage.get(&unknown).expect_status(404);
        assert!(first.text().contains("<h1>This link does not work (any more)</h1>"), "{first}");
        for path in [&used, &old, &unknown] {
            for answer in [stage.get(path), uses(&stage, page, path), uses(&stage, page, path)] {
                assert_eq!((answer.status, answer.text()), (404, first.text()), "{path}");
            }
        }
    }
}

#[test]
fn a_newer_link_ends_the_one_before() {
    let stage = Stage::new();
    let first = stage.live(Page::Reset, "ada");
    stage.clock.advance(Span::minutes(59));
    stage.get(&first).expect_status(200);
    stage.run(stage.shop().send_reset(&email_of("ada"), &client(1))).unwrap();
    stage.run(stage.accounts.see_to_asked()).unwrap();
    stage.get(&first).expect_status(404);
    stage.get(&stage.linked(&email_of("ada"), "Reset")).expect_status(200);
}

#[test]
fn a_token_opens_its_own_page_of_its_own_realm_only() {
    let stage = Stage::new();
    for (page, name) in Page::ALL.into_iter().zip(["ada", "bob", "cyd", "dan"]) {
        let path = stage.live(page, name);
        let token = path.rsplit('/').next().unwrap();
        for other in Page::ALL.into_iter().filter(|other| *other != page) {
            let path = pages::link("", "shop", other).replace("{token}", token);
            stage.get(&path).expect_status(404);
            uses(&stage, other, &path).expect_status(404);
        }
        let elsewhere = path.replace("/shop/", "/elsewhere/");
        stage.get(&elsewhere).expect_status(404);
        uses(&stage, page, &elsewhere).expect_status(404);
        uses(&stage, page, &path).expect_status(200);
    }
}

#[test]
fn confirming_confirms() {
    let stage = Stage::with(|setting| setting.shop.require_confirmed_email = true);
    let path = stage.live(Page::Confirm, "ada");
    stage.get(&path).expect_status(200);
    assert!(stage.sign_in("ada", PASSWORD, client(1)).is_none());
    let done = stage.press(&path).expect_status(200);
    assert!(done.text().contains("Your e-mail address is confirmed"), "{done}");
    assert!(stage.sign_in("ada", PASSWORD, client(1)).is_some());
}

#[test]
fn a_new_address_is_shown_and_then_in_force() {
    let stage = Stage::new();
    let path = stage.live(Page::Email, "ada");
    let shown = stage.get(&path).expect_status(200);
    assert!(shown.text().contains("<bdi>new-ada@mail.example.com</bdi>"), "{shown}");
    stage.press(&path).expect_status(200);
    let token = stage.sign_in("ada", PASSWORD, client(1)).unwrap();
    let account = stage.caller(&token).unwrap().account;
    assert_eq!(account.email.as_deref(), Some("new-ada@mail.example.com"));
    assert!(stage.mail(&email_of("ada"), "has been changed").is_some(), "the old address was not told");
}

#[test]
fn an_address_taken_meanwhile_is_a_link_that_does_not_work() {
    let stage = Stage::new();
    let path = stage.live(Page::Email, "ada");
    stage.register("new-ada");
    stage.get(&path).expect_status(404);
    stage.press(&path).expect_status(404);
}

#[test]
fn not_me_ends_that_session_alone_and_mails_a_reset() {
    let stage = Stage::new();
    stage.confirmed("ada");
    let own = stage.sign_in("ada", PASSWORD, client(1)).unwrap();
    let stolen = stage.sign_in("ada", PASSWORD, client(66)).unwrap();
    let path = stage.linked(&email_of("ada"), "New sign-in");
    let shown = stage.get(&path).expect_status(200).text();
    assert!(shown.contains("<bdi>203.0.113.66</bdi>") && shown.contains("<bdi>Browser/66</bdi>"), "{shown}");
    assert!(stage.caller(&own).is_some() && stage.caller(&stolen).is_some());
    let done = stage.press(&path).expect_status(200);
    assert!(done.text().contains("is on its way to your e-mail address"), "{done}");
    assert!(stage.caller(&own).is_some() && stage.caller(&stolen).is_none());
    let reset = stage.linked(&email_of("ada"), "Reset");
    stage.set_password(&reset, "battery staple", "battery staple").expect_status(200);
    assert!(stage.caller(&own).is_none());
}

#[test]
fn not_me_works_after_the_session_has_ended_by_itself() {
    let stage = Stage::new();
    let path = stage.live(Page::NotMe, "ada");
    stage.clock.advance(Span::days(3));
    stage.press(&path).expect_status(200);
    stage.linked(&email_of("ada"), "Reset");
}
