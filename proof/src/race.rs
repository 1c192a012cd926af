//! Many who do something at the same moment, over and over.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex, PoisonError, RwLock};
use std::thread;

use harness::http::{Answer, Client, Request};

use crate::Problem;

/// What each of the racers got, in their order.
pub(crate) type Answers = Vec<io::Result<Answer>>;

/// Racers who wait for each other, on connections that they keep.
pub(crate) struct Racers<'a> {
    together: &'a Barrier,
    requests: &'a RwLock<Vec<Request>>,
    answers: &'a Mutex<Vec<(usize, io::Result<Answer>)>>,
}

impl Racers<'_> {
    /// Sends all of them at once, one by each racer; there are as many as there are racers.
    pub(crate) fn race(&self, requests: Vec<Request>) -> Answers {
        *self.requests.write().unwrap_or_else(PoisonError::into_inner) = requests;
        self.together.wait();
        self.together.wait();
        let mut answers: Vec<_> =
            self.answers.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        answers.sort_by_key(|(racer, _)| *racer);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}

/// Lets `count` racers wait at the given addresses in turn while `use_them` lets them race.
pub(crate) fn with_racers<T: Send>(
    addresses: &[SocketAddr],
    count: usize,
    use_them: impl FnOnce(&Racers) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let (together, over) = (Barrier::new(count + 1), AtomicBool::new(false));
    let (requests, answers) = (RwLock::new(Vec::new()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for (racer, address) in (0..count).zip(addresses.iter().cycle()) {
            let (together, over, requests, answers) = (&together, &over, &requests, &answers);
            scope.spawn(move || {
                let mut client = Client::new(*address);
                loop {
                    together.wait();
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    let request: Option<Request> =
                        requests.read().unwrap_or_else(PoisonError::into_inner).get(racer).cloned();
                    if let Some(request) = request {
                        let answer = client.send(&request);
                        answers.lock().unwrap_or_else(PoisonError::into_inner).push((racer, answer));
                    }
                    together.wait();
                }
            });
        }
        let racers = Racers { together: &together, requests: &requests, answers: &answers };
        // The racers must be let go however this ends.
        let used = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| use_them(&racers)));
        over.store(true, Ordering::SeqCst);
        together.wait();
        used.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
