//! S2: a refresh token from before the last one.

use std::thread;
use std::time::Duration;

use defects::Defect;
use harness::actors::{Tokens, WolfPal};
use harness::process::TesseraProcess;

use crate::Problem;
use crate::cast::{account, events, session, unless};
use crate::figure::{BOTH, Control, Counted, Figure, Outcome};
use crate::stage::Stage;

pub(crate) const FIGURE: Figure = Figure {
    id: "S2",
    title: "replay of a rotated refresh token",
    goal: "the whole session dead within the same request, and recorded as such, in every trial",
    about: "A session is refreshed one to three times, most of it within one second; then a token is shown again that \
            was rotated two steps before or, once its grace is over, one step before. The newest access and refresh \
            token must be refused from then on. Among the replays of an account the server is restarted once, and \
            killed once.",
    trials: "replays",
    small: 100,
    full: 10_000,
    engines: BOTH,
    run,
    controls: &[Control { defect: Defect::ReuseForgiven, engines: BOTH, within: 5 }],
};

/// Sessions of one account.
const EACH: usize = 50;
/// A grace that lasts, one that does not, and when that is over.
const LONG: &str = "30m";
const SHORT: &str = "1s";
const OVER: Duration = Duration::from_millis(1_500);

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let mut counted = Counted::default();
    for (grace, steps) in [(LONG, 2), (SHORT, 1)] {
        let options = stage.options().env("TESSERA_SESSIONS__REFRESH_GRACE", grace);
        let mut server = TesseraProcess::start(options);
        let mut left = stage.trials / 2;
        while left > 0 && stage.goes_on(counted.failures) {
            let name = account(&server)?;
            let replays = left.min(EACH);
            let sessions: Vec<_> =
                (0..replays).map(|number| rotated(&server, &name, steps + number % 2)).collect();
            if grace == SHORT {
                thread::sleep(OVER);
            }
            for (number, tokens) in sessions.iter().enumerate() {
                match number {
                    7 => server.restart(),
                    32 => {
                        server.kill9();
                        server.restart();
                    }
                    _ => {}
                }
                counted.trial(replayed(&server, tokens, steps));
            }
            let recorded = events(&server, &name)?;
            let alarms = recorded.iter().filter(|event| event.to_string().contains("refresh_reused")).count();
            if alarms != replays {
                counted.broken(vec![format!("{alarms} replays of {replays} were recorded")]);
            }
            left -= replays;
        }
    }
    Ok(Outcome::Counted(counted))
}

/// The tokens of a session that was refreshed so often, oldest first.
fn rotated(server: &TesseraProcess, name: &str, times: usize) -> Vec<Tokens> {
    let mut wolfpal = WolfPal::at(server.address());
    let mut all = vec![session(server, name)];
    for _ in 0..times {
        all.extend(all.last().map(|newest| wolfpal.refresh(&newest.refresh)));
    }
    all
}

/// What does not hold after a replay of the token so many steps before the newest.
fn replayed(server: &TesseraProcess, tokens: &[Tokens], steps: usize) -> Vec<String> {
    let mut wolfpal = WolfPal::at(server.address());
    let mut broken = Vec::new();
    if let (Some(old), Some(newest)) = (tokens.iter().nth_back(steps), tokens.last()) {
        broken.extend(unless(401, &wolfpal.try_refresh(&old.refresh), "an old refresh token was taken"));
        if wolfpal.believes(&newest.access) {
            broken.push("the access token lives on after a replay".to_owned());
        }
        let newest = wolfpal.try_refresh(&newest.refresh);
        broken.extend(unless(401, &newest, "the session lives on after a replay"));
    }
    broken
}
