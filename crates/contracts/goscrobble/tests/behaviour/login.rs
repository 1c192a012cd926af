//! Signing in.

use accounts::{Admission, MountPolicy, Register};
use harness::totp;

use crate::server::{Server, Settings, error, somebody};

#[tokio::test]
async fn an_empty_name_is_said_before_an_empty_password() {
    let server = Server::start().await;
    let name = error("A username is required");
    let password = error("A password is required");
    for (sent, said) in [
        ("{}", &name),
        (r#"{"username":null,"password":null}"#, &name),
        (r#"{"username":"","password":"x"}"#, &name),
        (r#"{"username":"bob"}"#, &password),
        (r#"{"username":"bob","password":""}"#, &password),
    ] {
        let answer = server.post("login", sent).await;
        assert_eq!(answer.says(), (200, said.as_str()), "{sent}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    }
}

#[tokio::test]
async fn names_of_keys_count_in_any_case_and_the_exact_one_first() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    for sent in [
        r#"{"USERNAME":"bob","PassWord":"password-1"}"#,
        r#"{"Username":"nobody","username":"bob","PASSWORD":"wrong","password":"password-1"}"#,
        r#"  {"username":"bob","password":"password-1","remember":[1,{"deep":null}]}  "#,
    ] {
        assert!(!server.post("login", sent).await.token().is_empty(), "{sent}");
    }
    let sent = r#"{"username":"bob","password":"wrong","PASSWORD":"password-1"}"#;
    let refused = error("Invalid Username or Password");
    assert_eq!(server.post("login", sent).await.says(), (200, refused.as_str()));
}

#[tokio::test]
async fn every_wrong_sign_in_is_refused_in_the_same_words() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    server.register("gone", "password-1").await;
    server.accounts.disable(&server.mount.policy().realm, "gone").await.unwrap();
    let refused = error("Invalid Username or Password");
    let long = "a".repeat(90_000);
    for (name, password) in [
        ("bob", "password-2"),
        ("bob", "PASSWORD-1"),
        ("bob", "password-1 "),
        ("bob", r"password-1\u0000"),
        (r"bob\u0000", "password-1"),
        ("bob ", "password-1"),
        ("nobody", "password-1"),
        ("gone", "password-1"),
        ("gone@test.com", "password-1"),
        ("nobody@test.com", "password-1"),
        ("@", "password-1"),
        (&long, "password-1"),
        ("bob", &long),
        ("' or 1=1 --", "x"),
    ] {
        let answer = server.login(name, password).await;
        assert_eq!(answer.says(), (200, refused.as_str()), "{name:.20} {password:.20}");
    }
}

#[tokio::test]
async fn names_and_addresses_sign_in_in_any_spelling() {
    let server = Server::start().await;
    server.register("Bob", "password-1").await;
    for name in ["bob", "BOB", "bob@test.com", "BOB@Test.Com"] {
        assert!(!server.login(name, "password-1").await.token().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn passwords_count_exactly_as_sent() {
    let server = Server::start().await;
    server.register("bob", "  pass wörd  ").await;
    assert!(!server.login("bob", "  pass wörd  ").await.token().is_empty());
    let refused = error("Invalid Username or Password");
    assert_eq!(server.login("bob", "pass wörd").await.says(), (200, refused.as_str()));
}

#[tokio::test]
async fn bodies_that_are_no_object_of_texts_are_refused() {
    let server = Server::start().await;
    let deep = "[".repeat(50_000);
    let bodies: [&[u8]; 14] = [
        b"",
        b" ",
        b"nonsense",
        b"null",
        b"[]",
        b"\"text\"",
        b"username=bob&password=password-1",
        br#"{"username":"bob","password":"password-1"} {}"#,
        br#"{"username":"bob","username":"eve","password":"password-1"}"#,
        br#"{"username":5,"password":"password-1"}"#,
        br#"{"username":"bob","password":["password-1"]}"#,
        br#"{"username":{"$ne":""},"password":"x"}"#,
        b"{\"username\":\"\xff\",\"password\":\"x\"}",
        deep.as_bytes(),
    ];
    for call in ["login", "register", "sendreset", "resetpassword"] {
        for body in &bodies[..9] {
            let answer = server.post(call, body.to_vec()).await;
            assert_eq!(answer.says(), (400, "{\"error\":\"Invalid JSON\"}\n"), "{call} {body:?}");
            assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
    }
    for body in bodies {
        assert_eq!(server.post("login", body.to_vec()).await.status, 400, "{body:.40?}");
    }
}

#[tokio::test]
async fn the_type_of_the_body_and_the_query_do_not_matter() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let sent = r#"{"username":"bob","password":"password-1"}"#;
    for content_type in
        ["application/x-www-form-urlencoded", "text/plain", "application/json; charset=latin1", "?"]
    {
        let headers = [("content-type", content_type)];
        let answer = server.send("POST", "/api/v1/login?username=eve&password=x", &headers, sent).await;
        assert!(!answer.token().is_empty(), "{content_type}");
    }
}

#[tokio::test]
async fn a_second_factor_is_answered_like_a_wrong_password() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let caller = server.mount.check(&server.login("bob", "password-1").await.token()).await.unwrap();
    let prepared = server.other.prepare_two_factor(&caller, &somebody()).await.unwrap();
    let secret = totp::secret_bytes(&prepared.secret).unwrap();
    let code = totp::code_at(&secret, server.mount.now().seconds());
    server.other.enable_two_factor(&caller, &code, &somebody()).await.unwrap();
    let refused = error("Invalid Username or Password");
    for password in ["password-1", "password-2"] {
        assert_eq!(server.login("bob", password).await.says(), (200, refused.as_str()), "{password}");
    }
}

#[tokio::test]
async fn an_account_without_an_address_signs_in_and_has_an_empty_claim() {
    let server = Server::start().await;
    let asked = Register {
        username: "Émile d'Été",
        email: None,
        password: "password-1".into(),
        permissions: None,
        admission: Admission::Own,
        sign_in: false,
        client: somebody(),
    };
    server.other.register(asked).await.unwrap();
    let token = server.login("Émile d'Été", "password-1").await.token();
    assert_eq!(crate::server::claim(&token, "email").to_string(), r#""""#);
    assert_eq!(crate::server::claim(&token, "username").to_string(), r#""Émile d'Été""#);
}

#[tokio::test]
async fn an_operator_may_ask_for_confirmed_addresses() {
    let policy = MountPolicy { require_confirmed_email: true, ..Settings::default().policy };
    let server = Server::with(Settings { policy, ..Settings::default() }).await;
    server.register("bob", "password-1").await;
    let unconfirmed = error("Email address is not confirmed");
    assert_eq!(server.login("bob", "password-1").await.says(), (200, unconfirmed.as_str()));
    let refused = error("Invalid Username or Password");
    assert_eq!(server.login("bob", "password-2").await.says(), (200, refused.as_str()));
}
