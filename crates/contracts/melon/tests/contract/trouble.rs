//! Moments in which the server cannot serve.

use std::time::Duration;

use crypto::Argon2Cost;
use harness::http::{Answer, Request};

use crate::stage::{PASSWORD, Stage, realm};

#[track_caller]
fn busy(answer: &Answer) {
    assert_eq!((answer.status, answer.text().as_str()), (503, "Server is busy, try again later"), "{answer}");
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[test]
fn without_a_database_everything_that_needs_it_is_a_503() {
    let stage = Stage::new();
    let admin = stage.signed_in("admin", &["admin"]);
    stage.get_as("/auth/check", &admin).expect_status(200);
    let server = stage.server_token();
    let code = stage.run(stage.accounts.create_invite(&realm())).unwrap();
    stage.close_database();
    let fields = [("username", "guest"), ("password", PASSWORD)];
    busy(&stage.login("admin", PASSWORD));
    busy(&stage.get_as("/auth/invite", &admin));
    busy(&stage.get(&format!("/auth/code-authenticate?code={code}")));
    busy(&stage.create(&admin, &fields));
    busy(&stage.create(&server, &fields));
    for target in ["current", "get?id=x", "search"] {
        busy(&stage.get_as(&format!("/api/users/{target}"), &admin));
    }
    for target in ["update?bio=x", "change-username?username=x", "change-password?password=x"] {
        busy(&stage.ask(Request::new("PATCH", &format!("/api/users/{target}&id=x")).bearer(&admin)));
    }
    for target in ["add-friend", "delete", "remove-friend"] {
        busy(&stage.ask(Request::new("POST", &format!("/api/users/{target}?id=x")).bearer(&admin)));
    }
    // The probe and the check of a known token ask nothing of it.
    assert_eq!(stage.login("NA", "NA").status, 401);
    stage.get_as("/auth/check", &admin).expect_status(200);
}

#[test]
fn more_hashes_than_anybody_would_wait_for_are_a_503() {
    let stage = Stage::with(|settings| {
        settings.cost = Argon2Cost { memory_kib: 16_384, passes: 3, lanes: 1 };
        settings.max_wait = Duration::ZERO;
    });
    let login = Request::new("GET", "/auth/login?username=ada&password=secret");
    let answers = stage.ask_all(vec![login; 8]);
    let shed: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!shed.is_empty() && shed.len() < answers.len());
    shed.into_iter().for_each(busy);
}
