//! What everybody sees of an account.

use crate::server::{Server, error};

#[tokio::test]
async fn everybody_sees_name_and_id_in_any_spelling() {
    let server = Server::start().await;
    server.register("Bob_1.x", "password-1").await;
    let realm = &server.mount.policy().realm;
    let id = server.accounts.find(realm, "bob_1.x").await.unwrap().unwrap().id;
    let expected = format!(r#"{{"uuid":"{id}","username":"Bob_1.x","scrobbles":[]}}"#);
    for name in ["Bob_1.x", "BOB_1.X", "%42ob_1.x", "bob_1.x/"] {
        for headers in [&[][..], &[("authorization", "nonsense")]] {
            let answer = server.send("GET", &format!("/api/v1/profile/{name}"), headers, "").await;
            assert_eq!(answer.says(), (200, expected.as_str()), "{name}");
            assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        }
    }
}

#[tokio::test]
async fn who_is_not_there_or_disabled_is_an_invalid_name() {
    let server = Server::start().await;
    server.register("bob", "password-1").await;
    let id = server.accounts.find(&server.mount.policy().realm, "bob").await.unwrap().unwrap().id;
    let long = "x".repeat(10_000);
    for name in ["nobody", "bob@test.com", id.as_str(), "%00", "bob%00", "bob%0A", "%", "*", "%25", &long] {
        let answer = server.send("GET", &format!("/api/v1/profile/{name}"), &[], "").await;
        assert_eq!(answer.says(), (200, error("Invalid Username").as_str()), "{name:.20}");
    }
    server.accounts.disable(&server.mount.policy().realm, "bob").await.unwrap();
    let answer = server.send("GET", "/api/v1/profile/bob", &[], "").await;
    assert_eq!(answer.says(), (200, error("Invalid Username").as_str()));
}
