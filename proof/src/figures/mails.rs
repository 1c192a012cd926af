//! S8: how many mails strangers can have sent to one address.

use std::thread;
use std::time::{Duration, Instant};

use defects::Defect;
use harness::http::Request;
use harness::people::{PASSWORD, address_of, unique};
use harness::process::TesseraProcess;
use serde_json::{Value, json};

use crate::Problem;
use crate::cast::{account, command};
use crate::figure::{BOTH, Control, Counted, Figure, Measure, Outcome};
use crate::stage::Stage;

pub(crate) const FIGURE: Figure = Figure {
    id: "S8",
    title: "mails to one address",
    goal: "at most 3 in an hour to an address that somebody has, whatever was asked for and by whom; none to one that \
           nobody has",
    about: "Under the default limit on mails to an address, and none on who asks. For a confirmed address, one that is \
            not confirmed yet, and one that nobody has, every endpoint that mails is asked 20 times, in several \
            spellings; the mails that are owed are counted.",
    trials: "addresses",
    small: 12,
    full: 300,
    engines: BOTH,
    run,
    controls: &[Control { defect: Defect::MailsUncounted, engines: BOTH, within: 3 }],
};

const ROUNDS: usize = 20;
const IN_AN_HOUR: usize = 3;
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);
const ASKING: [&str; 3] = ["/user/forgot-password", "/user/activate-account/resend", "/api/v1/sendreset"];

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let server = TesseraProcess::start(stage.options().env("TESSERA_THROTTLE__MAIL", "3 then 1 per 61m"));
    let mut counted = Counted::default();
    let mut most = 0;
    for number in 0..stage.trials {
        if !stage.goes_on(counted.failures) {
            break;
        }
        let (name, may) = match number % 3 {
            0 => (account(&server)?, IN_AN_HOUR),
            1 => (waiting(&server)?, IN_AN_HOUR),
            _ => (unique("nobody"), 0),
        };
        ask(&server, &name)?;
        let mails = mails_to(&server, &address_of(&name), may > 0)?;
        most = most.max(mails);
        let mut broken = Vec::new();
        if mails > may {
            broken.push(format!("{mails} mails to one address"));
        }
        if may > 0 && mails == 0 {
            broken.push("no mail at all: nothing was tried".to_owned());
        }
        counted.trial(broken);
    }
    let most = f64::from(u32::try_from(most)?);
    Ok(Outcome::Counted(counted.measured(Measure::of("most mails to an address", most, "mails"))))
}

/// Somebody who registered and did not confirm; the name.
fn waiting(server: &TesseraProcess) -> Result<String, Problem> {
    let name = unique("waiting");
    let body = json!({ "username": name, "email": address_of(&name), "password": PASSWORD });
    let answer = server.client().send(&Request::new("POST", "/auth/register").json(&body))?;
    if answer.status == 201 { Ok(name) } else { Err(format!("not registered: {answer}").into()) }
}

fn ask(server: &TesseraProcess, name: &str) -> Result<(), Problem> {
    let email = address_of(name);
    let spellings = [email.clone(), email.to_uppercase(), format!(" {email}"), email.replace('@', "＠")];
    let mut client = server.client();
    for round in 0..ROUNDS {
        for path in ASKING {
            let body = json!({ "email": spellings[round % spellings.len()] });
            client.send(&Request::new("POST", path).json(&body))?;
        }
    }
    Ok(())
}

/// How many mails are or were owed to an address, once no more come: what is asked for is seen to afterwards.
fn mails_to(server: &TesseraProcess, address: &str, some: bool) -> Result<usize, Problem> {
    let began = Instant::now();
    let mut before = None;
    loop {
        let printed = command(server, &["mail", "list", "--limit", "1000000", "--json"], "")?;
        let mails: Vec<Value> = serde_json::from_str(&printed)?;
        let now = mails.iter().filter(|mail| mail["recipient"] == address).count();
        let settled = before == Some(now) && (now > 0 || !some);
        if settled || began.elapsed() > PATIENCE {
            return Ok(now);
        }
        before = Some(now);
        thread::sleep(PAUSE);
    }
}
