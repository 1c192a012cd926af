//! Asking at a fixed rate, whatever the answers do. A request that had to wait for a connection counts from
//! when it was to be sent.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::event::{Timespec, epoll};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

use super::closed::AT_ONCE;
use super::connection::Connection;
use super::{Script, Tally};
use crate::Problem;

/// How long answers are waited for when nothing more is asked.
const PATIENCE: Duration = Duration::from_secs(20);
const TIMER: u64 = u64::MAX;
/// The status of a request whose connection ended without an answer.
pub(crate) const LOST: u16 = 0;

fn hung_up(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

/// The state of one run.
struct Offer<'a, S> {
    address: SocketAddr,
    script: &'a mut S,
    connections: usize,
    ready: std::os::fd::OwnedFd,
    /// None where the server hung up.
    open: Vec<Option<Connection>>,
    /// Those where it hung up.
    gone: Vec<usize>,
    idle: Vec<usize>,
    /// When each request was to be sent that has no connection yet.
    waiting: VecDeque<Instant>,
    owed: usize,
    until: Instant,
    tally: Tally,
    out: Vec<u8>,
}

/// Asks `rate` times a second for `time`, each time over a connection that is idle or a new one, or waits for one
/// if there are so many `connections`.
pub(crate) fn offer(
    address: SocketAddr,
    connections: usize,
    rate: f64,
    time: Duration,
    script: &mut impl Script,
) -> Result<Tally, Problem> {
    let ready = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
    let period = Duration::from_secs_f64(1.0 / rate);
    // A timer never rings more than ten thousand times a second; requests between are sent together.
    let ring = Timespec::try_from(period.max(Duration::from_micros(100)))?;
    let timer_setting = Itimerspec { it_interval: ring, it_value: ring };
    timerfd_settime(&timer, TimerfdTimerFlags::empty(), &timer_setting)?;
    epoll::add(&ready, &timer, epoll::EventData::new_u64(TIMER), epoll::EventFlags::IN)?;
    let began = Instant::now();
    let mut offer = Offer {
        address,
        until: began + time,
        script,
        connections,
        ready,
        open: Vec::new(),
        gone: Vec::new(),
        idle: Vec::new(),
        waiting: VecDeque::new(),
        owed: 0,
        tally: Tally::default(),
        out: Vec::new(),
    };
    let mut due = began;
    let mut events = Vec::with_capacity(AT_ONCE);
    loop {
        events.clear();
        epoll::wait(&offer.ready, rustix::buffer::spare_capacity(&mut events), None)?;
        let now = Instant::now();
        for event in &events {
            match event.data.u64() {
                // An error says that nobody has rung since; the time decides anyway.
                TIMER => _ = rustix::io::read(&timer, &mut [0; 8]),
                number => offer.receive(usize::try_from(number)?, now)?,
            }
        }
        while due <= now && due - began < time {
            offer.waiting.push_back(due);
            due += period;
        }
        offer.send()?;
        let asked_all = due - began >= time && offer.waiting.is_empty();
        if asked_all && offer.owed == 0 {
            offer.tally.elapsed = time;
            return Ok(offer.tally);
        }
        if now - began > time + PATIENCE {
            return Err(format!("{} requests were not answered", offer.owed + offer.waiting.len()).into());
        }
    }
}

impl<S: Script> Offer<'_, S> {
    /// Takes what a connection has to say.
    fn receive(&mut self, number: usize, now: Instant) -> Result<(), Problem> {
        let Some(connection) = &mut self.open[number] else { return Ok(()) };
        let connection_asked = connection.asked;
        let (tally, script, in_time) = (&mut self.tally, &mut *self.script, now < self.until);
        let received = connection.receive(|answer, asked| {
            *tally.in_time.entry(answer.status).or_default() += usize::from(in_time);
            tally.note(answer.status, now.saturating_duration_since(asked));
            script.answered(number, answer);
        });
        match received {
            Ok(true) => {
                self.owed -= 1;
                self.idle.push(number);
            }
            Ok(false) => {}
            Err(error) if hung_up(&error) => {
                let idle = self.idle.len();
                self.idle.retain(|idle| *idle != number);
                self.lose(number);
                // A server may let go of a connection that nobody uses; anything else is a request lost.
                if self.idle.len() == idle {
                    self.tally.note(LOST, now.saturating_duration_since(connection_asked));
                    self.owed -= 1;
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Sends what waits, as long as there are connections.
    fn send(&mut self) -> Result<(), Problem> {
        while let Some(due) = self.waiting.front().copied() {
            let number = match self.idle.pop() {
                Some(number) => number,
                None if self.open.len() - self.gone.len() < self.connections => self.connect()?,
                None => return Ok(()),
            };
            self.out.clear();
            if !self.script.request(number, &mut self.out) {
                return Err("the script has nothing more to ask".into());
            }
            if let Some(connection) = &mut self.open[number] {
                match connection.send(&self.out, due) {
                    Ok(()) => {
                        self.owed += 1;
                        self.waiting.pop_front();
                    }
                    // Let go of while it was idle: nothing was sent, and another connection is taken.
                    Err(error) if hung_up(&error) => self.lose(number),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    fn connect(&mut self) -> Result<usize, Problem> {
        let number = self.gone.pop().unwrap_or_else(|| {
            self.open.push(None);
            self.open.len() - 1
        });
        let connection = Connection::open(self.address)?;
        let data = epoll::EventData::new_u64(u64::try_from(number)?);
        epoll::add(&self.ready, connection.descriptor(), data, epoll::EventFlags::IN)?;
        self.open[number] = Some(connection);
        Ok(number)
    }

    fn lose(&mut self, number: usize) {
        self.open[number] = None;
        self.gone.push(number);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;
    use crate::client::Rounds;

    /// A server that answers twice on each connection, and then hangs up.
    fn impatient() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                for _ in 0..2 {
                    let mut request = [0; 4];
                    if stream.read_exact(&mut request).is_ok() {
                        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
                    }
                }
            }
        });
        address
    }

    #[test]
    fn a_connection_that_is_gone_makes_room_for_another() {
        let requests = [b"ping".to_vec()];
        let time = Duration::from_millis(200);
        let tally = offer(impatient(), 1, 50.0, time, &mut Rounds::of(&requests)).unwrap();
        // One that is sent just when the server hangs up is lost; that says nothing of the room.
        assert_eq!(tally.all(), 10);
        assert!(tally.count(204) > 2, "{}", tally.statuses());
    }
}
