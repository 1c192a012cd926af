//! Melon's client library (melon.md 4).

use harness::http::Answer;
use harness::process::TesseraProcess;

use super::{Surfer, text};
use crate::stand::{PASSWORD, administrator, server, unique};

/// The library, which sends these headers and, once it has one, its token every time.
fn library(server: &TesseraProcess) -> Surfer {
    Surfer::new(server, &[("Accept", "application/json"), ("User-Agent", "MelonLib/1.0")])
}

/// The body without any quotes, which is how the library reads texts.
#[track_caller]
fn bare(answer: Answer) -> String {
    answer.expect_status(200).text().replace('"', "")
}

#[track_caller]
fn sign_in(library: &mut Surfer, name: &str, password: &str) {
    let password = password.replace(' ', "%20");
    library.token = bare(library.get(&format!("/auth/login?username={name}&password={password}")));
}

/// Who it is; without a date that it can read the library gives up.
#[track_caller]
fn current(library: &mut Surfer) -> serde_json::Value {
    let user = library.get("/api/users/current").expect_status(200).json();
    let read = |name: &str| {
        let mut pairs = user.as_object().unwrap().iter();
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).unwrap_or_else(|| panic!("{name} in {user}")).1
    };
    assert!(read("type").is_string() && read("publicStats").is_boolean());
    assert!(read("lastLogin").as_str().unwrap().starts_with("20"), "{user}");
    user
}

#[test]
fn a_friend_is_invited_and_joins() {
    let server = server();
    let boss = administrator(&server, "host");
    let mut host = library(&server);
    // Is there a server? Any answer will do; many of them lock nobody out.
    for _ in 0..20 {
        assert!(host.get("/auth/login?username=NA&password=NA").status < 500);
    }
    sign_in(&mut host, &boss, PASSWORD);
    host.get("/check").expect_status(200);
    assert_eq!(current(&mut host)["type"], "Admin");
    // The library leaves the old token on when it signs in again, good or not.
    host.token.push_str("stale");
    sign_in(&mut host, &boss, PASSWORD);

    let code = bare(host.get("/auth/invite"));
    assert_eq!(code.len(), 4);
    let (name, mut friend) = (unique("friend"), library(&server));
    friend.token = bare(friend.get(&format!("/auth/code-authenticate?code={code}")));
    let password = PASSWORD.replace(' ', "%20");
    let create = format!("/api/users/create?username={name}&password={password}");
    let id = bare(friend.bare("POST", &create));
    assert_eq!(friend.bare("POST", &create).status, 401, "a Server token worked twice");
    assert_eq!(friend.get(&format!("/auth/code-authenticate?code={code}")).status, 401);
    sign_in(&mut friend, &name, PASSWORD);
    let user = current(&mut friend);
    assert_eq!((text(&user, "_id"), text(&user, "type")), (&*id, "User"));
    assert_eq!(friend.get("/auth/invite").status, 401);

    friend.bare("PATCH", &format!("/api/users/update?id={id}&bio=listens")).expect_status(200);
    assert_eq!(current(&mut friend)["bio"], "listens");
    let host_id = text(&current(&mut host), "_id").to_owned();
    friend.bare("POST", &format!("/api/users/add-friend?id={host_id}")).expect_status(200);
    assert_eq!(current(&mut friend)["friends"], serde_json::json!([host_id]));
    let found = host.get(&format!("/api/users/search?username={name}")).expect_status(200).json();
    assert_eq!(found.as_array().unwrap().len(), 1);

    friend
        .bare("PATCH", &format!("/api/users/change-password?id={id}&password=another-horse"))
        .expect_status(200);
    assert_eq!(friend.get("/check").status, 401);
    sign_in(&mut friend, &name, "another-horse");
    host.bare("POST", &format!("/api/users/delete?id={id}")).expect_status(200);
    assert_eq!(friend.get("/check").status, 401);
}
