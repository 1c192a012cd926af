//! Transcripts against a server that answers from a list.

use std::collections::VecDeque;

use super::*;
use crate::http::{Answer, Request};

const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1ZjRiZmYxMjEwMzdlNDI0YTE3YTNlYmMiLCJpYXQiOjE1OTkyNDE1OTMsImV4cCI6MTU5OTMyNzk5M30.QtOrs1kJyh7sWDt2Y0_VpPRyXYZcfK9W4SR-YsxCrHk";

/// Answers each request with the next of `answers`, and remembers what it was asked.
#[derive(Default)]
struct Listed {
    answers: VecDeque<Answer>,
    requests: Vec<Request>,
    permits: Vec<(String, String, bool)>,
    mails: Vec<(String, String, String)>,
}

impl Server for Listed {
    fn send(&mut self, request: Request) -> Answer {
        self.requests.push(request);
        self.answers.pop_front().expect("a request more than there are answers")
    }

    fn newest_mail(&self, address: &str, subject: &str) -> Option<String> {
        let mut mails = self.mails.iter().rev();
        mails.find(|(to, title, _)| to == address && title.contains(subject)).map(|(_, _, text)| text.clone())
    }

    fn permit(&mut self, username: &str, permission: &str, on: bool) {
        self.permits.push((username.to_owned(), permission.to_owned(), on));
    }

    fn totp_now(&self) -> i64 {
        59
    }
}

fn answer(status: u16, content_type: &str, body: &str) -> Answer {
    let headers = vec![("content-type".to_owned(), content_type.to_owned())];
    Answer { status, headers, body: body.as_bytes().to_vec() }
}

/// Replays `text` on a server that has one answer.
fn run_on(text: &str, answer: Answer) -> Result<(), String> {
    let mut server = Listed { answers: VecDeque::from([answer]), ..Listed::default() };
    let transcript = Transcript::parse("t.http", text).unwrap();
    replay(&transcript, &mut server).map_err(|failure| failure.to_string())
}

/// Whether an expected body matches a JSON answer.
fn json_matches(expected: &str, got: &str) -> Result<(), String> {
    let text = format!("### t\nGET / HTTP/1.1\n\nHTTP 200\nContent-Type: application/json\n\n{expected}\n");
    run_on(&text, answer(200, "application/json", got))
}

fn text_matches(expected: &str, got: &str) -> Result<(), String> {
    let text = format!("### t\nGET / HTTP/1.1\n\nHTTP 200\nContent-Type: text/plain\n\n{expected}\n");
    run_on(&text, answer(200, "text/plain", got))
}

#[test]
fn values_go_from_answers_into_requests() {
    let text = "A comment.\n\n### First\n@unique name user\n# another comment\nPOST /a?x={{name}} HTTP/1.1\nX-Twice: 1\nX-Twice: 2\n\n{\"n\":\"{{name}}\"}\n\nHTTP 200\n\n{\"token\":\"{{token:jwt}}\",\"n\":7}\n\n@permit {{name}} admin\n@forbid {{name}} mod\n@lifetime token 86400\n\n@claims token\n{\"sub\":\"{{id:hex24}}\",\n ...}\n\n@jose token\n{\"alg\":\"HS256\",\"typ\":\"JWT\"}\n\n### Second\nDELETE /b HTTP/1.1\nAuthorization: Bearer {{token}}\n\nHTTP 204\n!X-Nothing\n\n### Third\n@differ name id\n";
    let body = format!(r#"{{"token":"{TOKEN}","n":7}}"#);
    let answers = VecDeque::from([answer(200, "application/json", &body), answer(204, "x", "")]);
    let mut server = Listed { answers, ..Listed::default() };
    let transcript = Transcript::parse("t.http", text).unwrap();
    assert_eq!(transcript.requests(), 2);
    replay(&transcript, &mut server).unwrap_or_else(|failure| panic!("{failure}"));

    let first = &server.requests[0];
    let name = first.target.strip_prefix("/a?x=").unwrap();
    assert!(name.starts_with("user") && name.len() == 14, "{name}");
    assert_eq!(first.body, format!(r#"{{"n":"{name}"}}"#).as_bytes());
    let twice = [("X-Twice".to_owned(), "1".to_owned()), ("X-Twice".to_owned(), "2".to_owned())];
    assert_eq!(first.headers, twice);
    assert_eq!(server.requests[1].headers[0].1, format!("Bearer {TOKEN}"));
    assert!(server.requests[1].body.is_empty());
    assert_eq!(
        server.permits,
        [(name.to_owned(), "admin".to_owned(), true), (name.to_owned(), "mod".to_owned(), false)]
    );
}

#[test]
fn unique_names_are_unique() {
    let text = "### t\n@unique a x\n@unique b x\n@differ a b\n### u\n@differ a a\n";
    let failure = replay(&Transcript::parse("t.http", text).unwrap(), &mut Listed::default()).unwrap_err();
    assert_eq!(failure.place, "t.http:6");
    assert!(failure.reason.contains("both"), "{failure}");
}

#[test]
fn json_is_compared_with_its_order_and_nothing_extra() {
    let got = r#"{"a":1,"b":["x",{"c":null}],"d":true}"#;
    for good in [
        got,
        "{ \"a\": 1,\n \"b\": [\"x\", {\"c\": null}],\n \"d\": true }",
        r#"{"a":"{{_:int}}","b":"{{_:any}}","d":"{{_:bool}}"}"#,
        r#"{"a":1,...}"#,
        r#"{"a":1,"b":["{{_:text}}",{...}],"d":true,...}"#,
    ] {
        assert_eq!(json_matches(good, got), Ok(()), "{good}");
    }
    for bad in [
        r#"{"b":["x",{"c":null}],"a":1,"d":true}"#,
        r#"{"a":1,"b":["x",{"c":null}]}"#,
        r#"{"a":1,"b":["x",{"c":null}],"d":true,"e":1}"#,
        r#"{"b":["x",{"c":null}],...}"#,
        r#"{"a":2,...}"#,
        r#"{"a":"1",...}"#,
        r#"{"a":"{{_:bool}}",...}"#,
        r#"{"a":1,"b":["x"],...}"#,
        r#"{"a":1,"b":["x",{"c":"{{_:text}}"}],...}"#,
        r#"{"a":1,"b":["x",{"c":null}],"d":false}"#,
        "[]",
    ] {
        assert!(json_matches(bad, got).is_err(), "{bad}");
    }
    assert!(json_matches("{...}", "not json").is_err());
    assert!(json_matches(r#"{"a":1}"#, r#"{"a":1,"a":1}"#).is_err(), "a duplicate key is extra");
}

#[test]
fn numbers_as_text_are_not_numbers() {
    assert!(json_matches(r#"{"exp":"{{_:int}}"}"#, r#"{"exp":"12"}"#).is_err());
    assert!(json_matches(r#"{"exp":"{{_:int}}"}"#, r#"{"exp":1.5}"#).is_err());
    let same = r#"{"exp":"{{exp:int}}","refresh_exp":"{{exp}}"}"#;
    assert_eq!(json_matches(same, r#"{"exp":12,"refresh_exp":12}"#), Ok(()));
    assert!(json_matches(same, r#"{"exp":12,"refresh_exp":13}"#).is_err());
}

#[test]
fn dots_inside_texts_are_dots() {
    let got = r#"{"a":"\"wait... \\","b":1}"#;
    assert_eq!(json_matches(r#"{"a":"\"wait... \\",...}"#, got), Ok(()));
    assert!(json_matches(r#"{"a":"\"wait","b":1}"#, got).is_err());
}

#[test]
fn text_is_literal_but_for_placeholders() {
    assert_eq!(text_matches("404 page not found{{newline}}", "404 page not found\n"), Ok(()));
    assert!(text_matches("404 page not found", "404 page not found\n").is_err());
    assert_eq!(text_matches("{{code:code4}}", "7QK2"), Ok(()));
    assert!(text_matches("{{code:code4}}", "\"7QK2\"").is_err());
    assert_eq!(text_matches("{{a:digits8}} {{b:digits8}}", "12345678 87654321"), Ok(()));
    assert_eq!(text_matches("a{{_:any}}b{{_:text}}c", "a--b--b-c"), Ok(()));
    assert!(text_matches("a{{_:text}}b", "ab").is_err());
    assert_eq!(text_matches("{{_:jwt}}", TOKEN), Ok(()));
    assert!(text_matches("{{_:jwt}}", &format!("{TOKEN} ")).is_err());
    assert!(text_matches("{{unknown}}", "x").unwrap_err().contains("nothing was kept as \"unknown\""));
}

#[test]
fn status_headers_and_empty_bodies_are_checked() {
    let expect = |lines: &str| format!("### A title\n\nGET /x HTTP/1.1\n\nHTTP {lines}\n");
    let failure = run_on(&expect("201"), answer(200, "text/plain", "a body")).unwrap_err();
    for part in ["A title", "t.http:3: expected HTTP 201, got HTTP 200", "GET /x HTTP/1.1", "a body"] {
        assert!(failure.contains(part), "{part:?} is missing in:\n{failure}");
    }
    for (lines, ok) in [
        ("200", true),
        ("200\ncontent-TYPE: text/plain", true),
        ("200\nContent-Type: text/{{_:text}}", true),
        ("200\nContent-Type: text/html", false),
        ("200\nX-Missing: 1", false),
        ("200\n!X-Missing", true),
        ("200\n!content-type", false),
        ("200\n\nbody", false),
        ("2xx", true),
        ("4xx", false),
    ] {
        assert_eq!(run_on(&expect(lines), answer(200, "text/plain", "")).is_ok(), ok, "{lines}");
    }
    assert!(run_on(&expect("200"), answer(200, "text/plain", "body")).is_err());
}

#[test]
fn a_failed_match_keeps_nothing() {
    let text = "### a\nGET / HTTP/1.1\n\nHTTP 200\n\n{\"n\":\"{{n:text}}\",\"x\":1}\n\n### b\nGET /{{n}} HTTP/1.1\n\nHTTP 200\n";
    assert!(run_on(text, answer(200, "application/json", r#"{"n":"kept","x":2}"#)).is_err());
}

#[test]
fn codes_come_from_the_servers_clock() {
    let text = "### t\nGET / HTTP/1.1\n\nHTTP 200\n\n{\"secret\":\"{{secret:base32}}\"}\n\n@totp secret -> now\n@totp secret +1 -> next\n@totp secret -1 -> last\n\n### u\nGET /{{now}}/{{next}}/{{last}} HTTP/1.1\n\nHTTP 200\n";
    let secret = data_encoding::BASE32_NOPAD.encode(b"12345678901234567890");
    let first = answer(200, "application/json", &format!(r#"{{"secret":"{secret}"}}"#));
    let mut server = Listed { answers: VecDeque::from([first, answer(200, "x", "")]), ..Listed::default() };
    replay(&Transcript::parse("t.http", text).unwrap(), &mut server)
        .unwrap_or_else(|failure| panic!("{failure}"));
    // The codes of RFC 4226 appendix D for the counters 1, 2 and 0.
    assert_eq!(server.requests[1].target, "/287082/359152/755224");
}

#[test]
fn mail_gives_the_last_segment_of_its_first_link_once() {
    let text = "### t\n@mail a@b.example Reset -> one\n@mail a@b.example Activate your -> two\n@differ one two\n\n### u\nGET /{{one}}/{{two}} HTTP/1.1\n\nHTTP 200\n";
    let mails = [
        ("Activate your account", "Go to http://x/activate/to-ken_2."),
        ("Reset it", "https://x/r/tok1?a=b https://y/z"),
    ];
    let mails = mails.map(|(title, text)| ("a@b.example".to_owned(), title.to_owned(), text.to_owned()));
    let mut server = Listed {
        answers: VecDeque::from([answer(200, "x", "")]),
        mails: mails.to_vec(),
        ..Listed::default()
    };
    replay(&Transcript::parse("t.http", text).unwrap(), &mut server)
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(server.requests[0].target, "/tok1/to-ken_2");
}

#[test]
fn what_a_directive_refuses() {
    for (lines, expected) in [
        ("@lifetime a 1", "nothing was kept as \"a\""),
        ("@unique a x\n@claims a\n{...}", "not a token"),
        ("@unique a x\n@totp a -> b", "not a base32 secret"),
        ("@permit {{who}} admin", "nothing was kept as \"who\""),
    ] {
        let transcript = Transcript::parse("t.http", &format!("### t\n{lines}\n")).unwrap();
        let failure = replay(&transcript, &mut Listed::default()).unwrap_err();
        assert!(failure.reason.contains(expected), "{lines}: {failure}");
    }
}

#[test]
fn bad_files_are_refused_with_their_line() {
    for (text, line, reason) in [
        ("", 1, "no section"),
        ("### t\n", 2, "nothing happens"),
        ("### t\nGET /\n", 2, "METHOD TARGET"),
        ("### t\nget / HTTP/1.1\n", 2, "not a method"),
        ("### t\nGET / HTTP/1.1\nno colon\n", 3, "not a header"),
        ("### t\nGET / HTTP/1.1\n\nbody\n", 5, "has no answer"),
        ("### t\nGET / HTTP/1.1\n\nHTTP ok\n", 4, "not a status"),
        ("### t\nGET / HTTP/1.1\n\nHTTP 9xx\n", 4, "not a status"),
        ("### t\nGET /{{a:int}} HTTP/1.1\n\nHTTP 200\n", 2, "cannot keep"),
        ("### t\nGET /{{a HTTP/1.1\n\nHTTP 200\n", 2, "not closed"),
        ("### t\nGET / HTTP/1.1\n\nHTTP 200\nA: {{x:nothing}}\n", 5, "no such kind"),
        ("### t\nGET / HTTP/1.1\n\nHTTP 200\n\n{\"a\":}\n", 7, "not JSON"),
        ("### t\nGET / HTTP/1.1\n\nHTTP 200\n\n{...,\"a\":1}\n", 7, "come last"),
        ("### t\nGET / HTTP/1.1\n\nHTTP 200\n\n{\"a\":\"{{_}}\"}\n", 7, "{{_:kind}}"),
        ("### t\nGET / HTTP/1.1\n\nHTTP 200\n@unique a b\nGET / HTTP/1.1\n", 6, "one request"),
        ("### t\n@nothing a\n", 2, "no such directive"),
        ("### t\n@unique a\n", 2, "two words"),
        ("### t\n@unique a b-c\n", 2, "letters and digits"),
        ("### t\n@mail a@b c\n", 2, "-> NAME"),
        ("### t\n@totp a 1 -> b\n", 2, "with its sign"),
        ("### t\n@claims a b\n{}\n", 2, "not a name"),
        ("### t\n@lifetime a soon\n", 2, "number of seconds"),
    ] {
        let bad = Transcript::parse("f.http", text).unwrap_err();
        assert_eq!((bad.line, bad.file.as_str()), (line, "f.http"), "{text:?} gave {bad}");
        assert!(bad.reason.contains(reason), "{text:?} gave {bad}");
    }
}

#[test]
fn an_empty_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(files(folder.path()).is_err());
    std::fs::write(folder.path().join("b.http"), "x").unwrap();
    std::fs::write(folder.path().join("a.http"), "x").unwrap();
    std::fs::write(folder.path().join("c.txt"), "x").unwrap();
    let names: Vec<_> =
        files(folder.path()).unwrap().iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["a.http", "b.http"]);
}
