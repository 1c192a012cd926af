//! What a browser noted while pages were shown.

use serde_json::Value;

use crate::browser::Browser;

/// Panics if the console has an error or a warning, or if anything was asked of anybody but `origin`. That a
/// page itself has the status of an error, as that of a link which does not work, is noted too and is fine.
#[track_caller]
pub(crate) fn check(browser: &Browser, origin: &str) {
    check_with(browser, origin, "/pages/style.css");
}

/// The same for pages that ask for this instead of our stylesheet.
#[track_caller]
pub(crate) fn check_with(browser: &Browser, origin: &str, asked_for: &str) {
    let requests: Vec<String> = browser.log("performance").iter().filter_map(requested).collect();
    assert!(requests.iter().any(|url| url.ends_with(asked_for)), "nothing was logged: {requests:?}");
    for url in &requests {
        assert!(url.starts_with(&format!("{origin}/")), "{url} was asked for");
    }
    for entry in browser.log("browser").iter().filter(|entry| entry["level"] != "DEBUG") {
        let message = entry["message"].as_str().unwrap_or_default();
        let own_status = entry["source"] == "network"
            && message.starts_with(&format!("{origin}/pages/"))
            && message.contains("the server responded with a status of 40")
            && !message.contains(".css");
        assert!(own_status, "on the console: {entry}");
    }
}

/// The address of a request, if the entry is about one that goes out.
fn requested(entry: &Value) -> Option<String> {
    let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
    let message = &message["message"];
    (message["method"] == "Network.requestWillBeSent")
        .then(|| message["params"]["request"]["url"].as_str().map(str::to_owned))?
        // The browser's own first page, and the one that shows whether scripts are on.
        .filter(|url| !url.starts_with("chrome://") && !url.starts_with("data:"))
}
