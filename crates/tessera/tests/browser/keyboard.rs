//! Choosing a new password without a pointer.

use fantoccini::key::Key;
use harness::actors::GoScrobble;

use crate::browser::{Browser, Screen, Scripts};
use crate::site::{PASSWORD, email_of, linked, start};

const NEW: &str = "battery staple 2";

#[test]
fn a_new_password_is_set_by_keyboard_alone() {
    let server = start();
    let mut goscrobble = GoScrobble::at(server.address());
    goscrobble.register("ada", &email_of("ada"), PASSWORD).expect_status(200);
    goscrobble.send_reset(&email_of("ada")).expect_status(200);
    let browser = Browser::open(Screen::Desktop, Scripts::Off);
    browser.go(&linked(&server, &email_of("ada"), "Reset"));
    let tab = String::from(char::from(Key::Tab));
    let enter = String::from(char::from(Key::Enter));
    browser.keys(&tab);
    assert_eq!(browser.focused(), "username");
    browser.keys(&tab);
    assert_eq!(browser.focused(), "password");
    let outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(outline, "solid", "what has the focus is not marked");
    browser.keys(&format!("{NEW}{tab}"));
    assert_eq!(browser.focused(), "repeat");
    browser.keys(&format!("{NEW}{enter}"));
    browser.expect("h1", "Your password has been changed");
    goscrobble.sign_in("ada", NEW);
}
