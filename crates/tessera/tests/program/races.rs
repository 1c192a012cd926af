//! Many at once: of any number who use one thing that counts once, one wins, wherever they ask.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Barrier;
use std::thread;

use harness::actors::{Argon, Enrolled, GoScrobble, GoScrobbleTokens, Melon, Tokens, WolfPal};
use harness::http::Answer;
use harness::server::Server;
use harness::totp;

use crate::place::{Place, place};
use crate::stand::{
    PASSWORD, account, address_of, administrator, mailed, mailed_after, told, unique, usernames,
};

const AT_ONCE: usize = 16;
const ROUNDS: usize = 25;

/// Does one thing in many threads that begin together. Each has said hello on its own connection before.
fn race<A: Sync, T: Send>(
    server: &Place,
    actor: impl Fn(SocketAddr) -> A + Sync,
    hello: impl Fn(&mut A) + Sync,
    act: impl Fn(&mut A, usize) -> T + Sync,
) -> Vec<T> {
    let together = Barrier::new(AT_ONCE);
    let run = |number: usize| {
        let mut actor = actor(server.turn(number));
        hello(&mut actor);
        together.wait();
        act(&mut actor, number)
    };
    let run = &run;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|number| scope.spawn(move || run(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn as_wolfpal<T: Send>(server: &Place, act: impl Fn(&mut WolfPal, usize) -> T + Sync) -> Vec<T> {
    race(server, WolfPal::at, |actor| drop(actor.sign_out("nobody")), act)
}

fn as_goscrobble<T: Send>(server: &Place, act: impl Fn(&mut GoScrobble, usize) -> T + Sync) -> Vec<T> {
    race(server, GoScrobble::at, |actor| drop(actor.try_refresh("nobody")), act)
}

fn as_melon<T: Send>(server: &Place, act: impl Fn(&mut Melon, usize) -> T + Sync) -> Vec<T> {
    race(server, Melon::at, |actor| drop(actor.check("nobody")), act)
}

/// The only success of a race; every other answer must have this status.
#[track_caller]
fn only(
    answers: Vec<Answer>,
    won: impl Fn(&Answer) -> bool,
    lost: impl Fn(&Answer) -> bool,
) -> (usize, Answer) {
    let (winners, losers): (Vec<_>, Vec<_>) =
        answers.into_iter().enumerate().partition(|(_, answer)| won(answer));
    for (_, loser) in &losers {
        assert!(lost(loser), "neither won nor lost: {loser}");
    }
    assert_eq!(winners.len(), 1, "{} of {AT_ONCE} won", winners.len());
    winners.into_iter().next().unwrap()
}

fn ok(answer: &Answer) -> bool {
    answer.status == 200
}

#[test]
fn a_refresh_token_has_one_successor() {
    let server = place();
    let name = account(&server, "refresher");
    let mut tokens = WolfPal::at(server.address()).sign_in(&address_of(&name), PASSWORD);
    let mut letters = GoScrobble::at(server.address()).sign_in(&name, PASSWORD);
    for _ in 0..ROUNDS {
        // Within the grace everybody gets the same successor: two tabs sign nobody out.
        let pairs = as_wolfpal(&server, |actor, _| actor.try_refresh(&tokens.refresh));
        let pairs: BTreeSet<_> =
            pairs.into_iter().map(Tokens::of).map(|new| (new.access, new.refresh)).collect();
        assert_eq!(pairs.len(), 1, "one refresh token began {} lineages", pairs.len());
        let (access, refresh) = pairs.into_iter().next().unwrap();
        tokens = Tokens { access, refresh };
        let pairs = as_goscrobble(&server, |actor, _| actor.try_refresh(&letters.refresh));
        let pairs: BTreeSet<_> =
            pairs.into_iter().map(GoScrobbleTokens::of).map(|new| (new.access, new.refresh)).collect();
        assert_eq!(pairs.len(), 1, "one refresh token began {} lineages", pairs.len());
        let (access, refresh) = pairs.into_iter().next().unwrap();
        letters = GoScrobbleTokens { access, refresh };
    }
    let sessions = told(&server, &["session", "list", &name], "");
    assert_eq!(sessions.as_array().unwrap().len(), 2, "refreshing opened sessions");
    assert!(sessions.as_array().unwrap().iter().all(|session| session["ended_at"].is_null()));
}

#[test]
fn an_invite_code_is_redeemed_once_and_its_token_makes_one_account() {
    let server = place();
    let boss = administrator(&server, "boss");
    let mut melon = Melon::at(server.address());
    let boss = melon.sign_in(&boss, PASSWORD);
    let before = usernames(&server).len();
    for round in 1..=ROUNDS {
        let code = melon.invite(&boss);
        let answers = as_melon(&server, |actor, _| actor.try_redeem(&code));
        let (_, won) = only(answers, ok, |lost| lost.status == 401);
        let token = won.text().replace('"', "");
        let prefix = unique("guest");
        let create =
            |actor: &mut Melon, number| actor.try_create(&token, &format!("{prefix}x{number}"), PASSWORD);
        only(as_melon(&server, create), ok, |lost| lost.status == 401);
        let made = usernames(&server).into_iter().filter(|name| name.starts_with(&format!("{prefix}x")));
        assert_eq!(made.count(), 1, "one Server token made several accounts");
        assert_eq!(usernames(&server).len(), before + round);
    }
}

#[test]
fn a_reset_token_sets_one_password() {
    let server = place();
    let name = account(&server, "forgetful");
    let mut actor = GoScrobble::at(server.address());
    let mut last = String::new();
    for round in 0..ROUNDS {
        actor.send_reset(&address_of(&name)).expect_status(200);
        let token = mailed_after(&last, &server, &address_of(&name), "reset");
        let password = |number: usize| format!("horse {round} of {number}");
        let answers = as_goscrobble(&server, |actor, number| actor.reset_password(&token, &password(number)));
        let won = |answer: &Answer| answer.json().get("message").is_some();
        let (winner, _) = only(answers, won, |lost| lost.text() == r#"{"error":"Invalid Token"}"#);
        actor.sign_in(&name, &password(winner));
        let loser = actor.try_sign_in(&name, &password((winner + 1) % AT_ONCE));
        assert_eq!(loser.text(), r#"{"error":"Invalid Username or Password"}"#);
        last = token;
    }
}

#[test]
fn an_activation_token_counts_once() {
    let server = place();
    let mut actor = WolfPal::at(server.address());
    for _ in 0..ROUNDS {
        let name = unique("newcomer");
        actor.register(&name, &address_of(&name), PASSWORD).expect_status(201);
        let token = mailed(&server, &address_of(&name), "activate");
        let answers = as_wolfpal(&server, |actor, _| actor.confirm(&token));
        only(answers, ok, |lost| lost.status == 400 && lost.field("code") == "EXPIRED_OR_ALREADY_USED");
        actor.sign_in(&address_of(&name), PASSWORD);
    }
}

#[test]
fn a_name_is_registered_once_whatever_the_contract_and_spelling() {
    let server = place();
    for _ in 0..ROUNDS {
        let name = unique("wanted");
        let spelling =
            |number: usize| if number.is_multiple_of(2) { name.clone() } else { name.to_uppercase() };
        let register = |address: &mut SocketAddr, number: usize| {
            let (name, email) = (spelling(number), address_of(&format!("{name}x{number}")));
            match number % 3 {
                0 => Argon::at(*address).try_register(&name, PASSWORD),
                1 => WolfPal::at(*address).register(&name, &email, PASSWORD),
                _ => GoScrobble::at(*address).register(&name, &email, PASSWORD),
            }
        };
        let answers = race(&server, |address| address, |_| (), register);
        let refused = |answer: &Answer| answer.status >= 400 || answer.text().contains("already exists");
        only(answers, |answer| !refused(answer), refused);
        let same = usernames(&server).into_iter().filter(|other| other.eq_ignore_ascii_case(&name));
        assert_eq!(same.count(), 1);
    }
}

/// An account with a second factor.
fn enrolled(server: &Place) -> (String, Enrolled) {
    let name = account(server, "guarded");
    let mut actor = WolfPal::at(server.address());
    let tokens = actor.sign_in(&address_of(&name), PASSWORD);
    let enrolled = actor.enrol_totp(&tokens.access, server.totp_now());
    (name, enrolled)
}

/// Tickets of first steps, one for each thread.
fn tickets(server: &Place, name: &str) -> Vec<String> {
    let mut actor = WolfPal::at(server.address());
    let step = |_| actor.try_sign_in(&address_of(name), PASSWORD).expect_status(200).field("token");
    (0..AT_ONCE).map(step).collect()
}

fn step_refused(answer: &Answer) -> bool {
    let expected = [(401, "INVALID_TWO_FACTOR_CODE"), (400, "INVALID_TWO_FACTOR_TOKEN")];
    expected.contains(&(answer.status, &*answer.field("code")))
}

#[test]
fn a_code_of_the_authenticator_counts_once() {
    let server = place();
    for _ in 0..ROUNDS {
        let (name, enrolled) = enrolled(&server);
        let tickets = tickets(&server, &name);
        let code = totp::code_at(&enrolled.secret, server.totp_now());
        let answers = as_wolfpal(&server, |actor, number| actor.second_step(&tickets[number], &code));
        only(answers, ok, step_refused);
    }
}

#[test]
fn a_backup_code_and_a_ticket_count_once() {
    let server = place();
    for _ in 0..ROUNDS.div_ceil(3) {
        let (name, enrolled) = enrolled(&server);
        let (shared, own) = enrolled.backup_codes.split_at(2);
        for code in shared {
            let tickets = tickets(&server, &name);
            let answers = as_wolfpal(&server, |actor, number| actor.second_step(&tickets[number], code));
            only(answers, ok, step_refused);
        }
        // One ticket with two good codes opens one session.
        let ticket = &tickets(&server, &name)[0];
        let codes = |number: usize| own.get(number).map_or("00000000", String::as_str);
        let answers = as_wolfpal(&server, |actor, number| actor.second_step(ticket, codes(number)));
        let sessions = answers.iter().filter(|answer| ok(answer)).count();
        // Five tries are all that a ticket has: the good codes may come too late.
        assert!(sessions <= 1, "one ticket opened {sessions} sessions");
        assert!(answers.iter().filter(|answer| !ok(answer)).all(step_refused));
    }
}
