//! One account through all contracts: what is done through one of them holds in the others.

use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::http::Answer;
use harness::json::Json;
use harness::jwt;
use harness::process::TesseraProcess;
use harness::server::Server;

use crate::stand::{
    Believed, Everywhere, PASSWORD, account, address_of, eventually, mailed, run, server, told, unique,
    wolfpal_believes,
};

const WRONG_IN_GOSCROBBLE: &str = r#"{"error":"Invalid Username or Password"}"#;

/// The answers of Argon, Melon and GoScrobble to a sign-in.
fn without_second_step(server: &TesseraProcess, name: &str, password: &str) -> [Answer; 3] {
    let at = server.address();
    let answers = [
        Argon::at(at).try_sign_in(name, password),
        Melon::at(at).try_sign_in(name, password),
        GoScrobble::at(at).try_sign_in(name, password),
    ];
    // The id of a request is the only thing that may differ between two answers.
    answers.map(|mut answer| {
        answer.headers.retain(|(header, _)| {
            !header.eq_ignore_ascii_case("x-request-id") && !header.eq_ignore_ascii_case("date")
        });
        answer
    })
}

/// A claim of a token as JSON text.
#[track_caller]
fn claim(token: &str, name: &str) -> String {
    let parts = jwt::parts(token).expect("a token");
    parts.claims.get(name).map(Json::to_string).unwrap_or_default()
}

#[test]
fn an_account_of_argon_signs_in_through_melon_and_goscrobble() {
    let server = server();
    let at = server.address();
    let name = unique("argonaut");
    let argon = Argon::at(at).register(&name, PASSWORD);
    let melon = Melon::at(at).sign_in(&name, PASSWORD);
    let goscrobble = GoScrobble::at(at).sign_in(&name, PASSWORD);
    assert_eq!(Argon::at(at).state(&argon).expect_status(200).field("username"), name);
    assert_eq!(Melon::at(at).check(&melon).status, 200);
    assert_eq!(claim(&goscrobble.access, "username"), format!("{name:?}"));
    let id = told(&server, &["account", "show", &name], "")["id"].to_string();
    assert_eq!(claim(&goscrobble.access, "sub"), id);
    let userdata = "http://schemas.microsoft.com/ws/2008/06/identity/claims/userdata";
    assert_eq!(claim(&melon, userdata), id);
    // One key: the same name in other letters, and in the compatibility letters of Unicode.
    assert_eq!(Melon::at(at).try_sign_in(&name.to_uppercase(), PASSWORD).status, 200);
    assert_eq!(Argon::at(at).try_register(&name.to_uppercase(), PASSWORD).status, 400);
    assert_eq!(Argon::at(at).try_register(&name.replace('a', "\u{ff41}"), PASSWORD).status, 400);
}

#[test]
fn an_account_of_wolfpal_signs_in_through_all_once_its_mail_is_confirmed() {
    let server = server();
    let at = server.address();
    let name = unique("wolf");
    let email = address_of(&name);
    WolfPal::at(at).register(&name, &email, PASSWORD).expect_status(201);
    let early = WolfPal::at(at).try_sign_in(&email, PASSWORD).expect_status(400);
    assert_eq!(early.field("code"), "PENDING_CONFIRMATION");
    // Whoever does not know the password does not learn that the address waits for its confirmation.
    let wrong = WolfPal::at(at).try_sign_in(&email, "another horse").expect_status(400);
    assert_eq!(wrong.field("code"), "INVALID_CREDENTIALS");
    let token = mailed(&server, &email, "activate");
    WolfPal::at(at).confirm(&token).expect_status(200);
    WolfPal::at(at).confirm(&token).expect_status(400);
    let mut tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    assert_eq!(tokens.believed(&server), Believed::ALL);
    GoScrobble::at(at).sign_in(&email.to_uppercase(), PASSWORD);
}

#[test]
fn a_permission_given_from_outside_is_seen_by_every_contract() {
    let mut server = server();
    let name = account(&server, "permitted");
    let mut before = Everywhere::sign_in(&server, &name, PASSWORD);
    server.permit(&name, "admin", true);
    let at = server.address();
    let state = Argon::at(at).state(&before.argon).expect_status(200);
    assert_eq!(state.json()["permissions"], serde_json::json!(["user", "admin"]));
    // Melon's and GoScrobble's tokens say the role, so those that say the old one have ended.
    let expected = Believed { melon: false, goscrobble_refresh: false, ..Believed::ALL };
    assert_eq!(before.believed(&server), expected);
    let after = Everywhere::sign_in(&server, &name, PASSWORD);
    assert_eq!(claim(&after.melon, "role"), r#""Admin""#);
    assert_eq!(claim(&after.goscrobble.access, "admin"), "true");
    assert_eq!(claim(&after.goscrobble.access, "mod"), "false");
    assert_eq!(Melon::at(at).try_invite(&after.melon).status, 200);
    server.permit(&name, "admin", false);
    assert_eq!(Melon::at(at).try_invite(&after.melon).status, 401);
    let state = Argon::at(at).state(&after.argon).expect_status(200);
    assert_eq!(state.json()["permissions"], serde_json::json!(["user"]));
}

#[test]
fn a_reset_through_goscrobble_ends_its_sessions_everywhere() {
    let server = server();
    let at = server.address();
    let (name, bystander) = (account(&server, "forgetful"), account(&server, "bystander"));
    let mut tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    let mut others = Everywhere::sign_in(&server, &bystander, PASSWORD);
    GoScrobble::at(at).send_reset(&address_of(&name)).expect_status(200);
    let reset = mailed(&server, &address_of(&name), "reset");
    let answer = GoScrobble::at(at).reset_password(&reset, "another horse 2").expect_status(200);
    assert_eq!(answer.field("message"), "Password updated successfully!");
    assert_eq!(tokens.believed(&server), Believed::NONE);
    assert_eq!(others.believed(&server), Believed::ALL);
    for answer in without_second_step(&server, &name, PASSWORD) {
        assert!(answer.status == 401 || answer.text() == WRONG_IN_GOSCROBBLE, "{answer}");
    }
    assert_eq!(Everywhere::sign_in(&server, &name, "another horse 2").believed(&server), Believed::ALL);
}

#[test]
fn a_password_changed_through_argon_ends_every_other_session() {
    let server = server();
    let name = account(&server, "changer");
    let mut tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    let mut argon = Argon::at(server.address());
    let earlier = tokens.argon.clone();
    let changed = argon.change_password(&earlier, PASSWORD, "another horse 2").expect_status(200);
    tokens.argon = changed.field("token");
    assert_eq!(tokens.believed(&server), Believed { argon: true, ..Believed::NONE });
    assert_eq!(argon.state(&earlier).status, 401);
}

#[test]
fn a_rename_through_argon_ends_the_tokens_that_say_the_name() {
    let server = server();
    let name = account(&server, "renamed");
    let mut tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    let mut argon = Argon::at(server.address());
    let new_name = unique("newname");
    let earlier = tokens.argon.clone();
    tokens.argon = argon.rename(&earlier, &new_name).expect_status(200).field("token");
    assert_eq!(
        tokens.believed(&server),
        Believed { melon: false, goscrobble_refresh: false, ..Believed::ALL }
    );
    // Whoever takes the name that became free does not inherit the tokens that say it (argon.md 6.2).
    let heir = argon.register(&name, PASSWORD);
    assert_eq!(argon.state(&earlier).status, 401);
    assert_eq!(argon.state(&heir).expect_status(200).field("username"), name);
    assert_eq!(argon.state(&tokens.argon).expect_status(200).field("username"), new_name);
}

#[test]
fn what_is_disabled_or_deleted_on_the_command_line_ends_on_the_running_server() {
    let server = server();
    let name = account(&server, "doomed");
    let mut tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    run(&server, &["account", "disable", &name], "");
    tokens.await_believed(&server, Believed::NONE);
    let wrong = without_second_step(&server, &name, "another horse");
    assert_eq!(without_second_step(&server, &name, PASSWORD), wrong, "a disabled account looks different");
    let refused = WolfPal::at(server.address()).try_sign_in(&address_of(&name), PASSWORD);
    assert_eq!(refused.expect_status(400).field("code"), "INVALID_CREDENTIALS");

    run(&server, &["account", "enable", &name], "");
    let mut again = Everywhere::sign_in(&server, &name, PASSWORD);
    again.await_believed(&server, Believed::ALL);
    // The server may have heard of neither command yet; once it has, enabling must not have brought sessions back.
    tokens.await_believed(&server, Believed::NONE);
    again.await_believed(&server, Believed::ALL);

    run(&server, &["account", "delete", &name], "");
    again.await_believed(&server, Believed::NONE);
    assert_eq!(without_second_step(&server, &name, PASSWORD), wrong, "a deleted account looks different");
    let heir = Argon::at(server.address()).register(&name, PASSWORD);
    assert_eq!(Argon::at(server.address()).state(&again.argon).status, 401);
    assert_eq!(Argon::at(server.address()).state(&heir).status, 200);
}

#[test]
fn a_session_or_all_of_them_end_by_the_command_line() {
    let server = server();
    let name = account(&server, "watched");
    let mut wolfpal = WolfPal::at(server.address());
    let one = wolfpal.sign_in(&address_of(&name), PASSWORD);
    let other = wolfpal.sign_in(&address_of(&name), PASSWORD);
    let sid = claim(&one.access, "sid").replace('"', "");
    run(&server, &["session", "end", &sid], "");
    eventually("the session has ended", || !wolfpal_believes(&server, &one.access));
    assert_eq!(wolfpal.try_refresh(&one.refresh).status, 401);
    assert!(wolfpal_believes(&server, &other.access));
    let listed = told(&server, &["session", "list", &name], "");
    let ended = listed.as_array().unwrap().iter().find(|session| session["id"] == *sid).unwrap();
    assert_eq!(ended["ended_reason"], "ended_by_administrator");

    run(&server, &["account", "set-password", &name], "another horse 2\n");
    eventually("a new password ends sessions", || !wolfpal_believes(&server, &other.access));
    Everywhere::sign_in(&server, &name, "another horse 2");
}

#[test]
fn a_second_factor_is_not_gone_around() {
    let server = server();
    let name = account(&server, "guarded");
    let mut tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    let mut wolfpal = WolfPal::at(server.address());
    let now = server.totp_now();
    let enrolled = wolfpal.enrol_totp(&tokens.wolfpal.access, now);
    let wrong = without_second_step(&server, &name, "another horse");
    assert_eq!(without_second_step(&server, &name, PASSWORD), wrong, "the right password looks different");
    let first = wolfpal.try_sign_in(&address_of(&name), PASSWORD).expect_status(200);
    let ticket = first.field("token");
    for (what, answer) in [
        ("a ticket is no access token of WolfPal", wolfpal.sign_out(&ticket)),
        ("nor of Argon", Argon::at(server.address()).state(&ticket)),
        ("nor of Melon", Melon::at(server.address()).check(&ticket)),
        ("nor a refresh token", wolfpal.try_refresh(&ticket)),
    ] {
        assert_eq!(answer.status, 401, "{what}:\n{answer}");
    }
    let code = harness::totp::code_at(&enrolled.secret, server.totp_now());
    wolfpal.second_step(&ticket, &code).expect_status(200);
    // What was signed in before goes on: its owner proved the code in one of these sessions.
    assert!(tokens.believed(&server).wolfpal);
}
