//! The start page and the documentation.

use crate::browser::{Browser, Screen, Scripts};
use crate::site::{origin, start};
use crate::{axe, logs};

#[test]
fn a_newcomer_reads_on_a_phone_and_on_a_desktop() {
    let server = start();
    for screen in [Screen::Phone, Screen::Desktop] {
        let browser = Browser::open(screen, Scripts::On);
        browser.go(&origin(&server));
        assert_eq!(browser.title(), "Tessera");
        axe::check(&browser);
        browser.picture("start");
        for contract in ["argon", "wolfpal", "melon", "goscrobble"] {
            browser.go(&origin(&server));
            browser.click(&format!("a[href='/docs/{contract}']"));
            browser.expect("p a[href='/']", "Tessera");
            assert_eq!(browser.title(), format!("{contract} - Tessera"));
            axe::check(&browser);
        }
        browser.picture("docs");
        logs::check(&browser, &origin(&server));
    }
}
