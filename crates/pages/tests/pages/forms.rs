//! Bodies that are no form.

use harness::http::Request;
use pages::Page;

use crate::stage::{PASSWORD, Stage, client};

fn typed(path: &str, kind: &str, body: &[u8]) -> Request {
    let mut request = Request::new("POST", path).header("Content-Type", kind);
    request.body = body.to_vec();
    request
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn what_is_no_form_changes_nothing() {
    let stage = Stage::new();
    let path = stage.live(Page::Reset, "ada");
    let good = b"password=battery+staple&repeat=battery+staple";
    let bodies: [(&str, &[u8]); 8] = [
        ("application/json", br#"{"password":"battery staple","repeat":"battery staple"}"#),
        ("text/plain", good),
        ("multipart/form-data; boundary=x", good),
        ("application/x-www-form-urlencoded; charset=latin1", good),
        (FORM, b"password=battery+staple&repeat=battery+staple&password=other"),
        (FORM, b"password=%ff&repeat=%ff"),
        (FORM, b"password=\xff\xfe&repeat=\xff\xfe"),
        (FORM, b"repeat=%C3%28"),
    ];
    for (kind, body) in bodies {
        let answer = stage.ask(typed(&path, kind, body));
        assert_eq!(answer.status, 400, "{kind}: {answer}");
        assert!(answer.text().contains("This form cannot be read"), "{kind}: {answer}");
        assert!(stage.sign_in("ada", PASSWORD, client(1)).is_some(), "{kind}");
    }
}

#[test]
fn a_coded_body_is_no_form() {
    let stage = Stage::new();
    let path = stage.live(Page::Reset, "ada");
    let request = typed(&path, FORM, b"password=battery+staple&repeat=battery+staple");
    stage.ask(request.header("Content-Encoding", "gzip")).expect_status(400);
    assert!(stage.sign_in("ada", PASSWORD, client(1)).is_some());
}

#[test]
fn a_button_is_pressed_with_any_form_or_none() {
    let stage = Stage::new();
    for (name, request) in [
        ("ada", Request::new("POST", "")),
        ("bob", Request::new("POST", "").form(&[])),
        ("cyd", Request::new("POST", "").form(&[("a", "b"), ("a", "c")])),
        ("dan", typed("", FORM, b"\xff\0%zz&&==")),
    ] {
        let path = stage.live(Page::Confirm, name);
        stage.ask(Request { target: path, ..request }).expect_status(200);
    }
    let path = stage.live(Page::Confirm, "eve");
    stage.ask(typed(&path, "application/json", b"{}")).expect_status(400);
    stage.press(&path).expect_status(200);
}

#[test]
fn a_body_over_the_limit_is_a_page() {
    let stage = Stage::new();
    for (page, name) in Page::ALL.into_iter().zip(["ada", "bob", "cyd", "dan"]) {
        let path = stage.live(page, name);
        let answer = stage.ask(Request::new("POST", &path).form(&[("password", &"x".repeat(102_400))]));
        assert_eq!(answer.status, 413, "{answer}");
        assert!(answer.text().contains("<h1>That was too much to read</h1>"), "{answer}");
        stage.get(&path).expect_status(200);
    }
}
