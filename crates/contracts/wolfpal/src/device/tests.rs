use super::*;

fn shown(user_agent: &str) -> (&str, &str, &str, bool) {
    let Device { browser, version, platform, os, is_dev } = Device::of(user_agent);
    assert_eq!(platform, UNKNOWN);
    (browser, version, os, is_dev)
}

#[test]
fn browsers_are_recognised_with_their_systems() {
    for (user_agent, browser, version, os) in [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36",
            "Chrome",
            "87.0.4280.88",
            "Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
            "Firefox",
            "121.0",
            "Windows 10",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
            "Edge",
            "120.0.0.0",
            "Windows 10",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
            "Safari",
            "17.1",
            "iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
            "Chrome",
            "120.0.0.0",
            "Android",
        ),
    ] {
        assert_eq!(shown(user_agent), (browser, version, os, false));
    }
}

/// The second device of the document's example.
#[test]
fn programs_are_named_as_they_name_themselves() {
    assert_eq!(shown("PostmanRuntime/7.26.8"), ("PostmanRuntime", "7.26.8", UNKNOWN, true));
    assert_eq!(shown("curl/8.5.0"), ("curl", "8.5.0", UNKNOWN, false));
    assert_eq!(shown("Dart/3.0 (dart:io)"), ("Dart", "3.0", UNKNOWN, false));
    assert_eq!(shown("node"), ("node", UNKNOWN, UNKNOWN, false));
    assert_eq!(shown("x PostmanRuntime/7.26.8"), ("x", UNKNOWN, UNKNOWN, false));
}

#[test]
fn what_names_nothing_is_unknown() {
    let long = "x".repeat(SHOWN + 1);
    for user_agent in
        ["", " ", "-", "/", "/1", "curl/", "Mozilla/5.0", "Mozilla", "<b>x</b>", "a\"b", "\u{e9}/1", &long]
    {
        assert_eq!(shown(user_agent), (UNKNOWN, UNKNOWN, UNKNOWN, false), "{user_agent:?}");
    }
}

/// Callers write their user agent themselves, and it is read each time that the list is shown.
#[test]
fn no_user_agent_breaks_the_list() {
    let marks = [
        "Windows NT",
        "Windows ",
        "Phone OS",
        "Mac OS X",
        "like Mac OS X",
        "iPhone;",
        "Android",
        "CFNetwork/",
        "MSIE ",
        "Trident/",
        "Opera",
        "OPR/",
        "Chrome/",
        "Safari/",
        "Version/",
        "Firefox/",
        "DoCoMo/",
        "KDDI-",
        "SoftBank/",
        "WILLCOM;",
        "jig browser",
        "PlayStation",
        "BlackBerry",
        "BB10",
        "FreeBSD ",
        "CrOS ",
        "Xbox",
        "Googlebot",
        "bot",
        "(",
        ")",
        ";",
        "/",
        "_",
        "\u{1f43a}",
        "99999999999999999999",
        "rv:",
        "\\",
    ];
    for one in marks {
        for two in marks {
            for user_agent in [format!("{one}{two}"), format!("Mozilla/5.0 ({one} {two};) {one}/{two}")] {
                let device = Device::of(&user_agent);
                assert!(!device.browser.is_empty() && !device.version.is_empty() && !device.os.is_empty());
            }
        }
    }
}
