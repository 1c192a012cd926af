//! A new address, and a sign-in that was somebody else's.

use harness::actors::{Argon, WolfPal};
use harness::http::{Client, Request};
use harness::process::TesseraProcess;
use serde_json::json;

use crate::browser::{Browser, Screen, Scripts};
use crate::site::{PASSWORD, email_of, linked, origin, start};
use crate::{axe, logs};

#[test]
fn a_new_address_is_confirmed_by_its_owner() {
    let server = start();
    account(&server);
    let mut wolfpal = WolfPal::at(server.address());
    let access = wolfpal.sign_in(&email_of("ada"), PASSWORD).access;
    let change = Request::new("POST", "/api/account/change-email").bearer(&access);
    let change = change.json(&json!({ "email": email_of("ada.new") }));
    Client::new(server.address()).send(&change).unwrap().expect_status(200);
    let link = linked(&server, &email_of("ada.new"), "new email");
    for screen in [Screen::Phone, Screen::Desktop] {
        let browser = Browser::open(screen, Scripts::On);
        browser.go(&link);
        browser.expect("h1", "Confirm your new e-mail address");
        assert_eq!(browser.text("dl div:last-child dd"), email_of("ada.new"));
        axe::check(&browser);
        browser.picture("email");
        if screen == Screen::Desktop {
            browser.click("button");
            browser.expect("h1", "Your e-mail address has been changed");
            axe::check(&browser);
        }
        logs::check(&browser, &origin(&server));
    }
    wolfpal.sign_in(&email_of("ada.new"), PASSWORD);
}

#[test]
fn a_foreign_session_is_ended_by_a_click() {
    let server = start();
    account(&server);
    let (own, stolen) = (sign_in_from(&server, 1), sign_in_from(&server, 66));
    let link = linked(&server, &email_of("ada"), "New sign-in");
    let state = |token: &str| Argon::at(server.address()).state(token).status;
    for screen in [Screen::Phone, Screen::Desktop] {
        let browser = Browser::open(screen, Scripts::On);
        browser.go(&link);
        browser.expect("h1", "Did somebody else sign in?");
        assert!(browser.text("dl").contains("203.0.113.66"), "{}", browser.text("dl"));
        axe::check(&browser);
        browser.picture("not-me");
        assert_eq!((state(&own), state(&stolen)), (200, 200));
        if screen == Screen::Desktop {
            browser.click("button");
            browser.expect("h1", "That session has ended");
            axe::check(&browser);
            browser.picture("not-me-done");
            assert_eq!((state(&own), state(&stolen)), (200, 401));
            // Argon's product has no page for a new password, so this one is ours.
            browser.go(&linked(&server, &email_of("ada"), "Reset"));
            browser.expect("h1", "Choose a new password");
        }
        logs::check(&browser, &origin(&server));
    }
}

/// An account with a confirmed address.
fn account(server: &TesseraProcess) {
    let email = email_of("ada");
    let args = ["account", "create", "--username", "ada", "--email", &email, "--confirmed"];
    let output = server.cli(&args, &format!("{PASSWORD}\n"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Argon's token for a sign-in from another network with another program.
fn sign_in_from(server: &TesseraProcess, last: u8) -> String {
    let request = Request::new("POST", "/api/auth/login")
        .json(&json!({ "username": "ada", "password": PASSWORD }))
        .header("X-Forwarded-For", &format!("203.0.113.{last}"))
        .header("User-Agent", &format!("Browser/{last}"));
    Client::new(server.address()).send(&request).unwrap().expect_status(200).field("token")
}
