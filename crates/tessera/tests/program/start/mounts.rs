//! What can be set of a mount: who registers, whose accounts, at which host and path, and whether at all.

use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::http::{Answer, Request};
use harness::process::TesseraProcess;
use serde_json::json;

use crate::stand::{PASSWORD, account, address_of, administrator, cheap, run, unique, usernames};

fn ask(server: &TesseraProcess, request: &Request) -> Answer {
    server.client().send(request).unwrap()
}

#[test]
fn closed_registration_is_told_in_the_words_of_each_contract() {
    let server = TesseraProcess::start(cheap().unthrottled().settings("registration = \"closed\""));
    let at = server.address();
    let name = unique("late");
    let argon = Argon::at(at).try_register(&name, PASSWORD).expect_status(400);
    assert_eq!(argon.text(), r#"{"error":"Registration is currently disabled"}"#);
    let wolfpal = WolfPal::at(at).register(&name, &address_of(&name), PASSWORD).expect_status(409);
    assert_eq!(wolfpal.field("code"), "REGISTRATION_DISABLED");
    let goscrobble = GoScrobble::at(at).register(&name, &address_of(&name), PASSWORD).expect_status(200);
    assert_eq!(goscrobble.text(), r#"{"error":"Registration is currently disabled"}"#);
    let info = ask(&server, &Request::new("GET", "/api/v1/serverinfo")).expect_status(200);
    assert_eq!(info.field("registration_enabled"), "0");
    let boss = administrator(&server, "boss");
    let token = Melon::at(at).sign_in(&boss, PASSWORD);
    assert!(matches!(Melon::at(at).try_invite(&token).status, 401 | 403));
    assert_eq!(usernames(&server), [boss], "somebody registered");
    // An administrator of the machine still makes accounts.
    Argon::at(at).sign_in(&account(&server, "made"), PASSWORD);
}

#[test]
fn who_may_register_can_differ_between_mounts() {
    let settings = "registration = \"invite\"\n[mounts.goscrobble]\nregistration = \"open\"";
    let server = TesseraProcess::start(cheap().unthrottled().settings(settings));
    let at = server.address();
    let name = unique("guest");
    assert_eq!(Argon::at(at).try_register(&name, PASSWORD).status, 400);
    assert_eq!(WolfPal::at(at).register(&name, &address_of(&name), PASSWORD).status, 409);
    let mut melon = Melon::at(at);
    let boss = melon.sign_in(&administrator(&server, "boss"), PASSWORD);
    let code = melon.invite(&boss);
    let token = melon.redeem(&code);
    melon.create(&token, &name, PASSWORD);
    Argon::at(at).sign_in(&name, PASSWORD);
    let open = unique("open");
    GoScrobble::at(at).register(&open, &address_of(&open), PASSWORD).expect_status(200);
    GoScrobble::at(at).sign_in(&open, PASSWORD);
    let info = ask(&server, &Request::new("GET", "/api/v1/serverinfo")).expect_status(200);
    assert_eq!(info.field("registration_enabled"), "1");
}

#[test]
fn realms_do_not_see_each_others_accounts() {
    let server = TesseraProcess::start(cheap().unthrottled().settings("[mounts.melon]\nrealm = \"music\""));
    let at = server.address();
    let name = account(&server, "both");
    assert_eq!(Melon::at(at).try_sign_in(&name, PASSWORD).status, 401);
    let in_music = ["--realm", "music"];
    let create = ["account", "create", "--username", &name, "--permission", "admin"];
    run(&server, &[&create[..], &in_music].concat(), "another horse 2\n");
    let music = Melon::at(at).sign_in(&name, "another horse 2");
    assert_eq!(Melon::at(at).try_sign_in(&name, PASSWORD).status, 401);
    let argon = Argon::at(at).sign_in(&name, PASSWORD);
    assert_eq!(Argon::at(at).try_sign_in(&name, "another horse 2").status, 401);
    // Permissions, and what ends sessions, stay in their realm too.
    let state = Argon::at(at).state(&argon).expect_status(200).json();
    assert_eq!(state["permissions"], json!(["user"]));
    let code = Melon::at(at).invite(&music);
    let token = Melon::at(at).redeem(&code);
    let guest = unique("guest");
    Melon::at(at).create(&token, &guest, PASSWORD);
    assert_eq!(usernames(&server), [name.as_str()]);
    run(&server, &["account", "delete", &name], "");
    crate::stand::eventually("the token has ended", || Argon::at(at).state(&argon).status == 401);
    assert_eq!(Melon::at(at).check(&music).status, 200, "another realm's account fell with it");
}

#[test]
fn a_mount_with_a_host_answers_there_alone() {
    let settings = "[mounts.goscrobble]\nhost = \"scrobble.example.com\"";
    let server = TesseraProcess::start(cheap().unthrottled().settings(settings));
    let name = account(&server, "hosted");
    let fields = json!({ "username": name, "password": PASSWORD });
    let sign_in =
        |path: &str, host: &str| ask(&server, &Request::new("POST", path).header("Host", host).json(&fields));
    for host in ["scrobble.example.com", "Scrobble.Example.com", "scrobble.example.com:3000"] {
        assert!(sign_in("/api/v1/login", host).expect_status(200).json()["token"].is_string(), "{host}");
        assert_eq!(sign_in("/api/auth/login", host).status, 404, "{host}");
    }
    for host in
        ["elsewhere.example.com", "127.0.0.1", "scrobble.example.com.evil.example", "scrobble.example.com@x"]
    {
        assert_eq!(sign_in("/api/v1/login", host).status, 404, "{host}");
        assert!(sign_in("/api/auth/login", host).expect_status(200).json()["token"].is_string(), "{host}");
    }
}

#[test]
fn a_mount_with_a_prefix_answers_under_it() {
    let settings = "[mounts.argon]\nprefix = \"/panel\"\n[mounts.goscrobble]\nprefix = \"/scrobble/music\"";
    let server = TesseraProcess::start(cheap().unthrottled().settings(settings));
    let name = account(&server, "prefixed");
    let fields = json!({ "username": name, "password": PASSWORD });
    let sign_in = |path: &str| ask(&server, &Request::new("POST", path).json(&fields));
    let token = sign_in("/panel/api/auth/login").expect_status(200).field("token");
    let state = |path: &str| ask(&server, &Request::new("GET", path).bearer(&token)).status;
    assert_eq!(state("/panel/api/auth/state"), 200);
    assert_eq!(state("/api/auth/state"), 404);
    assert_eq!(state("/panel"), 404);
    assert!(sign_in("/scrobble/music/api/v1/login").expect_status(200).json()["token"].is_string());
    assert_eq!(sign_in("/scrobble/api/v1/login").status, 404);
    assert_eq!(sign_in("/api/v1/login").status, 404);
    // Without Argon beside it the shared path is WolfPal's alone, whatever the body.
    let shared = sign_in("/api/auth/login").expect_status(400);
    assert!(shared.json()["codes"].is_object(), "{shared}");
    assert_eq!(Melon::at(server.address()).try_sign_in(&name, PASSWORD).status, 200);
}

#[test]
fn a_mount_that_is_off_is_not_there() {
    let settings = "[mounts.wolfpal]\nenabled = false\n[mounts.melon]\nenabled = false";
    let server = TesseraProcess::start(cheap().unthrottled().settings(settings));
    for (method, path) in [("POST", "/auth/login"), ("GET", "/auth/check"), ("POST", "/api/auth/refresh")] {
        assert_eq!(ask(&server, &Request::new(method, path)).status, 404, "{path}");
    }
    Argon::at(server.address()).register(&unique("alone"), PASSWORD);
    let told = ask(&server, &Request::new("GET", "/").header("Accept", "application/json")).json();
    let names: Vec<_> =
        told["contracts"].as_array().unwrap().iter().map(|contract| &contract["name"]).collect();
    assert_eq!(names, ["argon", "goscrobble"]);
}
