//! Somebody registers, follows the link in the mail, forgets the password, and chooses a new one.

use harness::actors::{GoScrobble, WolfPal};
use harness::process::TesseraProcess;

use crate::browser::{Browser, Screen, Scripts};
use crate::site::{PASSWORD, email_of, linked, origin, start};
use crate::{axe, logs};

const NEW: &str = "battery staple 2";

#[test]
fn on_a_phone() {
    story(Screen::Phone, Scripts::On);
}

#[test]
fn on_a_desktop() {
    story(Screen::Desktop, Scripts::On);
}

#[test]
fn on_a_phone_without_scripts() {
    story(Screen::Phone, Scripts::Off);
}

#[test]
fn on_a_desktop_without_scripts() {
    story(Screen::Desktop, Scripts::Off);
}

fn story(screen: Screen, scripts: Scripts) {
    let server = start();
    let browser = Browser::open(screen, scripts);
    prove(&browser);
    let mut wolfpal = WolfPal::at(server.address());
    wolfpal.register("ada", &email_of("ada"), PASSWORD).expect_status(201);
    assert_ne!(wolfpal.try_sign_in(&email_of("ada"), PASSWORD).status, 200);
    confirm(&browser, &server);
    wolfpal.sign_in(&email_of("ada"), PASSWORD);
    reset(&browser, &server);
    logs::check(&browser, &origin(&server));
}

/// Scripts are on or off as asked for.
fn prove(browser: &Browser) {
    browser.go("data:text/html,<p>off</p><script>document.querySelector('p').textContent = 'on'</script>");
    let expected = if browser.scripts == Scripts::On { "on" } else { "off" };
    assert_eq!(browser.text("p"), expected);
}

/// Looks at the page that is shown.
#[track_caller]
fn look(browser: &Browser, picture: Option<&str>, heading: &str) {
    browser.expect("h1", heading);
    if browser.scripts == Scripts::On {
        axe::check(browser);
        if let Some(picture) = picture {
            browser.picture(picture);
        }
    }
}

fn confirm(browser: &Browser, server: &TesseraProcess) {
    let link = linked(server, &email_of("ada"), "Activate");
    browser.go(&link);
    look(browser, Some("confirm"), "Confirm your e-mail address");
    assert_eq!(browser.text("dd"), "ada");
    browser.click("button");
    look(browser, Some("confirm-done"), "Your e-mail address is confirmed");
    browser.go(&link);
    look(browser, Some("gone"), "This link does not work (any more)");
}

fn reset(browser: &Browser, server: &TesseraProcess) {
    let mut goscrobble = GoScrobble::at(server.address());
    goscrobble.send_reset(&email_of("ada")).expect_status(200);
    let link = linked(server, &email_of("ada"), "Reset");
    browser.go(&link);
    look(browser, Some("reset"), "Choose a new password");
    browser.fill("#password", NEW);
    browser.fill("#repeat", "battery stable 2");
    assert_eq!(browser.prop("#password", "type").as_deref(), Some("password"));
    browser.click("button");
    browser.expect("[role=alert]", "The two passwords differ. Enter the same one twice.");
    look(browser, Some("reset-wrong"), "Choose a new password");
    assert!(browser.title().starts_with("Error: "), "{}", browser.title());
    assert_eq!(browser.focused(), "repeat");
    assert_eq!(browser.prop("#password", "value").as_deref(), Some(""));
    if browser.screen == Screen::Phone && browser.scripts == Scripts::On {
        browser.prefer("dark");
        browser.picture("reset-wrong-dark");
        browser.prefer("light");
    }
    browser.fill("#password", NEW);
    browser.fill("#repeat", NEW);
    browser.click("button");
    look(browser, Some("reset-done"), "Your password has been changed");
    goscrobble.sign_in("ada", NEW);
    assert!(goscrobble.try_sign_in("ada", PASSWORD).text().contains("error"));
    browser.go(&link);
    look(browser, None, "This link does not work (any more)");
}
