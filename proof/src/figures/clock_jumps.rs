//! D10: the clock is set, ahead and back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use defects::{CLOCK_VARIABLE, Defect};
use harness::actors::{Tokens, WolfPal};
use harness::http::{Client, Request};
use harness::people::{PASSWORD, address_of};
use harness::process::{Options, TesseraProcess};
use harness::server::Server;
use harness::totp;

use crate::Problem;
use crate::cast::{newcomer, refresh};
use crate::clock::Clock;
use crate::figure::{BOTH, Control, Counted, Figure, Measure, Outcome};
use crate::stage::Stage;
use crate::stats;

pub(crate) const FIGURE: Figure = Figure {
    id: "D10",
    title: "clock jumps",
    goal: "panics 0, sessions revived 0, codes of a second factor accepted twice 0, tokens good for longer than their \
           lifetime and the jump 0, sessions lost by a jump that was taken back 0",
    about: "Before a jump of the server's clock by 1 s, 30 s, an hour or 30 days, ahead or back, one session is signed \
            out, one refreshed, and a code used; after it all of that is shown again, a new session is opened and \
            another code used. Then the clock is right again, and everything is shown once more. In every second jump \
            the server is started anew while its clock is wrong; in the others people sign in, check, refresh and sign \
            out all the while. Access tokens live 30 minutes. The clock is that of the program that can have mistakes: \
            it reads from a file how far it is ahead. Clocks that are never set are not touched.",
    trials: "jumps",
    small: 8,
    full: 400,
    engines: BOTH,
    run,
    controls: &[
        Control { defect: Defect::ClockTrusted, engines: BOTH, within: 8 },
        Control { defect: Defect::CodesForgotten, engines: BOTH, within: 8 },
    ],
};

const HOUR: i64 = 3_600;
const MONTH: i64 = 30 * 24 * HOUR;
const JUMPS: [i64; 8] = [HOUR, -HOUR, MONTH, -MONTH, 30, -30, 1, -1];
/// How long an access token is good, as set below.
const LIFETIME: i64 = 30 * 60;
/// How long a server may be without an answer because it learns anew what ended.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);

fn settings(options: Options) -> Options {
    let mounts = ["ARGON", "WOLFPAL", "MELON", "GOSCROBBLE"];
    let short = |options: Options, mount| options.env(&format!("TESSERA_MOUNTS__{mount}__ACCESS"), "30m");
    mounts.into_iter().fold(options, short).env("TESSERA_MOUNTS__WOLFPAL__REQUIRE_CONFIRMED_EMAIL", "false")
}

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let clock = Clock::new()?;
    let options = settings(stage.crashing_options()).env(CLOCK_VARIABLE, &clock.path());
    let mut server = TesseraProcess::start(options);
    let mut counted = Counted::default();
    let mut answers = 0;
    for number in 0..stage.trials {
        let jump = JUMPS[number % JUMPS.len()];
        let restarts = (number + number / JUMPS.len()).is_multiple_of(2);
        let broken = if restarts {
            jumped(&mut server, &clock, jump, TesseraProcess::restart)?
        } else {
            let (broken, answered) = beside_load(&mut server, &clock, jump)?;
            answers += answered;
            broken
        };
        counted.trial(broken.into_iter().map(|what| format!("{jump} s: {what}")).collect());
        if server.output().contains("panicked") {
            counted.broken(vec![server.output()]);
        }
        if !stage.goes_on(counted.failures) {
            break;
        }
    }
    Ok(Outcome::Counted(counted.measured(Measure::of("answers during jumps", stats::count(answers), ""))))
}

/// One jump and back while people go on; and how many answers they got.
fn beside_load(
    server: &mut TesseraProcess,
    clock: &Clock,
    jump: i64,
) -> Result<(Vec<String>, usize), Problem> {
    let over = AtomicBool::new(false);
    let address = server.address();
    thread::scope(|scope| {
        let living = scope.spawn(|| {
            let (mut broken, mut answers) = (Vec::new(), 0);
            let mut wolfpal = WolfPal::at(address);
            let (name, _) = newcomer(&mut wolfpal);
            while !over.load(Ordering::Relaxed) {
                let signed_in = wolfpal.try_sign_in(&address_of(&name), PASSWORD);
                let mut all = vec![signed_in.clone()];
                if signed_in.status == 200 {
                    let tokens = Tokens::of(signed_in);
                    all.push(wolfpal.account(&tokens.access));
                    all.push(wolfpal.try_refresh(&tokens.refresh));
                    all.push(wolfpal.sign_out(&tokens.access));
                }
                answers += all.len();
                let bad = all.iter().filter(|answer| answer.status >= 500 && answer.status != 503);
                broken.extend(bad.map(|answer| format!("during the jump: {answer}")));
            }
            (broken, answers)
        });
        let jumped = jumped(server, clock, jump, |_| ());
        over.store(true, Ordering::Relaxed);
        let (load, answers) = living.join().map_err(|_| "nobody was answered during the jump")?;
        let mut broken = jumped?;
        broken.extend(load);
        Ok((broken, answers))
    })
}

/// One jump and back: what did not hold.
fn jumped(
    server: &mut TesseraProcess,
    clock: &Clock,
    jump: i64,
    meanwhile: impl Fn(&mut TesseraProcess),
) -> Result<Vec<String>, Problem> {
    let mut spent = Spent::on(server);
    clock.ahead(jump)?;
    meanwhile(server);
    let mut broken = spent.shown(server, "after the jump")?;
    broken.extend(expired(server, &spent.live, jump >= LIFETIME, "a token from before the jump")?);
    let there = WolfPal::at(server.address()).sign_in(&address_of(&spent.name), PASSWORD);
    broken.extend(expired(server, &there, false, "a token from after the jump")?);
    spent.use_code(server, jump);
    broken.extend(spent.shown(server, "a moment later")?);
    clock.ahead(0)?;
    broken.extend(spent.shown(server, "with the clock right again")?);
    broken.extend(expired(server, &there, jump <= -LIFETIME, "a token from a clock that was wrong")?);
    if settled(server, &refresh(&spent.live.refresh))? != 200 {
        broken.push("a session was lost".to_owned());
    }
    Ok(broken)
}

/// Whether a token is refused that must be, or believed.
fn expired(
    server: &TesseraProcess,
    tokens: &Tokens,
    must: bool,
    what: &str,
) -> Result<Option<String>, Problem> {
    let status = settled(server, &account(tokens))?;
    let expected = if must { 401 } else { 200 };
    Ok((status != expected).then(|| format!("{what}: {status} instead of {expected}")))
}

fn account(tokens: &Tokens) -> Request {
    Request::new("GET", "/api/account").bearer(&tokens.access)
}

/// The status of an answer that is one: a server that learns anew what ended says that it cannot know.
fn settled(server: &TesseraProcess, request: &Request) -> Result<u16, Problem> {
    let began = Instant::now();
    loop {
        let status = Client::new(server.address()).send(request)?.status;
        if status != 503 || began.elapsed() > PATIENCE {
            return Ok(status);
        }
        thread::sleep(PAUSE);
    }
}

/// What somebody has used up, beside a session that goes on.
struct Spent {
    name: String,
    live: Tokens,
    rotated: Tokens,
    signed_out: Tokens,
    guarded: String,
    secret: Vec<u8>,
    /// Codes that were accepted.
    codes: Vec<String>,
}

impl Spent {
    fn on(server: &TesseraProcess) -> Self {
        let mut wolfpal = WolfPal::at(server.address());
        let (name, _) = newcomer(&mut wolfpal);
        let email = address_of(&name);
        let rotated = wolfpal.sign_in(&email, PASSWORD);
        let live = wolfpal.refresh(&rotated.refresh);
        let signed_out = wolfpal.sign_in(&email, PASSWORD);
        let _ = wolfpal.sign_out(&signed_out.access).expect_status(200);
        let (guarded, _) = newcomer(&mut wolfpal);
        let tokens = wolfpal.sign_in(&address_of(&guarded), PASSWORD);
        let secret = wolfpal.enrol_totp(&tokens.access, server.totp_now()).secret;
        let mut spent = Self { name, live, rotated, signed_out, guarded, secret, codes: Vec::new() };
        spent.use_code(server, 0);
        spent
    }

    /// Signs in with the code of the present step of a clock that is so far ahead. One that is behind may refuse.
    fn use_code(&mut self, server: &TesseraProcess, ahead: i64) {
        let code = totp::code_at(&self.secret, server.totp_now() + ahead);
        if !self.codes.contains(&code) && self.accepts(server, &code) {
            self.codes.push(code);
        }
    }

    fn accepts(&self, server: &TesseraProcess, code: &str) -> bool {
        let mut wolfpal = WolfPal::at(server.address());
        let ticket = wolfpal.try_sign_in(&address_of(&self.guarded), PASSWORD).expect_status(200);
        wolfpal.second_step(&ticket.field("token"), code).status == 200
    }

    /// Shows everything; what was accepted of it.
    fn shown(&self, server: &TesseraProcess, when: &str) -> Result<Vec<String>, Problem> {
        let mut accepted = Vec::new();
        let tokens = [
            ("an access token that was signed out", account(&self.signed_out)),
            ("a refresh token that was signed out", refresh(&self.signed_out.refresh)),
            ("an access token that was rotated away", account(&self.rotated)),
        ];
        for (what, request) in tokens {
            if settled(server, &request)? == 200 {
                accepted.push(format!("{what} was accepted {when}"));
            }
        }
        for code in &self.codes {
            if self.accepts(server, code) {
                accepted.push(format!("a code was accepted twice, {when}"));
            }
        }
        Ok(accepted)
    }
}
