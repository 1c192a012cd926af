//! Seeing accounts: what is shown, and to whom.

use harness::http::{Answer, Request};
use model::Span;
use serde_json::Value;

use crate::stage::{Stage, client, realm};

#[track_caller]
fn refused(answer: &Answer, status: u16, text: &str) {
    assert_eq!((answer.status, answer.text().as_str()), (status, text), "{answer}");
}

/// Accounts are listed oldest first, so each is made at a time of its own.
fn later(stage: &Stage, name: &str, permissions: &[&str]) -> String {
    stage.clock.advance(Span::seconds(1));
    stage.signed_in(name, permissions)
}

fn names(answer: &Answer) -> Vec<String> {
    let users: Vec<Value> = serde_json::from_str(&answer.text()).unwrap();
    users.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_account_is_shown_with_all_fields_in_order_as_json_whatever_is_accepted() {
    let stage = Stage::new();
    let token = stage.signed_in("Ada", &["user"]);
    let id = stage.id("Ada");
    let expected = format!(
        r#"{{"_id":"{id}","username":"Ada","bio":"","type":"User","favTrack":"","favAlbum":"","favArtist":"","publicStats":false,"friends":null,"lastLogin":"2027-01-01T00:00:00.000Z"}}"#
    );
    for accept in ["application/json", "*/*", "text/plain", ""] {
        for target in ["/api/users/current", &format!("/api/users/get?id={id}"), "/Api/USERS/Current/"] {
            let answer = stage.ask(Request::new("GET", target).bearer(&token).header("Accept", accept));
            refused(&answer, 200, &expected);
            assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
        let answer =
            stage.ask(Request::new("GET", "/api/users/search").bearer(&token).header("Accept", accept));
        refused(&answer, 200, &format!("[{expected}]"));
    }
}

#[test]
fn whoever_never_signed_in_did_so_in_the_year_one() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let id =
        stage.create(&admin, &[("username", "new"), ("password", "correct horse")]).expect_status(200).text();
    let answer = stage.users("GET", "get", &admin, &[("id", &id)]).expect_status(200);
    assert!(answer.text().ends_with(r#""friends":null,"lastLogin":"0001-01-01T00:00:00Z"}"#), "{answer}");
    stage.clock.advance(Span::seconds(90));
    stage.login("new", "correct horse").expect_status(200);
    let answer = stage.users("GET", "get", &admin, &[("id", &id)]).expect_status(200);
    assert!(answer.text().ends_with(r#""lastLogin":"2027-01-01T00:01:30.000Z"}"#), "{answer}");
}

#[test]
fn nobody_sees_anything() {
    let stage = Stage::new();
    let token = stage.signed_in("ada", &["user"]);
    let server = stage.server_token();
    let other = stage.run(stage.mount("other").sign_in(accounts::SignIn {
        login: accounts::Login::Username("ada"),
        password: crate::stage::PASSWORD.into(),
        client: client(),
    }));
    let accounts::SignedIn::Complete(grant) = other.unwrap() else { panic!("no second factor") };
    let claims = serde_json::to_value(grant.private_claims(accounts::TokenUse::Access)).unwrap();
    let foreign = stage.mount("other").sign(&claims).unwrap();
    let id = stage.id("ada");
    for target in ["current".to_owned(), format!("get?id={id}"), "get".to_owned(), "search".to_owned()] {
        let target = format!("/api/users/{target}");
        let answer = stage.get(&target);
        refused(&answer, 401, "");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        for token in ["nonsense", &server, &foreign] {
            let answer = stage.get_as(&target, token);
            refused(&answer, 401, "");
            assert!(
                answer.header("www-authenticate").unwrap().starts_with(r#"Bearer error="invalid_token""#)
            );
        }
        let separator = if target.contains('?') { '&' } else { '?' };
        refused(&stage.get(&format!("{target}{separator}jwt={token}")), 401, "");
    }
    stage.run(stage.accounts.disable(&realm(), "ada")).unwrap();
    refused(&stage.get_as("/api/users/current", &token), 401, "");
}

#[test]
fn an_account_is_seen_by_its_owner_by_administrators_and_if_it_is_public() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let ada = stage.signed_in("ada", &["user"]);
    let bob = stage.signed_in("bob", &["pass"]);
    let wild = stage.signed_in("wild", &["admin.*"]);
    let id = stage.id("ada");
    let get = |token: &str, id: &str| stage.users("GET", "get", token, &[("id", id)]);
    for token in [&admin, &ada] {
        assert!(get(token, &id).expect_status(200).text().contains(r#""username":"ada""#));
    }
    for token in [&bob, &wild] {
        refused(&get(token, &id), 401, "Invalid Auth");
    }
    let quoted = Request::new("GET", "/api/users/get").bearer(&bob).query(&[("id", &id)]);
    refused(&stage.ask(quoted.header("Accept", "application/json")), 401, r#""Invalid Auth""#);
    stage.users("PATCH", "update", &ada, &[("id", &id), ("publicStats", "true")]).expect_status(200);
    assert!(get(&bob, &id).expect_status(200).text().contains(r#""publicStats":true"#));
    stage.users("PATCH", "update", &ada, &[("id", &id), ("publicStats", "False")]).expect_status(200);
    refused(&get(&bob, &id), 401, "Invalid Auth");
    for unknown in ["nobody", "\0", "%", &"x".repeat(5_000), &id.to_uppercase()] {
        refused(&get(&admin, unknown), 404, "User Not Found");
        refused(&get(&bob, unknown), 404, "User Not Found");
    }
    for fields in [&[][..], &[("id", "")], &[("ids", "x")]] {
        let answer = stage.users("GET", "get", &admin, fields);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (400, Some("application/problem+json; charset=utf-8"))
        );
        assert!(answer.text().starts_with(r#"{"errors":{"id":["The id field is required."]},"#));
    }
}

#[test]
fn a_search_is_for_a_part_of_the_name_in_any_case() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    for name in ["Ada", "adam", "B_b", "Bxb", "100%", "Zo\u{eb}"] {
        later(&stage, name, &[]);
    }
    let search =
        |part: &str| names(&stage.users("GET", "search", &admin, &[("username", part)]).expect_status(200));
    assert_eq!(search("ADA"), ["Ada", "adam"]);
    assert_eq!(search(""), ["root", "Ada", "adam", "B_b", "Bxb", "100%", "Zo\u{eb}"]);
    assert_eq!(search("b_B"), ["B_b"]);
    assert_eq!(search("%"), ["100%"]);
    assert_eq!(search("zo\u{cb}"), ["Zo\u{eb}"]);
    for pattern in [".*", "a|b", "(a+)+$", "[", "\\", "!", "'", "\0", "ada\0", "^ada"] {
        assert!(search(pattern).is_empty(), "{pattern:?}");
    }
    // One character of three bytes that folds to eighteen.
    assert!(search(&"\u{fdfa}".repeat(3_500)).is_empty());
    assert_eq!(names(&stage.get_as("/api/users/search?USERNAME=Ada&username=zzz", &admin)), ["Ada", "adam"]);
}

#[test]
fn who_is_no_administrator_finds_oneself_and_whoever_calls_one_a_friend() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let ada = later(&stage, "ada", &["user"]);
    let bob = later(&stage, "bob", &["pass"]);
    later(&stage, "carol", &[]);
    let search = |token: &str, part: &str| {
        names(&stage.users("GET", "search", token, &[("username", part)]).expect_status(200))
    };
    assert_eq!(search(&ada, ""), ["ada"]);
    stage.users("POST", "add-friend", &bob, &[("id", &stage.id("ada"))]).expect_status(200);
    assert_eq!(search(&ada, ""), ["ada", "bob"]);
    assert_eq!(search(&ada, "BO"), ["bob"]);
    assert_eq!(search(&ada, "carol"), [""; 0]);
    assert_eq!(search(&bob, ""), ["bob"], "a friend does not let oneself be seen by being one");
    // An id in a text of one's own makes nobody a friend.
    let carol = stage.login("carol", "correct horse").text();
    let (id, own) = (stage.id("ada"), stage.id("carol"));
    stage.users("PATCH", "update", &carol, &[("id", &own), ("bio", &format!("\"{id}\""))]).expect_status(200);
    assert_eq!(search(&ada, ""), ["ada", "bob"]);
    assert_eq!(search(&admin, ""), ["root", "ada", "bob", "carol"]);
    stage.users("POST", "remove-friend", &bob, &[("id", &id)]).expect_status(200);
    assert_eq!(search(&ada, ""), ["ada"]);
}
