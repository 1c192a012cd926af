use axum::http::HeaderValue;

use super::*;

#[test]
fn quotes_are_for_callers_that_accept_nothing_but_json() {
    for (accept, quoted) in [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("text/json, application/problem+json;q=0.5", true),
        (" application/json , ", true),
        ("", false),
        (",", false),
        ("*/*", false),
        ("application/json, */*;q=0.1", false),
        ("application/json, text/plain", false),
        ("application/*", false),
        ("text/html", false),
        ("application/jsonx", false),
        ("image/svg+json", false),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        assert_eq!(accepts_json_only(&headers), quoted, "{accept:?}");
    }
}

#[test]
fn several_accept_headers_are_one_list() {
    let mut headers = HeaderMap::new();
    assert!(!accepts_json_only(&headers));
    headers.append(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.append(header::ACCEPT, HeaderValue::from_static("text/json"));
    assert!(accepts_json_only(&headers));
    headers.append(header::ACCEPT, HeaderValue::from_bytes(b"\xff").unwrap());
    assert!(!accepts_json_only(&headers));
}

#[test]
fn the_query_comes_before_the_body() {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = br#"{"Username":"body","password":"secret","role":5,"code":null}"#;
    let params = Params::of_request(Some("USERNAME=query&username=later"), &headers, body).unwrap();
    assert_eq!(params.required(["username", "password"]).unwrap(), ["query", "secret"]);
    assert_eq!((params.optional("role"), params.optional("code")), (None, None));
    // An empty one in the query is one that was given, and empty.
    let params = Params::of_request(Some("username="), &headers, body).unwrap();
    assert_eq!(params.optional("username"), None);
}

#[test]
fn every_missing_name_is_named() {
    let params = Params::of_query(Some("b=1")).unwrap();
    let Err(Refused::Missing(names)) = params.required(["c", "b", "a"]) else { panic!("not missing") };
    assert_eq!(names, ["c", "a"]);
}
