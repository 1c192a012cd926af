//! Those who live their lives on a server, one after the other and a few at once.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::actors::Argon;
use harness::people::PASSWORD;
use harness::process::TesseraProcess;

use super::life::life;
use super::mails::clear;
use crate::pace::Pace;

/// Lives at once.
const AT_ONCE: u32 = 4;
/// Of all of them together.
const REQUESTS_A_SECOND: u32 = 24;
/// One life of so many goes on when it was lived.
const KEPT: usize = 8;

/// Those who live on one server.
pub(super) struct Crowd {
    pub(super) address: SocketAddr,
    pub(super) mails: PathBuf,
    /// An administrator's access token.
    pub(super) boss: String,
    lives: AtomicUsize,
    kept: AtomicUsize,
    answers: AtomicUsize,
}

impl Crowd {
    /// Nobody yet, on that server, with its administrator.
    pub(super) fn on(server: &TesseraProcess, boss: &str) -> Self {
        Self {
            address: server.address(),
            mails: server.data().join("mail"),
            boss: Argon::at(server.address()).sign_in(boss, PASSWORD),
            lives: AtomicUsize::new(0),
            kept: AtomicUsize::new(0),
            answers: AtomicUsize::new(0),
        }
    }

    /// Accounts that were not deleted.
    pub(super) fn kept(&self) -> usize {
        self.kept.load(Ordering::Relaxed)
    }

    /// Requests that were answered as they should be.
    pub(super) fn answers(&self) -> usize {
        self.answers.load(Ordering::Relaxed)
    }

    /// So many lives as fast as they can be lived; what went wrong.
    pub(super) fn hurry(&self, lives: usize) -> Vec<String> {
        let last = self.lives.load(Ordering::Relaxed) + lives;
        self.together(Duration::ZERO, || self.lives.load(Ordering::Relaxed) < last)
    }

    /// Lives for so many seconds at the fixed rate; what went wrong.
    pub(super) fn live(&self, seconds: usize) -> Vec<String> {
        let (began, limit) =
            (Instant::now(), Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)));
        self.together(Duration::from_secs(1) * AT_ONCE / REQUESTS_A_SECOND, || began.elapsed() < limit)
    }

    fn together(&self, each: Duration, go_on: impl Fn() -> bool + Sync) -> Vec<String> {
        let over = &AtomicBool::new(false);
        thread::scope(|scope| {
            let one = || {
                let mut broken = Vec::new();
                let mut pace = Pace::of(each);
                while go_on() {
                    broken.extend(self.one(&mut pace));
                }
                broken
            };
            scope.spawn(|| clear(&self.mails, over));
            let lives: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(one)).collect();
            let joined = lives.into_iter().map(|living| living.join().unwrap_or_default());
            let broken = joined.flatten().collect();
            over.store(true, Ordering::Relaxed);
            broken
        })
    }

    /// One life, and what went wrong in it. One that ended too soon leaves an account that is not counted.
    fn one(&self, pace: &mut Pace) -> Option<String> {
        let stays = self.lives.fetch_add(1, Ordering::Relaxed).is_multiple_of(KEPT);
        let lived = catch_unwind(AssertUnwindSafe(|| life(self, pace, stays)));
        self.kept.fetch_add(usize::from(stays), Ordering::Relaxed);
        match lived {
            Ok(Ok(answers)) => {
                self.answers.fetch_add(answers, Ordering::Relaxed);
                None
            }
            Ok(Err(problem)) => Some(problem.to_string()),
            Err(panic) => Some(panic.downcast_ref::<String>().cloned().unwrap_or_default()),
        }
    }
}
