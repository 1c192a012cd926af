//! What axe-core, an accessibility checker, has to say of a page.

use std::path::Path;
use std::sync::LazyLock;

use crate::browser::{Browser, Scripts};

static AXE: LazyLock<String> = LazyLock::new(|| {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/npm/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}. ./test installs axe-core", path.display()))
});

/// Every rule that is on by default, best practices included, and the size of what is tapped.
const RUN: &str = "
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })
  .then(found => done(found.violations.map(rule =>
    rule.id + ': ' + rule.help + rule.nodes.map(node => '\\n  ' + node.html + '\\n  ' + node.failureSummary).join(''))))
  .catch(error => done(['axe did not run: ' + error]));";

/// Panics with what axe finds wrong with the page as it is shown, light and dark. It is a script, so pages
/// are checked where scripts are on.
#[track_caller]
pub(crate) fn check(browser: &Browser) {
    assert_eq!(browser.scripts, Scripts::On, "axe is a script");
    browser.run(&AXE);
    for scheme in ["dark", "light"] {
        browser.prefer(scheme);
        let found = browser.run_async(RUN);
        let found = found.as_array().expect("a list");
        let list: Vec<_> = found.iter().filter_map(|one| one.as_str()).collect();
        assert!(
            found.is_empty(),
            "{} on a {:?}, {scheme}:\n{}",
            browser.title(),
            browser.screen,
            list.join("\n")
        );
    }
    let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.run(overflow), 0, "{} scrolls sideways on a {:?}", browser.title(), browser.screen);
}
