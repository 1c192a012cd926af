//! D13: hours of ordinary use.

mod crowd;
mod life;
mod mails;
mod samples;
mod shown;

use std::time::{Duration, Instant};

use crowd::Crowd;
use defects::{CLOCK_VARIABLE, Defect};
use harness::process::{Options, TesseraProcess};
use samples::Samples;

use crate::beside::Beside;
use crate::cast::administrator;
use crate::clock::Clock;
use crate::figure::{BOTH_AT_ONCE, Control, Counted, Figure, Measure, Outcome, SQLITE};
use crate::stage::Stage;
use crate::{Problem, stats};

pub(crate) const FIGURE: Figure = Figure {
    id: "D13",
    title: "soak",
    goal: "errors 0; memory grows by at most 1 % in an hour once it is warm, descriptors and threads do not; 40 days \
           later no row is left of what is over",
    about: "Four clients live whole lives at a fixed rate of 24 requests a second: register, confirm by mail, fail to \
            sign in, sign in at two contracts, check, refresh, sign out, reset the password by mail; seven of eight are \
            then deleted by an administrator. Before that as many lives as the run has seconds are lived as fast as \
            they can be, and in a full run 120,000 tokens of each of the two products shown in 15,000 sessions each, so \
            that the stores of tokens are full and the table of sessions whose tokens are refused does not double while \
            it is looked at. Memory, descriptors and threads are looked at all the time and judged in the second half; the \
            slope is fitted to it, and its margin (95 %) says how finely this run can judge. Runs of less than an hour \
            judge how much memory grew instead. In the end the server is started with its clock 40 days ahead and must \
            throw away all that is over. Passwords cost next to nothing here, so the memory of hashing is not part of \
            it. Both engines are tried at the same time.",
    trials: "seconds",
    small: 16,
    full: 3_900,
    engines: BOTH_AT_ONCE,
    run,
    controls: &[
        Control { defect: Defect::NothingSwept, engines: SQLITE, within: 4 },
        Control { defect: Defect::HashMemoryKept, engines: SQLITE, within: 12 },
        Control { defect: Defect::ConnectionsKept, engines: SQLITE, within: 12 },
    ],
};

/// From here on a slope in an hour means something.
const LONG: f64 = 3_600.0;
/// How far the clock is set ahead in the end: past everything that is kept for a month, but not events.
const DAYS: i64 = 40;
const SECONDS_A_DAY: i64 = 86_400;
/// How long it may take to throw everything away.
const SWEEPING: Duration = Duration::from_secs(60);

/// Counters are counted, and nobody is held up; events are kept as briefly as can be.
fn settings(options: Options) -> Options {
    let limits = ["PER_ACCOUNT", "PER_ADDRESS", "MAIL", "MAIL_PER_ADDRESS", "REFRESH", "REGISTRATION"];
    let limit =
        |options: Options, name| options.env(&format!("TESSERA_THROTTLE__{name}"), "1000000 then 1 per 1s");
    limits.into_iter().fold(options, limit).env("TESSERA_EVENTS__KEEP", "1h")
}

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let (mut server, database) = Beside::start(stage, settings);
    let boss = administrator(&server)?;
    let crowd = Crowd::on(&server, &boss);
    let mut counted = Counted::default();
    let long = stats::count(stage.trials) >= LONG;
    counted.broken(crowd.hurry(stage.trials));
    if long {
        shown::show(&server)?;
    }
    let samples = std::thread::scope(|scope| {
        let living = scope.spawn(|| crowd.live(stage.trials));
        let samples = Samples::take(&server, stage.trials);
        let broken = living.join().unwrap_or_else(|_| vec!["the crowd panicked".to_owned()]);
        counted.trials = u64::try_from(stage.trials).unwrap_or(u64::MAX);
        counted.broken(broken);
        samples
    });
    counted.broken(complaints(&server));
    let rows = total(&database)?;
    // The administrator is there too, and who showed tokens.
    let accounts = crowd.kept() + if long { 2 } else { 1 };
    counted.broken(swept(stage, &mut server, &database, accounts)?);
    let counted = counted
        .measured(Measure::of("answers", stats::count(crowd.answers()), ""))
        .measured(Measure::of("rows at the end", rows, ""));
    Ok(Outcome::Counted(samples.measures(long).fold(counted, Counted::measured)))
}

/// What the server's log says of itself that should not be.
fn complaints(server: &TesseraProcess) -> Vec<String> {
    let log = server.output();
    let bad = |line: &&str| line.contains("panicked") || line.contains("\"ERROR\"");
    log.lines().filter(bad).map(str::to_owned).collect()
}

/// Tables of what is over some day.
const PASSING: [&str; 5] = ["session", "one_time_token", "throttle", "outbox", "event"];

/// All rows but those of accounts.
fn total(database: &Beside) -> Result<f64, Problem> {
    let counts = PASSING.iter().map(|table| database.rows(table)).collect::<Result<Vec<_>, _>>()?;
    Ok(stats::count(usize::try_from(counts.iter().sum::<i64>())?))
}

/// What is left of what is over, many days later; or of accounts that are not there any more.
fn swept(
    stage: &Stage,
    server: &mut TesseraProcess,
    database: &Beside,
    accounts: usize,
) -> Result<Vec<String>, Problem> {
    // What is noted many days later, such as that a session is over, is not.
    let last = database.number("select coalesce(max(at), 0) from event")?;
    let clock = Clock::new()?;
    clock.ahead(DAYS * SECONDS_A_DAY)?;
    // Without a mistake this binary is like the other, and its clock can be set.
    server.set_binary(stage.can_crash);
    server.set_env(CLOCK_VARIABLE, &clock.path());
    server.restart();
    let accounts = i64::try_from(accounts)?;
    let began = Instant::now();
    loop {
        let mut left = Vec::new();
        for table in PASSING {
            let rows = match table {
                "event" => database.number(&format!("select count(*) from event where at <= {last}"))?,
                _ => database.rows(table)?,
            };
            if rows > 0 {
                left.push(format!("{rows} rows of {table} are left {DAYS} days later"));
            }
        }
        for table in ["account", "indexed_account"] {
            let rows = database.rows(table)?;
            if rows != accounts {
                left.push(format!("{rows} rows of {table} for {accounts} accounts"));
            }
        }
        let hopeless = stage.is_control() && began.elapsed() > SWEEPING / 20;
        if left.is_empty() || hopeless || began.elapsed() > SWEEPING {
            return Ok(left);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
