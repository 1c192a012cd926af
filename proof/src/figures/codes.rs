//! S7: how many codes of a second factor are looked at once somebody has the password, and which are right.

use defects::Defect;
use harness::actors::{Argon, Enrolled, GoScrobble, Melon, WolfPal};
use harness::http::{Answer, Request};
use harness::people::{PASSWORD, address_of};
use harness::process::TesseraProcess;
use harness::server::Server;
use harness::totp;
use serde_json::json;

use crate::Problem;
use crate::cast::{account, arrived, session};
use crate::figure::{BOTH, Control, Counted, Figure, Measure, Outcome};
use crate::race::{Racers, with_racers};
use crate::stage::Stage;

pub(crate) const FIGURE: Figure = Figure {
    id: "S7",
    title: "guesses at codes of a second factor",
    goal: "at most 10 wrong codes of an account looked at at once and one more in 3 hours, whatever the sign-in, the \
           session and the owner's own successes; the codes of this step and the one before accepted, once each, and \
           no others; no other way in; the owner told",
    about: "Under the limit that is the default. A second factor is enrolled with the code of the step before; those \
            of the steps around are tried, the present one twice. Then sixteen clients who know the password guess at \
            once, four times over, twelve of them with a new sign-in for each guess and four who have a session try \
            to take the factor off. What is not answered as held up was looked at. The other three contracts, which \
            cannot ask for a code, are tried with the password alone. That a day of this comes to 18 is shown under a \
            clock that is moved by hand, in the tests of accounts: 18 guesses at two codes of a million succeed in 3.6 \
            of 100,000 accounts.",
    trials: "accounts under siege",
    small: 2,
    full: 200,
    engines: BOTH,
    run,
    controls: &[
        Control { defect: Defect::CodesUncounted, engines: BOTH, within: 1 },
        Control { defect: Defect::CodesForgotten, engines: BOTH, within: 1 },
    ],
};

const GUESSERS: usize = 16;
const WITH_A_SESSION: usize = 4;
const ROUNDS: usize = 4;
const AT_ONCE: usize = 10;

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let options = stage.options().env("TESSERA_THROTTLE__SECOND_FACTOR", "10 then 1 per 3h");
    let server = TesseraProcess::start(options);
    let mut counted = Counted::default();
    let mut most = 0;
    with_racers(&[server.address()], GUESSERS, |racers| {
        for _ in 0..stage.trials {
            let (wrong, broken) = siege(&server, racers)?;
            most = most.max(wrong);
            counted.trial(broken);
            if !stage.goes_on(counted.failures) {
                break;
            }
        }
        Ok(())
    })?;
    let most = f64::from(u32::try_from(most)?);
    Ok(Outcome::Counted(counted.measured(Measure::of("most wrong codes looked at", most, "codes"))))
}

/// How many wrong codes of a new account were looked at, and what did not hold.
fn siege(server: &TesseraProcess, racers: &Racers) -> Result<(usize, Vec<String>), Problem> {
    let (person, now, mut broken) = loop {
        let now = server.totp_now();
        let person = Person::new(server, now)?;
        let broken = person.steps(server, now);
        // What was tried in two steps says nothing of either.
        if server.totp_now().div_euclid(totp::STEP_SECONDS) == now.div_euclid(totp::STEP_SECONDS) {
            break (person, now, broken);
        }
    };
    let mut wrong = WRONG_STEPS;
    for round in 0..ROUNDS {
        let guesses = (0..GUESSERS).map(|guesser| person.guess(server, guesser, now, round));
        let answers = racers.race(guesses.collect()).into_iter().collect::<Result<Vec<_>, _>>()?;
        wrong += answers.iter().filter(|answer| answer.status != 429).count();
        let strange = answers.iter().find(|answer| answer.status == 200 || answer.status >= 500);
        broken.extend(strange.map(|answer| format!("a wrong code: {answer}")));
    }
    if wrong > AT_ONCE {
        broken.push(format!("{wrong} wrong codes were looked at"));
    }
    broken.extend(person.other_ways(server));
    let told = arrived(std::slice::from_ref(server), &address_of(&person.name), "know your password");
    broken.extend(told.err().map(|problem| format!("the owner is not told: {problem}")));
    Ok((wrong, broken))
}

/// How many of [`Person::steps`] are wrong.
const WRONG_STEPS: usize = 6;

struct Person {
    name: String,
    access: String,
    enrolled: Enrolled,
}

impl Person {
    /// Somebody whose second factor is in force: the code of the step before `now` was accepted.
    fn new(server: &TesseraProcess, now: i64) -> Result<Self, Problem> {
        let name = account(server)?;
        let access = session(server, &name).access;
        let enrolled = WolfPal::at(server.address()).enrol_totp(&access, now);
        Ok(Self { name, access, enrolled })
    }

    /// Tries the codes of the steps around `now`, each with a sign-in of its own.
    fn steps(&self, server: &TesseraProcess, now: i64) -> Vec<String> {
        let tried = [(-3, false), (-2, false), (1, false), (2, false), (-1, false), (0, true), (0, false)];
        let wrong = |(away, right): (i64, bool)| {
            let code = totp::code_at(&self.enrolled.secret, now + away * totp::STEP_SECONDS);
            let answer = WolfPal::at(server.address()).second_step(&self.ticket(server), &code);
            let accepted = answer.status == 200;
            (accepted != right).then(|| format!("the code {away} steps away, accepted is {right}: {answer}"))
        };
        tried.into_iter().filter_map(wrong).collect()
    }

    fn ticket(&self, server: &TesseraProcess) -> String {
        let signed_in = WolfPal::at(server.address()).try_sign_in(&address_of(&self.name), PASSWORD);
        signed_in.expect_status(200).field("token")
    }

    /// A wrong code, no two of which are alike.
    fn guess(&self, server: &TesseraProcess, guesser: usize, now: i64, round: usize) -> Request {
        let right: Vec<_> = (-3..=3)
            .map(|away| totp::code_at(&self.enrolled.secret, now + away * totp::STEP_SECONDS))
            .collect();
        let mut wrong = (0..).map(|number| format!("{:06}", 100_000 + number));
        let wrong = wrong.by_ref().filter(|code| !right.contains(code)).nth(round * GUESSERS + guesser);
        let code = wrong.unwrap_or_default();
        if guesser < WITH_A_SESSION {
            let request = Request::new("DELETE", "/api/account/two-factor").bearer(&self.access);
            return request.query(&[("code", &code)]);
        }
        let fields = json!({ "token": self.ticket(server), "code": code });
        Request::new("POST", "/api/auth/two-factor").json(&fields)
    }

    /// The contracts that let the password alone in.
    fn other_ways(&self, server: &TesseraProcess) -> Vec<String> {
        let at = server.address();
        let refused = |answer: &Answer| answer.status >= 400 || answer.text().contains(r#""error""#);
        let tried = [
            ("argon", Argon::at(at).try_sign_in(&self.name, PASSWORD)),
            ("melon", Melon::at(at).try_sign_in(&self.name, PASSWORD)),
            ("goscrobble", GoScrobble::at(at).try_sign_in(&self.name, PASSWORD)),
        ];
        let let_in = tried.into_iter().filter(|(_, answer)| !refused(answer));
        let_in.map(|(contract, answer)| format!("{contract} lets the password alone in: {answer}")).collect()
    }
}
