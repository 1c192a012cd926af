//! Case, slashes, parameters.

use super::toys::{ask, request, send, service};

async fn says(method: &str, target: &str) -> String {
    let answer = ask(method, target).await;
    if answer.status == 200 { answer.body } else { answer.status.to_string() }
}

#[tokio::test]
async fn shared_paths_match_in_any_case_with_one_slash() {
    let table = [
        ("GET", "/api/auth/state", "red /api/auth/state"),
        ("GET", "/API/Auth/STATE", "red /api/auth/state"),
        ("GET", "/api/auth/state/", "red /api/auth/state"),
        ("GET", "/Api/auth/state/?a=B%20c", "red /api/auth/state ?a=B%20c"),
        ("GET", "/api/auth/state//", "404"),
        ("GET", "/api//auth/state", "404"),
        ("GET", "//api/auth/state", "404"),
        ("GET", "/api/auth/%73tate", "404"),
        ("GET", "/api/auth/state%2F", "404"),
        ("POST", "/user/FORGOT-password/", "blue /user/forgot-password"),
        ("GET", "/Auth/Login?Username=A", "green /auth/login ?Username=A"),
    ];
    for (method, target, said) in table {
        assert_eq!(says(method, target).await, said, "{method} {target}");
    }
}

#[tokio::test]
async fn parameters_arrive_as_sent_decoded_once() {
    let table = [
        ("/user/activate-account/AbC-_9", "[AbC-_9]"),
        ("/USER/Activate-Account/AbC-_9/", "[AbC-_9]"),
        ("/user/activate-account/a%2Fb", "[a/b]"),
        ("/User/activate-account/a%2Fb", "[a/b]"),
        ("/user/activate-account/%2541", "[%41]"),
        ("/User/activate-account/%2541/", "[%41]"),
        ("/user/activate-account/%zz", "[%zz]"),
        ("/user/activate-account/a+b", "[a+b]"),
        ("/user/activate-account/RESEND", "[RESEND]"),
    ];
    for (target, parameter) in table {
        let said = says("PUT", target).await;
        assert_eq!(said, format!("blue /user/activate-account/{{token}} {parameter}"), "{target}");
    }
}

#[tokio::test]
async fn fixed_segments_beat_parameters_where_they_have_the_method() {
    let table = [
        ("GET", "/api/users/current", "green /api/users/current"),
        ("GET", "/api/users/CURRENT/", "green /api/users/current"),
        ("GET", "/api/users/Someone", "red /api/users/{id} [Someone]"),
        ("GET", "/api/users/current/keys", "red /api/users/{id}/keys [current]"),
        ("GET", "/api/users//keys", "404"),
        ("GET", "/api/users/", "red /api/users"),
        ("PATCH", "/api/users/change-password?id=1", "green /api/users/change-password ?id=1"),
        ("PATCH", "/api/users/current", "red /api/users/{id} [current]"),
        ("DELETE", "/api/users/Current", "red /api/users/{id} [Current]"),
        ("GET", "/api/users/create", "red /api/users/{id} [create]"),
        ("POST", "/api/users/create/", "green /api/users/create"),
        ("POST", "/api/users/other", "405"),
    ];
    for (method, target, said) in table {
        assert_eq!(says(method, target).await, said, "{method} {target}");
    }
}

#[tokio::test]
async fn nothing_is_ever_redirected() {
    let service = service();
    let targets =
        ["/AUTH/login/", "/api/v1/login/", "/api/auth//login", "/api/v1//login", "/auth/./login", "//"];
    for target in targets {
        for method in ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"] {
            let answer = send(&service, request(method, target, "")).await;
            assert!(!(300..400).contains(&answer.status), "{method} {target}");
            assert_eq!(answer.header("location"), "");
        }
    }
}
