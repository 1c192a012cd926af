//! S17: from the acknowledgement of an end to the first refusal, on one server.

use defects::Defect;
use harness::actors::{Argon, Tokens, WolfPal};
use harness::http::{Client, Request};
use harness::people::{PASSWORD, address_of};
use harness::process::TesseraProcess;

use crate::Problem;
use crate::cast::{account, administrator, id_of};
use crate::figure::{BOTH, Control, Counted, Figure, Outcome};
use crate::race::with_racers;
use crate::stage::Stage;

pub(crate) const FIGURE: Figure = Figure {
    id: "S17",
    title: "revocation on one server",
    goal: "requests accepted after the acknowledgement 0",
    about: "A session ends by signing out, a new password, or an administrator who deletes the account. As soon \
            as the answer is there, eight clients with open connections show the \
            access token, and then the refresh token, at once. Other servers of an installation follow within a \
            second, which is measured elsewhere.",
    trials: "revocations",
    small: 60,
    full: 2_000,
    engines: BOTH,
    run,
    controls: &[Control { defect: Defect::FloorsLate, engines: BOTH, within: 10 }],
};

const CLIENTS: usize = 8;

#[derive(Clone, Copy)]
enum End {
    SignOut,
    NewPassword,
    Deleted,
}

const ENDS: [End; 3] = [End::SignOut, End::NewPassword, End::Deleted];

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let server = TesseraProcess::start(stage.options());
    let boss = administrator(&server)?;
    let boss = Argon::at(server.address()).sign_in(&boss, PASSWORD);
    let mut counted = Counted::default();
    with_racers(&[server.address()], CLIENTS, |racers| {
        let mut person = Person::new(&server)?;
        for number in 0..stage.trials {
            let end = ENDS[number % ENDS.len()];
            let tokens = person.revoked(&server, &boss, end)?;
            let shown = Request::new("GET", "/api/account").bearer(&tokens.access);
            let mut broken = Vec::new();
            for request in [shown, crate::cast::refresh(&tokens.refresh)] {
                for answer in racers.race(vec![request; CLIENTS]) {
                    let answer = answer?;
                    broken
                        .extend((answer.status != 401).then(|| format!("accepted after the end: {answer}")));
                }
            }
            counted.trial(broken);
            if let End::Deleted = end {
                person = Person::new(&server)?;
            }
            if !stage.goes_on(counted.failures) {
                break;
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Counted(counted))
}

struct Person {
    name: String,
    id: String,
    passwords: usize,
}

impl Person {
    fn new(server: &TesseraProcess) -> Result<Self, Problem> {
        let name = account(server)?;
        Ok(Self { id: id_of(server, &name)?, name, passwords: 0 })
    }

    fn password(&self) -> String {
        if self.passwords == 0 { PASSWORD.to_owned() } else { format!("{PASSWORD} {}", self.passwords) }
    }

    /// The tokens of a session that has just ended, and the answer said so.
    fn revoked(&mut self, server: &TesseraProcess, boss: &str, end: End) -> Result<Tokens, Problem> {
        let at = server.address();
        let tokens = WolfPal::at(at).sign_in(&address_of(&self.name), &self.password());
        let argon = Argon::at(at).sign_in(&self.name, &self.password());
        match end {
            End::SignOut => {
                let _ = WolfPal::at(at).sign_out(&tokens.access).expect_status(200);
            }
            End::NewPassword => {
                let before = self.password();
                self.passwords += 1;
                let changed = Argon::at(at).change_password(&argon, &before, &self.password());
                let _ = changed.expect_status(200);
            }
            End::Deleted => {
                let request = Request::new("DELETE", &format!("/api/users/{}", self.id)).bearer(boss);
                let _ = Client::new(at).send(&request)?.expect_status(200);
            }
        }
        Ok(tokens)
    }
}
