use std::{
    future::Future,
    pin::pin,
    sync::{Mutex, mpsc},
    task::{Context, Poll, Waker},
};

use super::*;
use crate::random::SeededRandomness;

const CHEAP: Argon2Cost = Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 };
const PATIENT: Duration = Duration::from_secs(3_600);

fn settings(threads: usize, max_wait: Duration) -> HashPoolSettings {
    HashPoolSettings { threads, cost: CHEAP, max_wait }
}

fn pool(threads: usize, max_wait: Duration) -> HashPool {
    HashPool::start(settings(threads, max_wait), Arc::new(SeededRandomness::new(1))).unwrap()
}

/// Randomness that stops the hashing thread until the test lets it go on, and numbers the salts it gives.
struct Gate {
    arrived: mpsc::Sender<()>,
    open: Mutex<mpsc::Receiver<()>>,
    salts: Mutex<u8>,
}

/// The test's side of a [`Gate`].
struct Guard {
    arrived: mpsc::Receiver<()>,
    open: mpsc::Sender<()>,
}

impl Randomness for Gate {
    fn fill(&self, bytes: &mut [u8]) {
        // The decoy is made before any work, and not on a hashing thread.
        if !thread::current().name().is_some_and(|name| name.starts_with("password-hash-")) {
            return bytes.fill(0);
        }
        self.arrived.send(()).unwrap();
        self.open.lock().unwrap().recv().unwrap();
        let mut salts = self.salts.lock().unwrap();
        bytes.fill(*salts);
        *salts += 1;
    }
}

/// A pool of one thread that hashes only when told to.
fn gated(max_wait: Duration) -> (HashPool, Guard) {
    let (arrived, arrivals) = mpsc::channel();
    let (opener, open) = mpsc::channel();
    let gate = Gate { arrived, open: Mutex::new(open), salts: Mutex::new(0) };
    let pool = HashPool::start(settings(1, max_wait), Arc::new(gate)).unwrap();
    (pool, Guard { arrived: arrivals, open: opener })
}

/// Polls once, which is when a caller joins the line.
fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn a_hash_verifies() {
    let pool = pool(2, PATIENT);
    let stored = pool.hash("secret".into()).await.unwrap();
    let right = pool.verify(Some(stored.clone()), "secret".into()).await.unwrap();
    assert_eq!(right, Verdict::Right { outdated: false });
    assert_eq!(pool.verify(Some(stored.clone()), "Secret".into()).await.unwrap(), Verdict::Wrong);
    assert_ne!(pool.hash("secret".into()).await.unwrap(), stored);
    assert_eq!(pool.stats().hashed, 4);
}

#[tokio::test]
async fn imported_schemes_verify_as_outdated() {
    let bcrypt = "$2b$04$2.l5WMYxQC9aHpAOeSPTwe8LpYpHG0aEmRHR96KOL1A4EUhUOEnwC".to_owned();
    let pool = pool(1, PATIENT);
    let verdict = pool.verify(Some(bcrypt.clone()), "pässword".into()).await.unwrap();
    assert_eq!(verdict, Verdict::Right { outdated: true });
    assert_eq!(pool.verify(Some(bcrypt), "password".into()).await.unwrap(), Verdict::Wrong);
}

/// An answer without a hash would tell, by its speed, that there is no such account.
#[tokio::test]
async fn a_missing_or_unusable_password_costs_exactly_one_hash() {
    let pool = pool(1, PATIENT);
    let stored = pool.hash("secret".into()).await.unwrap();
    let cases = [None, Some(stored), Some(String::new()), Some("$2b$99$nonsense".to_owned())];
    for (before, stored) in (pool.stats().hashed..).zip(cases) {
        assert_eq!(pool.verify(stored.clone(), "wrong".into()).await.unwrap(), Verdict::Wrong);
        assert_eq!(pool.stats().hashed, before + 1, "{stored:?}");
    }
}

#[tokio::test]
async fn callers_are_served_in_order() {
    let (pool, guard) = gated(PATIENT);
    let mut first = pin!(pool.hash("first".into()));
    assert!(poll(first.as_mut()).is_pending());
    guard.arrived.recv().unwrap();
    let mut second = pin!(pool.hash("second".into()));
    let mut third = pin!(pool.hash("third".into()));
    assert!(poll(second.as_mut()).is_pending());
    assert!(poll(third.as_mut()).is_pending());
    assert_eq!((pool.stats().running, pool.stats().queued), (1, 2));
    assert_eq!(pool.waits().total(), 1, "the turn of two has not come");
    for _ in 0..3 {
        guard.open.send(()).unwrap();
    }
    // The salts were numbered in the order of the work: sixteen zeros, then ones, then twos.
    let salts = ["AAAAAAAAAAAAAAAAAAAAAA", "AQEBAQEBAQEBAQEBAQEBAQ", "AgICAgICAgICAgICAgICAg"];
    let hashes = [first.await.unwrap(), second.await.unwrap(), third.await.unwrap()];
    for (hash, salt) in hashes.iter().zip(salts) {
        assert!(hash.contains(&format!("${salt}$")), "{hash}");
    }
    let stats = pool.stats();
    assert_eq!((stats.running, stats.queued, stats.shed, stats.hashed), (0, 0, 0, 3));
}

#[tokio::test]
async fn who_would_wait_too_long_is_refused_at_once() {
    let (pool, guard) = gated(Duration::ZERO);
    let mut first = pin!(pool.hash("first".into()));
    assert!(poll(first.as_mut()).is_pending(), "an idle thread takes anybody");
    guard.arrived.recv().unwrap();
    for shed in 1..=3 {
        let refusal = pool.verify(None, "second".into()).await.unwrap_err();
        assert!(refusal.retry_after >= Duration::from_secs(1));
        assert_eq!((pool.stats().shed, pool.stats().queued), (shed, 0));
    }
    guard.open.send(()).unwrap();
    assert!(first.await.is_ok());
    assert!(pool.verify(None, "third".into()).await.is_ok(), "the pool recovers");
    assert_eq!(pool.stats().hashed, 2);
}

#[tokio::test]
async fn a_turn_that_was_taken_is_kept_and_counts_as_waiting() {
    let (pool, guard) = gated(Duration::ZERO);
    let turn = pool.turn().unwrap();
    assert!(pool.turn().is_err() && pool.hash("second".into()).await.is_err());
    drop(turn);
    let mut first = pin!(pool.turn().unwrap().hash("first".into()));
    assert!(poll(first.as_mut()).is_pending());
    guard.arrived.recv().unwrap();
    assert!(pool.turn().is_err());
    guard.open.send(()).unwrap();
    assert!(first.await.is_ok() && pool.turn().is_ok());
    assert_eq!((pool.stats().hashed, pool.stats().shed), (1, 3));
}

#[tokio::test]
async fn callers_who_went_away_are_not_hashed_and_hold_no_place() {
    let (pool, guard) = gated(PATIENT);
    let mut first = pin!(pool.hash("first".into()));
    assert!(poll(first.as_mut()).is_pending());
    guard.arrived.recv().unwrap();
    let mut last = {
        let mut gone = pin!(pool.hash("gone".into()));
        assert!(poll(gone.as_mut()).is_pending());
        let mut last = Box::pin(pool.hash("last".into()));
        assert!(poll(last.as_mut()).is_pending());
        assert_eq!(pool.stats().queued, 2);
        last
    };
    assert_eq!(pool.stats().queued, 1, "leaving makes room at once");
    guard.open.send(()).unwrap();
    guard.open.send(()).unwrap();
    assert!(first.await.is_ok());
    assert!(poll(last.as_mut()).is_ready() || last.await.is_ok());
    assert_eq!(pool.stats().hashed, 2);
}

#[tokio::test]
async fn a_caller_who_goes_away_while_being_hashed_does_no_harm() {
    let (pool, guard) = gated(PATIENT);
    {
        let mut gone = pin!(pool.hash("gone".into()));
        assert!(poll(gone.as_mut()).is_pending());
        guard.arrived.recv().unwrap();
    }
    guard.open.send(()).unwrap();
    assert_eq!(pool.verify(None, "next".into()).await.unwrap(), Verdict::Wrong);
    assert_eq!(pool.stats().hashed, 2);
}

/// Memory that once held a hash helps to guess its password, and is of no use to an idle server.
#[test]
fn a_thread_without_work_wipes_its_memory_and_goes_on() {
    let queue = Queue::new(Limits { threads: 1, max_wait: PATIENT }, Duration::ZERO);
    let randomness: Arc<dyn Randomness> = Arc::new(SeededRandomness::new(1));
    let (hasher, decoy) = (Hasher::new(CHEAP).unwrap(), decoy(CHEAP, &*randomness).into());
    let mut worker = Worker { hasher, decoy, randomness, rest_after: Duration::ZERO };
    assert!(worker.hasher.is_resting(), "nothing is hashed at the start");
    for _ in 0..2 {
        let (answer, mut answered) = oneshot::channel();
        queue.expect().unwrap();
        let place = queue.enter(Work::Verify { stored: None, password: "secret".into(), answer });
        queue.came();
        assert!(worker.step(&queue));
        assert_eq!(answered.try_recv().unwrap(), Verdict::Wrong);
        assert!(!worker.hasher.is_resting());
        assert!(worker.step(&queue), "without work there is rest, not an end");
        assert!(worker.hasher.is_resting());
        drop(place);
    }
    queue.close();
    assert!(!worker.step(&queue));
}

/// Panics on a hashing thread, the first time it is asked.
struct Defect(Mutex<bool>);

impl Randomness for Defect {
    fn fill(&self, bytes: &mut [u8]) {
        let on_pool = thread::current().name().is_some_and(|name| name.starts_with("password-hash-"));
        let first = on_pool && std::mem::replace(&mut *self.0.lock().unwrap(), false);
        assert!(!first, "a defect met while hashing");
        bytes.fill(9);
    }
}

#[tokio::test]
async fn a_panic_costs_one_caller_its_answer_but_no_thread() {
    let pool = HashPool::start(settings(1, PATIENT), Arc::new(Defect(Mutex::new(true)))).unwrap();
    assert!(pool.hash("first".into()).await.is_err());
    assert!(pool.hash("second".into()).await.is_ok());
    assert_eq!(pool.stats().running, 0);
}

#[tokio::test]
async fn many_callers_on_several_threads_all_get_their_own_answer() {
    let pool = pool(3, PATIENT);
    let callers: Vec<_> = (0..64)
        .map(|number| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let stored = pool.hash(format!("password {number}").into()).await.unwrap();
                let right =
                    pool.verify(Some(stored.clone()), format!("password {number}").into()).await.unwrap();
                let wrong =
                    pool.verify(Some(stored), format!("password {}", number + 1).into()).await.unwrap();
                (right, wrong)
            })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), (Verdict::Right { outdated: false }, Verdict::Wrong));
    }
    let stats = pool.stats();
    assert_eq!((stats.hashed, stats.queued, stats.running), (192, 0, 0));
}

#[test]
fn the_wait_grows_with_the_line_and_shrinks_with_threads() {
    let limits = |threads| Limits { threads, max_wait: PATIENT };
    let average = Duration::from_millis(30);
    assert_eq!(limits(1).wait_behind(0, average), Duration::from_millis(30));
    assert_eq!(limits(2).wait_behind(9, average), Duration::from_millis(150));
    assert_eq!(limits(1).wait_behind(usize::MAX, Duration::MAX), Duration::MAX);
}

#[test]
fn threads_end_with_the_last_clone() {
    let randomness: Arc<dyn Randomness> = Arc::new(SeededRandomness::new(1));
    let pool = HashPool::start(settings(2, PATIENT), Arc::clone(&randomness)).unwrap();
    let clone = pool.clone();
    drop(pool);
    assert!(Arc::strong_count(&randomness) > 1);
    drop(clone);
    // Each thread holds the randomness until it ends, which is soon, but not at once.
    let ended = (0..10_000).any(|_| {
        thread::sleep(Duration::from_millis(1));
        Arc::strong_count(&randomness) == 1
    });
    assert!(ended);
}

/// Notes the niceness of the hashing thread that asks it for a salt.
#[cfg(target_os = "linux")]
#[derive(Default)]
struct Niceness(Mutex<Option<i32>>);

#[cfg(target_os = "linux")]
impl Randomness for Niceness {
    fn fill(&self, bytes: &mut [u8]) {
        *self.0.lock().unwrap() = Some(niceness());
        bytes.fill(0);
    }
}

/// Of the calling thread: the 19th field of its `stat`, of which the second is a name in parentheses.
#[cfg(target_os = "linux")]
fn niceness() -> i32 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    stat.rsplit_once(')').unwrap().1.split_whitespace().nth(16).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn only_hashing_threads_have_a_lower_priority() {
    let (before, noted) = (niceness(), Arc::new(Niceness::default()));
    let pool = HashPool::start(settings(1, PATIENT), Arc::clone(&noted) as Arc<dyn Randomness>).unwrap();
    pool.hash("secret".into()).await.unwrap();
    assert_eq!(*noted.0.lock().unwrap(), Some((before + 10).min(19)));
    assert_eq!(niceness(), before);
}

/// Notes how many threads hash when it is asked for a salt.
#[derive(Default)]
struct Hashing(Mutex<usize>);

impl Randomness for Hashing {
    fn fill(&self, bytes: &mut [u8]) {
        *self.0.lock().unwrap() = crate::hashing();
        bytes.fill(0);
    }
}

#[tokio::test]
async fn a_thread_that_hashes_is_counted() {
    let noted = Arc::new(Hashing::default());
    let pool = HashPool::start(settings(1, PATIENT), Arc::clone(&noted) as Arc<dyn Randomness>).unwrap();
    *noted.0.lock().unwrap() = 0;
    pool.hash("secret".into()).await.unwrap();
    // Other tests hash too.
    assert!(*noted.0.lock().unwrap() >= 1);
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let randomness: Arc<dyn Randomness> = Arc::new(SeededRandomness::new(1));
    let no_memory = HashPoolSettings { cost: Argon2Cost { memory_kib: 1, ..CHEAP }, ..settings(1, PATIENT) };
    for bad in [settings(0, PATIENT), no_memory] {
        let error = HashPool::start(bad, Arc::clone(&randomness)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}

#[test]
fn debug_shows_numbers_only() {
    assert!(format!("{:?}", pool(1, PATIENT)).starts_with("HashPool(HashPoolStats"));
}
