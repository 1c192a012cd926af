//! Forms that another page sent.

use harness::http::Request;
use pages::Page;

use crate::stage::{PASSWORD, Stage, client};

#[test]
fn a_foreign_page_presses_no_button() {
    let stage = Stage::new();
    for (page, name) in Page::ALL.into_iter().zip(["ada", "bob", "cyd", "dan"]) {
        let path = stage.live(page, name);
        for (header, value) in [
            ("Origin", "https://evil.example"),
            ("Origin", "https://auth.example.com.evil.example"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
        ] {
            let form = [("password", "battery staple"), ("repeat", "battery staple")];
            let request = Request::new("POST", &path).form(&form).header("Host", "auth.example.com");
            let answer = stage.ask(request.header(header, value));
            assert_eq!(answer.status, 403, "{answer}");
            assert!(answer.text().contains("<h1>This did not come from our page</h1>"), "{answer}");
        }
        stage.get(&path).expect_status(200);
    }
    assert!(stage.sign_in("bob", PASSWORD, client(1)).is_some());
}

#[test]
fn our_own_page_does() {
    let stage = Stage::new();
    for (name, headers) in [
        ("ada", &[("Origin", "https://auth.example.com"), ("Sec-Fetch-Site", "same-origin")][..]),
        // What browsers send from pages without a referrer.
        ("bob", &[("Origin", "null"), ("Sec-Fetch-Site", "same-origin")]),
        ("cyd", &[("Origin", "null")]),
        ("dan", &[("Host", "127.0.0.1:3000"), ("Origin", "http://127.0.0.1:3000")]),
    ] {
        let path = stage.live(Page::Confirm, name);
        let request = Request::new("POST", &path).form(&[]);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        stage.ask(request).expect_status(200);
    }
}

#[test]
fn a_foreign_page_learns_nothing_of_the_link() {
    let stage = Stage::new();
    let live = stage.live(Page::Confirm, "ada");
    let unknown = format!("{}x", &live[..live.len() - 1]);
    let ask = |path: &str| {
        stage.ask(Request::new("POST", path).form(&[]).header("Origin", "https://evil.example")).text()
    };
    assert_eq!(ask(&live), ask(&unknown));
}
