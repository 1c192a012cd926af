//! Paths and methods that are no page's.

use harness::http::Request;
use pages::Page;

use crate::stage::Stage;

#[test]
fn unknown_paths_are_a_page_that_helps() {
    let stage = Stage::new();
    let live = stage.live(Page::Confirm, "ada");
    for path in [
        "/pages",
        "/pages/",
        "/pages/shop",
        "/pages/shop/confirm",
        "/pages/shop/confirm/",
        "/pages/shop/other/token",
        "/pages/nobody/confirm/token",
        "/pages/SHOP/confirm/token",
        "/pages/shop/confirm/a/b",
        "/pages/style.css/x",
        &live.replace("/shop/", "/none/"),
        &live.replace("/shop/", "/shop//"),
    ] {
        for method in ["GET", "POST"] {
            let answer = stage.ask(Request::new(method, path));
            assert_eq!(answer.status, 404, "{method} {path}: {answer}");
            assert!(answer.text().contains("<h1>There is no such page</h1>"), "{path}: {answer}");
        }
    }
    stage.get(&live).expect_status(200);
}

#[test]
fn other_methods_are_a_page_that_names_the_right_ones() {
    let stage = Stage::new();
    for (method, path, allow) in
        [("PUT", "/pages/shop/reset/x", "GET, HEAD, POST"), ("POST", "/pages/style.css", "GET, HEAD")]
    {
        let answer = stage.ask(Request::new(method, path));
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{answer}");
        assert!(answer.text().contains("<h1>This page cannot be used like that</h1>"), "{answer}");
    }
}

#[test]
fn odd_tokens_are_links_that_do_not_work() {
    let stage = Stage::new();
    let long = "x".repeat(60_000);
    for token in
        ["%00", "%0d%0aSet-Cookie:a=b", "%3Cscript%3E", "..%2F..%2Fx", "{token}", "%zz", &long, "\u{e9}"]
    {
        let path = format!("/pages/shop/reset/{token}").replace('\u{e9}', "%C3%A9");
        let path = path.replace(['{', '}'], "%7B");
        let password = "battery staple";
        for answer in [stage.get(&path), stage.press(&path), stage.set_password(&path, password, password)] {
            assert_eq!(answer.status, 404, "{token}: {answer}");
            assert!(!answer.text().to_lowercase().contains("script"), "{answer}");
        }
    }
    let answer = stage.get("/pages/shop/reset/%ff").expect_status(400);
    assert!(answer.text().contains("<h1>"), "{answer}");
}

#[test]
fn a_slash_at_the_end_and_other_case_are_the_same_page() {
    let stage = Stage::new();
    let path = stage.live(Page::Confirm, "ada");
    stage.get(&format!("{path}/")).expect_status(200);
    stage.get(&path.replace("/pages/", "/Pages/").replace("/confirm/", "/CONFIRM/")).expect_status(200);
}
