//! D12: more than can be served, and what becomes of everybody else.

mod attack;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use attack::{Flood, dots, enormous, slow};
use defects::Defect;
use harness::actors::{Tokens, WolfPal};
use harness::http::{Client, Request};
use harness::machine::Usage;
use harness::people::{PASSWORD, address_of};
use harness::process::{Options, TesseraProcess};

use crate::Problem;
use crate::cast::{newcomer, refresh};
use crate::figure::{BOTH, Control, Counted, Figure, Measure, Outcome, SQLITE};
use crate::pace::Pace;
use crate::stage::Stage;
use crate::stats;

pub(crate) const FIGURE: Figure = Figure {
    id: "D12",
    title: "overload isolation",
    goal: "while sign-ins flood in at ten times the capacity: refreshes and checks answered within 50 ms at the 99th \
           percentile, at least 99.9 % of them with success; sign-ins beyond the capacity refused within 100 ms; memory \
           within that of the hashes and 128 MiB more",
    about: "How many sign-ins a second the server can do is measured first. Then ten times as many are asked for, with \
            passwords that cost what they do by default and a queue of one second, while a thousand \
            connections send the head of a request byte by byte, one sends a body of 1 GiB over and over, and tokens of \
            10,000 dots are shown. Beside that 25 refreshes and 25 checks a second are asked for. Clients and server \
            share the machine, so the times are those of a machine that has also the clients to run.",
    trials: "seconds",
    small: 4,
    full: 60,
    engines: BOTH,
    run,
    controls: &[Control { defect: Defect::QueueUnbounded, engines: SQLITE, within: 3 }],
};

/// How many accounts sign in.
const ACCOUNTS: usize = 16;
/// How many times as many sign-ins are asked for as can be done.
const TIMES: f64 = 10.0;
/// How long the capacity is measured.
const CALM: Duration = Duration::from_secs(2);
/// Between two of the refreshes, and of the checks, that are watched.
const WATCHED: Duration = Duration::from_millis(40);
const LOOK: Duration = Duration::from_millis(100);
/// Of one hash, in MiB; there is one for each core.
const HASH_MIB: f64 = 19.0;
/// What memory may be taken beside, in MiB, and how long refusals and answers may take, in milliseconds.
const MOST_MIB: f64 = 128.0;
const SLOWEST_REFUSAL: f64 = 100.0;
const SLOWEST: f64 = 50.0;
const FAILED_PERCENT: f64 = 0.1;

fn settings(options: Options) -> Options {
    options
        .env("TESSERA_PASSWORDS__MEMORY_KIB", "19456")
        .env("TESSERA_PASSWORDS__PASSES", "2")
        .env("TESSERA_PASSWORDS__MAX_WAIT", "1s")
        .env("TESSERA_MOUNTS__WOLFPAL__REQUIRE_CONFIRMED_EMAIL", "false")
}

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let server = TesseraProcess::start(settings(stage.options()));
    let address = server.address();
    let mut wolfpal = WolfPal::at(address);
    let names: Vec<String> = (0..ACCOUNTS).map(|_| newcomer(&mut wolfpal).0).collect();
    let sessions = [&names[0], &names[1]].map(|name| wolfpal.sign_in(&address_of(name), PASSWORD));
    let flood = Flood::of(address, &names);
    let able = flood.calm(CALM)?;
    let time = Duration::from_secs(u64::try_from(stage.trials)?);
    let over = &AtomicBool::new(false);
    let mut memory = 0.0_f64;
    let (seen, flooded, broken) = thread::scope(|scope| -> Result<_, Problem> {
        let flooding = scope.spawn(|| flood.offer(able * TIMES, over));
        let attacks = [slow, enormous, dots].map(|attack| scope.spawn(move || attack(address, over)));
        let watching = [false, true].map(|refreshes| {
            let tokens = sessions[usize::from(refreshes)].clone();
            scope.spawn(move || Seen::until(address, tokens, refreshes, over))
        });
        let began = Instant::now();
        while began.elapsed() < time {
            thread::sleep(LOOK);
            memory = memory.max(Usage::of(server.pid()).memory_mib);
        }
        over.store(true, Ordering::Relaxed);
        let broke = |_| "somebody who was watching broke";
        let [checks, refreshes] = watching.map(|watch| watch.join().map_err(broke));
        let attacks: Result<Vec<_>, _> =
            attacks.into_iter().map(|attack| attack.join().map_err(broke)).collect();
        Ok(([checks?, refreshes?], flooding.join().map_err(broke)?, attacks?.concat()))
    })?;
    let mut counted = Counted { trials: u64::try_from(stage.trials)?, ..Counted::default() };
    counted.broken(broken);
    counted.broken(flooded.broken);
    if flooded.refused.is_empty() {
        counted.broken(vec!["no sign-in was refused".to_owned()]);
    }
    if server.output().contains("panicked") {
        counted.broken(vec![server.output()]);
    }
    for (seen, what) in seen.into_iter().zip(["checks", "refreshes"]) {
        counted = seen.measures(what).into_iter().fold(counted, Counted::measured);
    }
    let asked = stats::count(flooded.asked) / time.as_secs_f64();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let beside_hashing = memory - HASH_MIB * stats::count(threads);
    let mut refused = flooded.refused;
    let refused = Measure::of("refused sign-ins, p99", stats::percentile(&mut refused, 0.99), "ms");
    let counted = counted
        .measured(refused.at_most(SLOWEST_REFUSAL).timed())
        .measured(Measure::of("memory beside hashing", beside_hashing, "MiB").at_most(MOST_MIB))
        .measured(Measure::of("sign-ins asked for", asked, "a second"))
        .measured(Measure::of("served", stats::count(flooded.served) / time.as_secs_f64(), "a second"))
        .measured(Measure::of("served without all that", able, "a second"));
    Ok(Outcome::Counted(counted))
}

/// What somebody who was there before meets.
struct Seen {
    /// How long each success took, in milliseconds.
    times: Vec<f64>,
    failed: usize,
}

impl Seen {
    /// Checks a token, or refreshes one, over and over.
    fn until(address: SocketAddr, mut tokens: Tokens, refreshes: bool, over: &AtomicBool) -> Self {
        let mut seen = Self { times: Vec::new(), failed: 0 };
        let (mut client, mut pace) = (Client::new(address), Pace::of(WATCHED));
        while !over.load(Ordering::Relaxed) {
            pace.wait();
            let request = match refreshes {
                true => refresh(&tokens.refresh),
                false => Request::new("GET", "/api/account").bearer(&tokens.access),
            };
            let asked = Instant::now();
            match client.send(&request) {
                Ok(answer) if answer.status == 200 => {
                    seen.times.push(asked.elapsed().as_secs_f64() * 1e3);
                    if refreshes {
                        tokens = Tokens::of(answer);
                    }
                }
                _ => seen.failed += 1,
            }
        }
        seen
    }

    fn measures(mut self, what: &str) -> [Measure; 2] {
        let failed = 100.0 * stats::count(self.failed) / stats::count(self.failed + self.times.len());
        let slowest = stats::percentile(&mut self.times, 0.99);
        [
            Measure::of(&format!("{what} that failed"), failed, "%").at_most(FAILED_PERCENT),
            Measure::of(&format!("{what}, p99"), slowest, "ms").at_most(SLOWEST).timed(),
        ]
    }
}
