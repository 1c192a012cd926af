//! Making accounts: by whom, with which role, and what a Server token is not good for.

use accounts::Registration;
use harness::http::{Answer, Request};
use model::Permissions;
use serde_json::json;

use crate::stage::{PASSWORD, Stage, realm};

const OVER: &str = r#"Bearer error="invalid_token", error_description="The token is no longer valid""#;

#[track_caller]
fn refused(answer: &Answer, status: u16, text: &str) {
    assert_eq!((answer.status, answer.text().as_str()), (status, text), "{answer}");
}

fn permissions(stage: &Stage, name: &str) -> Permissions {
    stage.run(stage.accounts.find(&realm(), name)).unwrap().unwrap().permissions
}

#[test]
fn the_bearer_comes_before_the_parameters() {
    let stage = Stage::new();
    let post = || Request::new("POST", "/api/users/create");
    let answer = stage.ask(post());
    refused(&answer, 401, "");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    let server = stage.server_token();
    refused(
        &stage.ask(post().query(&[("jwt", &server), ("username", "x"), ("password", PASSWORD)])),
        401,
        "",
    );
    let answer = stage.create("nonsense", &[]);
    refused(&answer, 401, "");
    assert!(answer.header("www-authenticate").unwrap().starts_with(r#"Bearer error="invalid_token""#));
    for (name, role) in [("user", "user"), ("pass", "pass"), ("wild", "admin.*")] {
        let token = stage.signed_in(name, &[role]);
        for fields in [&[][..], &[("username", "x"), ("password", PASSWORD), ("role", "King")]] {
            let answer = stage.create(&token, fields);
            refused(&answer, 401, "");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    stage.create(&server, &[("username", "x"), ("password", PASSWORD)]).expect_status(200);
}

#[test]
fn a_server_token_makes_one_user_whatever_role_is_asked_for() {
    let stage = Stage::new();
    for (name, role) in [("a", "Admin"), ("b", "Pass"), ("c", "King"), ("d", "")] {
        let server = stage.server_token();
        let id = stage.create(&server, &[("username", name), ("password", PASSWORD), ("role", role)]);
        let id = id.expect_status(200).text();
        assert_eq!(stage.run(stage.accounts.find(&realm(), name)).unwrap().unwrap().id.as_str(), id);
        assert_eq!(permissions(&stage, name).as_slice(), ["user"]);
        let answer = stage.create(&server, &[("username", "again"), ("password", PASSWORD)]);
        refused(&answer, 401, "");
        assert_eq!(answer.header("www-authenticate"), Some(OVER));
    }
}

#[test]
fn of_many_who_use_one_server_token_at_once_one_makes_an_account() {
    let stage = Stage::new();
    let server = stage.server_token();
    let one = |n: usize| {
        let fields = [("username", &*format!("guest{n}")), ("password", PASSWORD)];
        Request::new("POST", "/api/users/create").bearer(&server).query(&fields)
    };
    let answers = stage.ask_all((0..10).map(one).collect());
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 9);
    let made = (0..10).filter(|n| stage.login(&format!("guest{n}"), PASSWORD).status == 200);
    assert_eq!(made.count(), 1);
}

#[test]
fn a_refused_account_leaves_the_server_token_good() {
    let stage = Stage::with(|settings| settings.min_password = 10);
    stage.signed_in("taken", &[]);
    let server = stage.server_token();
    let create =
        |name: &str, password: &str| stage.create(&server, &[("username", name), ("password", password)]);
    refused(&create("TAKEN", PASSWORD), 400, "Username already exists");
    refused(&create("guest", "123456789"), 400, "Password must be at least 10 characters");
    refused(&create("guest", &"x".repeat(1_025)), 400, "Password is too long");
    for name in ["a\0b", "a\nb", " ", "\u{200b}", &"x".repeat(256)] {
        refused(&create(name, PASSWORD), 400, "Invalid username");
    }
    let answer = create("guest", "");
    assert_eq!(answer.status, 400);
    assert!(answer.text().starts_with(r#"{"errors":{"password":["The password field is required."]},"#));
    create("guest", PASSWORD).expect_status(200);
}

#[test]
fn an_administrator_chooses_among_three_roles() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let create = |name: &str, role: &[(&str, &str)]| {
        stage.create(&admin, &[&[("username", name), ("password", PASSWORD)], role].concat())
    };
    for (name, role, given) in
        [("a", "Admin", "admin"), ("b", "User", "user"), ("c", "Pass", "pass"), ("d", "", "user")]
    {
        create(name, &[("role", role)]).expect_status(200);
        assert_eq!(permissions(&stage, name).as_slice(), [given]);
    }
    create("e", &[]).expect_status(200);
    assert_eq!(permissions(&stage, "e").as_slice(), ["user"]);
    for role in ["admin", "Server", "King", "Admin,User", "Admin\0"] {
        refused(&create("f", &[("role", role)]), 400, "Role must be Admin, User or Pass");
    }
    refused(&create("A", &[]), 400, "Username already exists");
    assert!(stage.run(stage.accounts.find(&realm(), "f")).unwrap().is_none());
}

#[test]
fn parameters_come_in_the_query_or_a_body() {
    let stage = Stage::new();
    let admin = stage.signed_in("root", &["admin"]);
    let post = || Request::new("POST", "/api/users/create").bearer(&admin);
    for (name, request) in [
        ("query", post().query(&[("UserName", "query"), ("PASSWORD", PASSWORD), ("Role", "Pass")])),
        ("form", post().form(&[("UserName", "form"), ("PASSWORD", PASSWORD), ("Role", "Pass")])),
        ("json", post().json(&json!({ "userName": "json", "Password": PASSWORD, "ROLE": "Pass" }))),
        (
            "both",
            post().query(&[("username", "both"), ("role", "Pass")]).json(&json!({ "password": PASSWORD })),
        ),
    ] {
        stage.ask(request).expect_status(200);
        assert_eq!(permissions(&stage, name).as_slice(), ["pass"], "{name}");
        stage.login(name, PASSWORD).expect_status(200);
    }
    let quoted =
        post().query(&[("username", "x"), ("password", PASSWORD)]).header("Accept", "application/json");
    let answer = stage.ask(quoted).expect_status(200);
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    assert!(answer.text().starts_with('"') && answer.json().is_string());
}

#[test]
fn closed_registration_closes_server_tokens_but_not_administrators() {
    let stage = Stage::with(|settings| settings.policy.registration = Registration::Closed);
    let admin = stage.signed_in("root", &["admin"]);
    let claims = json!({ "jti": "x", "mnt": "melon", "use": "server", "exp": 9_999_999_999_i64 });
    let server = stage.mount("melon").sign(&claims).unwrap();
    let fields = [("username", "guest"), ("password", PASSWORD)];
    refused(&stage.create(&server, &fields), 403, "Registration is closed");
    stage.create(&admin, &fields).expect_status(200);
}

#[test]
fn a_server_token_of_another_mount_or_use_makes_nobody() {
    let stage = Stage::new();
    let fields = [("username", "guest"), ("password", PASSWORD)];
    let claims = |mount: &str, purpose: &str| json!({ "jti": "x", "mnt": mount, "use": purpose, "exp": 9_999_999_999_i64 });
    let (ours, other) = (stage.mount("melon"), stage.mount("other"));
    for token in [
        ours.sign(&claims("other", "server")).unwrap(),
        ours.sign(&claims("melon", "access")).unwrap(),
        ours.sign(&claims("melon", "server")).unwrap(),
        other.sign(&claims("melon", "server")).unwrap(),
    ] {
        refused(&stage.create(&token, &fields), 401, "");
    }
    assert!(stage.run(stage.accounts.find(&realm(), "guest")).unwrap().is_none());
}
