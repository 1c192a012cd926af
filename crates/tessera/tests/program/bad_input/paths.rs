//! Methods and spellings of paths that no endpoint takes, and those that it takes as well.

use std::collections::BTreeSet;

use harness::http::{Answer, Client, Request};

use super::rows::{self, Row};
use super::{each_row, shape};
use crate::stand::server;

const METHODS: [&str; 11] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "get"];

/// Paths that nobody has, under every prefix that somebody has and under none.
const NOWHERE: [&str; 35] = [
    "/nothing",
    "/api",
    "/api/",
    "/api/nothing",
    "/auth",
    "/auth/",
    "/auth/nothing",
    "/auth/login/nothing",
    "/auth/../auth/login",
    "/auth/./login",
    "/auth//login",
    "//auth/login",
    "/auth/login//",
    "/auth%2Flogin",
    "/auth/log%00in",
    "/auth/%zz",
    "/auth/%ff%fe",
    "/auth;/login",
    "/api/auth/nothing",
    "/api/users/nothing/nothing",
    "/api/v1",
    "/api/v1/",
    "/api/v1/nothing",
    "/api/v1//login",
    "/api/V1/login",
    "/API/v1/login",
    "/api/v1/Login",
    "/.well-known/nothing",
    "/tessera",
    "/tessera/",
    "/tessera/nothing",
    "/pages",
    "/pages/nothing",
    "/pages/wolfpal/nothing/token",
    "/pages/wolfpal/reset/",
];

#[test]
fn wrong_methods_and_spellings_are_answered_in_the_words_of_their_place() {
    let server = server();
    each_row(|row| {
        let mut client = server.client();
        let mut wrong = wrong_methods(row, &mut client);
        wrong.extend(other_spellings(row, &mut client));
        wrong.extend(beside(row, &mut client));
        wrong
    });
}

fn wrong_methods(row: &Row, client: &mut Client) -> Vec<String> {
    let target = row.target();
    let known: BTreeSet<&str> =
        rows::all().iter().filter(|other| other.is_at(&target)).map(|other| other.method).collect();
    let mut wrong = Vec::new();
    for method in METHODS.into_iter().filter(|method| !known.contains(method)) {
        let answer = client.send(&Request::new(method, &target)).unwrap();
        let allow: BTreeSet<&str> = answer.header("allow").unwrap_or_default().split(", ").collect();
        let fits = match (method, answer.status) {
            ("OPTIONS", 204) => known.is_subset(&allow),
            ("HEAD", 405) => answer.body.is_empty() && known.is_subset(&allow),
            // As the GET would be answered, without the body.
            ("HEAD", status) => known.contains("GET") && status < 500 && answer.body.is_empty(),
            (_, 405) => known.is_subset(&allow) && shape::miss(&target, &answer).is_none(),
            _ => false,
        };
        if !fits {
            wrong.push(format!("{method}: {answer}"));
        }
    }
    wrong
}

/// The same status as the plain spelling gets, and never a redirect.
fn other_spellings(row: &Row, client: &mut Client) -> Vec<String> {
    let target = row.target();
    let plain = client.send(&Request::new(row.method, &target)).unwrap();
    let mut wrong = Vec::new();
    let mut same = vec![format!("{target}?x=1")];
    // With the slash it is another endpoint of GoScrobble's.
    if !target.ends_with('/') && target != "/api/v1/user" {
        same.push(format!("{target}/"));
    }
    if row.contract != "goscrobble" {
        same.extend(row.path.contains('{').then(Vec::new).unwrap_or_else(|| vec![target.to_uppercase()]));
    }
    for spelling in same {
        let answer = client.send(&Request::new(row.method, &spelling)).unwrap();
        if answer.status != plain.status || answer.text().len() != plain.text().len() {
            wrong.push(format!("{spelling}: {answer}\nbut {target}: {plain}"));
        }
    }
    wrong
}

/// Paths near the row's, which nobody has.
fn beside(row: &Row, client: &mut Client) -> Vec<String> {
    let target = row.target();
    let near = [
        format!("{target}/nothing"),
        format!("{target}//"),
        format!("/{target}"),
        format!("{target}%00"),
        format!("{target}%"),
        format!("{target}%ff"),
        format!("{}x", target.trim_end_matches('/')),
        format!("{target}/{}", "x".repeat(30_000)),
    ];
    let mut wrong = Vec::new();
    for path in near.iter().filter(|path| !rows::all().iter().any(|row| row.is_at(path))) {
        let answer = client.send(&Request::new(row.method, path)).unwrap();
        wrong.extend(nowhere(path, &answer));
    }
    wrong
}

fn nowhere(path: &str, answer: &Answer) -> Option<String> {
    let missed = matches!(answer.status, 400 | 404);
    if !missed {
        return Some(format!("{path}: {answer}"));
    }
    shape::miss(path, answer).map(|wrong| format!("{path}: {wrong}"))
}

#[test]
fn paths_that_nobody_has_are_answered() {
    let server = server();
    let mut client = server.client();
    let mut wrong = Vec::new();
    for path in NOWHERE {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let answer = client.send(&Request::new(method, path)).unwrap();
            wrong.extend(nowhere(path, &answer).map(|what| format!("{method} {what}")));
        }
    }
    for (method, path) in [("POST", "/"), ("DELETE", "/"), ("POST", "/.well-known/jwks.json")] {
        let answer = client.send(&Request::new(method, path)).unwrap();
        if answer.status != 405 || answer.header("allow").is_none() || shape::miss(path, &answer).is_some() {
            wrong.push(format!("{method} {path}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
