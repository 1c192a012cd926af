//! S3: what counts once, used by many at once.

use defects::Defect;
use harness::actors::{Melon, WolfPal};
use harness::http::{Answer, Request};
use harness::people::{PASSWORD, address_of, unique};
use harness::process::TesseraProcess;
use harness::server::Server;
use harness::totp;
use serde_json::json;

use crate::Problem;
use crate::cast::{account, addresses, administrator, fleet, mailed, reset_token, session};
use crate::figure::{BOTH, Control, Counted, Figure, Outcome};
use crate::race::with_racers;
use crate::stage::Stage;

pub(crate) const FIGURE: Figure = Figure {
    id: "S3",
    title: "double spending of what counts once",
    goal: "exactly one winner in every trial, and every loser refused",
    about: "Sixteen clients use one thing at the same moment, on PostgreSQL half of them at a second server: a mailed \
            reset token, a mailed activation token, an invite code, the token that an invite code wins, a code of an \
            authenticator (each with a ticket of its own), a backup code, in turn.",
    trials: "races",
    small: 48,
    full: 10_000,
    engines: BOTH,
    run,
    controls: &[Control { defect: Defect::NoGuards, engines: BOTH, within: 60 }],
};

const USERS: usize = 16;

/// Requests that are one too many but for one, and how a winner's answer begins.
struct Spending {
    what: &'static str,
    requests: Vec<Request>,
    won: fn(&Answer) -> bool,
}

fn ok(answer: &Answer) -> bool {
    answer.status == 200
}

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let fleet = fleet(stage, |options| options);
    let first = &fleet[0];
    let boss = Melon::at(first.address()).sign_in(&administrator(first)?, PASSWORD);
    let mut counted = Counted::default();
    with_racers(&addresses(&fleet), USERS, |racers| {
        for number in 0..stage.trials {
            let Spending { what, requests, won } = spending(&fleet, &boss, number % 6)?;
            let answers = racers.race(requests).into_iter().collect::<Result<Vec<_>, _>>()?;
            let winners = answers.iter().filter(|answer| won(answer)).count();
            let failing = answers.iter().find(|answer| answer.status >= 500);
            let mut broken = Vec::new();
            broken.extend((winners != 1).then(|| format!("{what} had {winners} winners")));
            broken.extend(failing.map(|answer| format!("{what}: {answer}")));
            counted.trial(broken);
            if !stage.goes_on(counted.failures) {
                break;
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Counted(counted))
}

fn spending(fleet: &[TesseraProcess], boss: &str, kind: usize) -> Result<Spending, Problem> {
    let server = &fleet[0];
    let all = |request: &dyn Fn(usize) -> Request| (0..USERS).map(request).collect();
    Ok(match kind {
        0 => {
            let token = reset_token(fleet, &account(server)?)?;
            let request = |user: usize| {
                let fields = json!({ "token": token, "password": format!("{PASSWORD} {user}") });
                Request::new("POST", "/api/v1/resetpassword").json(&fields)
            };
            let won = |answer: &Answer| answer.json().get("message").is_some();
            Spending { what: "a reset token", requests: all(&request), won }
        }
        1 => {
            let token = activation_token(fleet)?;
            let request = |_| Request::new("PUT", &format!("/api/user/activate-account/{token}"));
            Spending { what: "an activation token", requests: all(&request), won: ok }
        }
        2 => {
            let code = Melon::at(server.address()).invite(boss);
            let request = |_| Request::new("GET", "/auth/code-authenticate").query(&[("code", &code)]);
            Spending { what: "an invite code", requests: all(&request), won: ok }
        }
        3 => {
            let mut melon = Melon::at(server.address());
            let code = melon.invite(boss);
            let token = melon.redeem(&code);
            let name = unique("guest");
            let request = |user: usize| {
                let fields = [("username", &*format!("{name}x{user}")), ("password", PASSWORD)];
                Request::new("POST", "/api/users/create").bearer(&token).query(&fields)
            };
            Spending { what: "the token of an invite", requests: all(&request), won: ok }
        }
        _ => second_step(server, kind == 4)?,
    })
}

/// One code with many tickets.
fn second_step(server: &TesseraProcess, of_authenticator: bool) -> Result<Spending, Problem> {
    let name = account(server)?;
    let mut wolfpal = WolfPal::at(server.address());
    let now = server.totp_now();
    let enrolled = wolfpal.enrol_totp(&session(server, &name).access, now);
    let (what, code) = match of_authenticator {
        true => ("a code of an authenticator", totp::code_at(&enrolled.secret, now)),
        false => ("a backup code", enrolled.backup_codes.first().cloned().unwrap_or_default()),
    };
    let requests = (0..USERS).map(|_| {
        let step = wolfpal.try_sign_in(&address_of(&name), PASSWORD).expect_status(200);
        let fields = json!({ "token": step.field("token"), "code": code });
        Request::new("POST", "/api/auth/two-factor").json(&fields)
    });
    Ok(Spending { what, requests: requests.collect(), won: ok })
}

fn activation_token(fleet: &[TesseraProcess]) -> Result<String, Problem> {
    let name = unique("newcomer");
    let address = address_of(&name);
    let registered = WolfPal::at(fleet[0].address()).register(&name, &address, PASSWORD);
    let _ = registered.expect_status(201);
    mailed(fleet, &address, "activate")
}
