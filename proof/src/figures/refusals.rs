//! D9: what was refused before a restart is refused after it.

use defects::Defect;
use harness::actors::{Enrolled, GoScrobble, Tokens, WolfPal};
use harness::people::{PASSWORD, address_of};
use harness::process::{Options, TesseraProcess};
use harness::server::Server;
use harness::totp;

use crate::Problem;
use crate::cast::{account, reset_token, session};
use crate::figure::{BOTH, Control, Counted, Figure, Outcome};
use crate::stage::Stage;

pub(crate) const FIGURE: Figure = Figure {
    id: "D9",
    title: "memory of refusals across restarts",
    goal: "accepted 0; guesses gained by restarting 0",
    about: "Before the end an access token is rotated away, another session signed out, a reset token, a code of an \
            authenticator and a backup code used, and an account locked by wrong passwords. Then the server stops or is \
            killed, in turn, is started again, and is shown all of it at once; the locked account its right password.",
    trials: "presentations after a restart",
    small: 42,
    full: 10_000,
    engines: BOTH,
    run,
    controls: &[
        Control { defect: Defect::FloorsForgotten, engines: BOTH, within: 14 },
        Control { defect: Defect::TriesInMemory, engines: BOTH, within: 14 },
        Control { defect: Defect::CodesForgotten, engines: BOTH, within: 14 },
    ],
};

/// People in one round between two starts, and what each of them presents.
const PEOPLE: usize = 5;
const PRESENTED: usize = 7;

fn lockable(options: Options) -> Options {
    options
        .env("TESSERA_THROTTLE__PER_ACCOUNT", "5 then 1 per 16m")
        .env("TESSERA_THROTTLE__PER_KNOWN_PLACE", "off")
}

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let mut server = TesseraProcess::start(lockable(stage.options()));
    let mut counted = Counted::default();
    for round in 0..stage.trials.div_ceil(PEOPLE * PRESENTED).max(2) {
        let mut spent = (0..PEOPLE).map(|_| Spent::by(&server)).collect::<Result<Vec<_>, _>>()?;
        if round % 2 == 0 {
            server.kill9();
        }
        server.restart();
        for person in &mut spent {
            for accepted in person.presented(&server) {
                counted.trial(accepted.into_iter().collect());
            }
        }
        if !stage.goes_on(counted.failures) {
            break;
        }
    }
    Ok(Outcome::Counted(counted))
}

/// What somebody has used up.
struct Spent {
    locked: String,
    guarded: String,
    enrolled: Enrolled,
    code: String,
    rotated: Tokens,
    signed_out: Tokens,
    reset: String,
}

impl Spent {
    fn by(server: &TesseraProcess) -> Result<Self, Problem> {
        let at = server.address();
        let mut wolfpal = WolfPal::at(at);
        let (locked, guarded, forgetful) = (account(server)?, account(server)?, account(server)?);
        let reset = reset_token(std::slice::from_ref(server), &forgetful)?;
        let _ = GoScrobble::at(at).reset_password(&reset, "correct horse 2").expect_status(200);
        let rotated = wolfpal.sign_in(&address_of(&forgetful), "correct horse 2");
        let _ = wolfpal.refresh(&rotated.refresh);
        let signed_out = session(server, &locked);
        let _ = wolfpal.sign_out(&signed_out.access).expect_status(200);
        while wolfpal.try_sign_in(&address_of(&locked), "wrong horse 9").status != 429 {}
        let tokens = session(server, &guarded);
        let now = server.totp_now();
        let enrolled = wolfpal.enrol_totp(&tokens.access, now);
        let code = totp::code_at(&enrolled.secret, now);
        for used in [&code, &enrolled.backup_codes[0]] {
            let ticket = ticket(&mut wolfpal, &guarded);
            let _ = wolfpal.second_step(&ticket, used).expect_status(200);
        }
        Ok(Self { locked, guarded, enrolled, code, rotated, signed_out, reset })
    }

    /// Shows everything; what was accepted of it.
    fn presented(&mut self, server: &TesseraProcess) -> [Option<String>; PRESENTED] {
        let mut wolfpal = WolfPal::at(server.address());
        let right = wolfpal.try_sign_in(&address_of(&self.locked), PASSWORD);
        let mut step = |code: &str| {
            let ticket = ticket(&mut wolfpal, &self.guarded);
            wolfpal.second_step(&ticket, code).status == 200
        };
        let (code, backup) = (step(&self.code), step(&self.enrolled.backup_codes[0]));
        let reset = GoScrobble::at(server.address()).reset_password(&self.reset, "yet another horse");
        [
            ("a locked account", right.status != 429),
            ("an authenticator's code", code),
            ("a backup code", backup),
            ("an access token that was rotated away", wolfpal.believes(&self.rotated.access)),
            ("an access token that was signed out", wolfpal.believes(&self.signed_out.access)),
            (
                "a refresh token that was signed out",
                wolfpal.try_refresh(&self.signed_out.refresh).status == 200,
            ),
            ("a reset token", reset.text() != r#"{"error":"Invalid Token"}"#),
        ]
        .map(|(what, accepted)| accepted.then(|| format!("{what} was accepted after a restart")))
    }
}

fn ticket(wolfpal: &mut WolfPal, name: &str) -> String {
    wolfpal.try_sign_in(&address_of(name), PASSWORD).expect_status(200).field("token")
}
