//! The API documentation: what it shows is there, and what it says can be tried on it.

use harness::actors::Argon;

use crate::browser::{Browser, Screen, Scripts};
use crate::logs;
use crate::site::{PASSWORD, origin, start};

#[test]
fn somebody_signs_in_from_the_documentation() {
    let server = start();
    Argon::at(server.address()).register("ada", PASSWORD);
    let browser = Browser::open(Screen::Desktop, Scripts::On);
    browser.go(&origin(&server));
    browser.click("a[href='/docs/api']");
    browser.wait_for("#operations-tag-Melon");
    assert_eq!(browser.title(), "API - Tessera");
    // Sections and operations are closed until somebody wants to see them.
    browser.click("#operations-tag-Melon");
    let operation = "#operations-Melon-melon_login";
    browser.wait_for(operation);
    browser.click(&format!("{operation} .opblock-summary-control"));
    browser.wait_for(&format!("{operation} button.try-out__btn"));
    browser.click(&format!("{operation} button.try-out__btn"));
    for (name, value) in [("username", "ada"), ("password", PASSWORD)] {
        let field = format!("{operation} tr[data-param-name='{name}'] input");
        browser.wait_for(&field);
        browser.replace(&field, value);
    }
    browser.click(&format!("{operation} button.execute"));
    browser.expect(&format!("{operation} .live-responses-table tbody td.response-col_status"), "200");
    let token = browser.text(&format!("{operation} .live-responses-table tbody .highlight-code"));
    assert!(token.contains("eyJ"), "{token}");
    browser.picture("api");
    logs::check_with(&browser, &origin(&server), "/openapi.json");
}
