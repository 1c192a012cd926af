//! Those who ask for more than their share.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::http::{Client, Request};
use harness::people::{PASSWORD, address_of};
use serde_json::json;

use crate::Problem;
use crate::pace::Pace;
use crate::stats;

/// Who sign in at once to measure the capacity, and in a flood: more than the queue holds.
const CALM: usize = 8;
const AT_ONCE: usize = 256;
/// Connections that are slow, and how slowly each sends its bytes.
const SLOW: usize = 1_000;
const BYTE_EVERY: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(50);
/// The body that is announced, and how much of it a server may take at most before it refuses.
const ENORMOUS: usize = 1 << 30;
const TAKEN: usize = 8 << 20;
const DOTS: usize = 10_000;

/// Sign-ins of some accounts.
pub(super) struct Flood {
    address: SocketAddr,
    requests: Vec<Request>,
}

/// What became of them.
#[derive(Default)]
pub(super) struct Flooded {
    pub(super) served: usize,
    /// How long each refusal took, in milliseconds.
    pub(super) refused: Vec<f64>,
    /// Answers that are neither.
    pub(super) broken: Vec<String>,
    pub(super) asked: usize,
}

impl Flooded {
    fn with(mut self, other: Self) -> Self {
        self.served += other.served;
        self.refused.extend(other.refused);
        self.broken.extend(other.broken);
        self.asked += other.asked;
        self
    }
}

impl Flood {
    pub(super) fn of(address: SocketAddr, names: &[String]) -> Self {
        let body = |name: &String| json!({ "email": address_of(name), "password": PASSWORD });
        let request = |name| Request::new("POST", "/api/auth/login").json(&body(name));
        Self { address, requests: names.iter().map(request).collect() }
    }

    /// How many a second can be served.
    pub(super) fn calm(&self, time: Duration) -> Result<f64, Problem> {
        let over = AtomicBool::new(false);
        let calm = thread::scope(|scope| {
            let asking = scope.spawn(|| self.ask(CALM, Duration::ZERO, &over));
            thread::sleep(time);
            over.store(true, Ordering::Relaxed);
            asking.join()
        });
        let calm = calm.map_err(|_| "nobody signed in")?;
        match calm.broken.first() {
            Some(broken) => Err(broken.clone().into()),
            None if calm.served == 0 => Err("no sign-in was served".into()),
            None => Ok(stats::count(calm.served) / time.as_secs_f64()),
        }
    }

    /// Asks for so many a second until it is over.
    pub(super) fn offer(&self, rate: f64, over: &AtomicBool) -> Flooded {
        self.ask(AT_ONCE, Duration::from_secs_f64(stats::count(AT_ONCE) / rate), over)
    }

    fn ask(&self, at_once: usize, each: Duration, over: &AtomicBool) -> Flooded {
        let all = Mutex::new(Flooded::default());
        thread::scope(|scope| {
            for number in 0..at_once {
                let all = &all;
                scope.spawn(move || {
                    let mine = self.one(number, each, over);
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    *all = std::mem::take(&mut *all).with(mine);
                });
            }
        });
        all.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn one(&self, number: usize, each: Duration, over: &AtomicBool) -> Flooded {
        let (mut client, mut mine) = (Client::new(self.address), Flooded::default());
        // Not all at the same moment.
        let mut pace = Pace::of(each);
        thread::sleep(each.mul_f64(stats::count(number) / stats::count(AT_ONCE)));
        for request in self.requests.iter().cycle().skip(number) {
            pace.wait();
            if over.load(Ordering::Relaxed) {
                break;
            }
            mine.asked += 1;
            let asked = Instant::now();
            match client.send(request) {
                Ok(answer) if answer.status == 200 => mine.served += 1,
                Ok(answer) if matches!(answer.status, 429 | 503) => {
                    mine.refused.push(asked.elapsed().as_secs_f64() * 1e3);
                }
                Ok(answer) => mine.broken.push(format!("a sign-in in the flood: {answer}")),
                Err(error) => mine.broken.push(format!("a sign-in in the flood: {error}")),
            }
        }
        mine
    }
}

/// Connections that send the head of a request byte by byte, each opened again when the server has had enough.
pub(super) fn slow(address: SocketAddr, over: &AtomicBool) -> Vec<String> {
    let open = || -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nonblocking(true)?;
        stream.write_all(b"GET /api/auth/state HTTP/1.1\r\nHost: a\r\nX-Slow: ")?;
        Ok(stream)
    };
    let mut connections: Vec<Option<TcpStream>> = Vec::new();
    let mut next = Instant::now();
    while !over.load(Ordering::Relaxed) {
        if connections.len() < SLOW {
            connections.resize_with(SLOW, || open().ok());
        } else if next.elapsed() > BYTE_EVERY {
            next = Instant::now();
            for connection in &mut connections {
                let sent = connection.as_mut().is_some_and(|stream| stream.write_all(b"a").is_ok());
                if !sent {
                    *connection = open().ok();
                }
            }
        }
        thread::sleep(PAUSE);
    }
    if connections.iter().any(Option::is_some) {
        Vec::new()
    } else {
        vec!["no connection was slow".to_owned()]
    }
}

/// One body after the other that never ends.
pub(super) fn enormous(address: SocketAddr, over: &AtomicBool) -> Vec<String> {
    let mut broken = Vec::new();
    while !over.load(Ordering::Relaxed) {
        match body(address) {
            Ok(taken) if taken <= TAKEN => {}
            Ok(taken) => broken.push(format!("{taken} bytes of a body were taken")),
            Err(error) => broken.push(format!("a body of 1 GiB: {error}")),
        }
        thread::sleep(PAUSE);
    }
    broken
}

/// How many bytes of a body the server took.
fn body(address: SocketAddr) -> std::io::Result<usize> {
    let mut stream = TcpStream::connect(address)?;
    let head = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {ENORMOUS}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.set_write_timeout(Some(BYTE_EVERY))?;
    stream.set_read_timeout(Some(BYTE_EVERY))?;
    let (bytes, mut taken) = (vec![b'a'; 1 << 16], 0);
    // It answers, and reads no more or hangs up.
    while taken <= TAKEN && stream.write_all(&bytes).is_ok() {
        taken += bytes.len();
    }
    // What it says of it need not have arrived.
    let _ = stream.read(&mut [0; 64]);
    Ok(taken)
}

/// Tokens that take long to take apart, if somebody takes them apart.
pub(super) fn dots(address: SocketAddr, over: &AtomicBool) -> Vec<String> {
    let request = Request::new("GET", "/api/account").bearer(&".".repeat(DOTS));
    let (mut client, mut pace, mut broken) = (Client::new(address), Pace::of(PAUSE), Vec::new());
    while !over.load(Ordering::Relaxed) {
        pace.wait();
        match client.send(&request) {
            Ok(answer) if matches!(answer.status, 400..=499) => {}
            Ok(answer) => broken.push(format!("a token of dots: {answer}")),
            Err(error) => broken.push(format!("a token of dots: {error}")),
        }
    }
    broken
}
