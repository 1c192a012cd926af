//! What a server promised to people who used it until it died, and whether it keeps that afterwards.
//!
//! [`until_the_end`] puts load on a server and ends it in the middle; [`Person::audit`] holds the server that was
//! started again to every answer that arrived.

mod audit;
mod worker;

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use worker::{Round, Worker};

use crate::mailbox;
use crate::process::{Options, TesseraProcess};

const WORKERS: usize = 6;
/// A load that has not been promised enough by then never will be.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(2);

/// One account and everything that was answered about it.
#[derive(Debug)]
pub struct Person {
    name: String,
    password: String,
    /// A password that was being set when the server died, with its token.
    resetting: Option<(String, String)>,
    permitted: bool,
    sessions: Vec<Session>,
    /// Reset tokens that were used.
    spent: Vec<String>,
}

/// One session and the tokens that were answered.
#[derive(Debug)]
struct Session {
    access: String,
    refresh: String,
    /// Refresh tokens before that, oldest first.
    older: Vec<String>,
    ended: bool,
    /// What was asked for when the server died.
    under_way: Option<UnderWay>,
}

/// A change whose answer did not come: it may have happened or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnderWay {
    Refresh,
    SignOut,
}

/// What is known at the end of a round.
#[derive(Debug, Default)]
pub struct Known {
    /// Everybody who was promised something.
    pub people: Vec<Person>,
    /// How many changes were answered with success.
    pub promised: usize,
    /// Answers that should not have come.
    pub broken: Vec<String>,
}

/// Settings under which the load may do all it does. The grace is long, so that a refresh whose answer was lost can
/// be asked for again after the restart however slow the machine is.
pub fn settings(options: Options) -> Options {
    options
        .cheap()
        .unthrottled()
        .env("TESSERA_MOUNTS__WOLFPAL__REQUIRE_CONFIRMED_EMAIL", "false")
        .env("TESSERA_SESSIONS__REFRESH_GRACE", "30m")
}

/// Load until `enough` was promised, then the end, which must leave the server dead. `number` makes rounds differ.
pub fn until_the_end(
    server: &mut TesseraProcess,
    number: usize,
    enough: usize,
    end: impl FnOnce(&mut TesseraProcess),
) -> Known {
    let round = Round {
        address: server.address(),
        data: server.data(),
        commands: server.command_line(),
        promised: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    };
    let round = &round;
    let mut known = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| scope.spawn(move || Worker::new(round, number * WORKERS + worker + 1).work()))
            .collect();
        let began = Instant::now();
        while round.promised.load(Ordering::Relaxed) < enough
            && !workers.iter().any(|worker| worker.is_finished())
            && began.elapsed() < PATIENCE
        {
            thread::sleep(PAUSE);
        }
        round.over.store(true, Ordering::SeqCst);
        end(server);
        let mut known = Known::default();
        for worker in workers {
            match worker.join() {
                Ok((people, broken)) => {
                    known.people.extend(people);
                    known.broken.extend(broken);
                }
                Err(_) => known.broken.push("a worker panicked".to_owned()),
            }
        }
        known
    });
    known.promised = round.promised.load(Ordering::Relaxed);
    if known.promised < enough && known.broken.is_empty() {
        known.broken.push(format!("only {} of {enough} changes within {PATIENCE:?}", known.promised));
    }
    forget_mail(server);
    known
}

/// Nobody asks for the mails of a round that is over, and each look reads them all.
fn forget_mail(server: &TesseraProcess) {
    for mail in mailbox::files(&server.data().join("mail")) {
        // One that cannot be removed is read once more.
        let _ = fs::remove_file(mail);
    }
}
