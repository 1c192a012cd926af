//! Asking again as soon as the answer is there.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::event::{Timespec, epoll};

use super::connection::Connection;
use super::{Script, Tally};
use crate::Problem;

/// How long no answer at all may come.
const SILENCE: Timespec = Timespec { tv_sec: 60, tv_nsec: 0 };
/// Connections that are looked at together.
pub(super) const AT_ONCE: usize = 64;

/// Asks over so many connections at once until the time is up, or until the script has no more to ask, and
/// waits for the answers that are still owed.
pub(crate) fn run(
    address: SocketAddr,
    connections: usize,
    limit: Option<Duration>,
    script: &mut impl Script,
) -> Result<Tally, Problem> {
    let ready = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut open = Vec::with_capacity(connections);
    for number in 0..connections {
        let connection = Connection::open(address)?;
        let data = epoll::EventData::new_u64(u64::try_from(number)?);
        epoll::add(&ready, connection.descriptor(), data, epoll::EventFlags::IN)?;
        open.push(connection);
    }
    let began = Instant::now();
    let mut tally = Tally::default();
    let mut out = Vec::new();
    let mut owed = 0;
    for (number, connection) in open.iter_mut().enumerate() {
        out.clear();
        if script.request(number, &mut out) {
            connection.send(&out, Instant::now())?;
            owed += 1;
        }
    }
    let mut events = Vec::with_capacity(AT_ONCE);
    while owed > 0 {
        events.clear();
        epoll::wait(&ready, rustix::buffer::spare_capacity(&mut events), Some(&SILENCE))?;
        if events.is_empty() {
            return Err("the server has not answered for a minute".into());
        }
        // One look at the clock for all that is there.
        let now = Instant::now();
        let more = limit.is_none_or(|limit| now - began < limit);
        for event in &events {
            let number = usize::try_from(event.data.u64())?;
            let connection = &mut open[number];
            let complete = connection.receive(|answer, asked| {
                tally.note(answer.status, now.saturating_duration_since(asked));
                script.answered(number, answer);
            })?;
            if complete {
                out.clear();
                if more && script.request(number, &mut out) {
                    connection.send(&out, now)?;
                } else {
                    owed -= 1;
                }
            }
        }
        tally.elapsed = now - began;
    }
    Ok(tally)
}
