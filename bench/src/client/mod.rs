//! A client that costs little: one thread, one epoll, any number of kept-alive connections.
//!
//! [`closed::run`] asks again as soon as an answer is there, [`open::offer`] asks at a fixed rate whatever
//! the answers do.

pub(crate) mod closed;
mod connection;
pub(crate) mod open;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::stats::{as_f64, quantile};

/// What is asked, and what is made of the answers.
pub(crate) trait Script {
    /// Appends the next request of a connection to `out`; false if there is none any more.
    fn request(&mut self, connection: usize, out: &mut Vec<u8>) -> bool;

    /// Takes the answer to the request before.
    fn answered(&mut self, _connection: usize, _answer: &Answer<'_>) {}
}

/// One answer, only as far as it is needed.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Answer<'_> {
    /// The text between `before` and the next quotation mark.
    pub(crate) fn quoted_after(&self, before: &str) -> Option<&str> {
        let text = std::str::from_utf8(self.body).ok()?;
        text.split_once(before)?.1.split('"').next()
    }
}

/// How a run went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// Answers that came before the time was up, by their status; only where requests are offered.
    pub(crate) in_time: BTreeMap<u16, usize>,
    /// Milliseconds from when each request was sent, or was to be sent, by the status of its answer.
    pub(crate) latencies: BTreeMap<u16, Vec<f64>>,
}

impl Tally {
    fn note(&mut self, status: u16, latency: Duration) {
        self.latencies.entry(status).or_default().push(latency.as_secs_f64() * 1_000.0);
    }

    /// How many were answered so.
    pub(crate) fn count(&self, status: u16) -> usize {
        self.latencies.get(&status).map_or(0, Vec::len)
    }

    /// How many were answered at all.
    pub(crate) fn all(&self) -> usize {
        self.latencies.values().map(Vec::len).sum()
    }

    /// Answers with this status in a second.
    pub(crate) fn per_second(&self, status: u16) -> f64 {
        as_f64(self.count(status)) / self.elapsed.as_secs_f64()
    }

    /// Milliseconds within which this part of the answers with a status came.
    pub(crate) fn within(&self, status: u16, part: f64) -> f64 {
        let mut sorted = self.latencies.get(&status).cloned().unwrap_or_default();
        sorted.sort_by(f64::total_cmp);
        quantile(&sorted, part)
    }

    /// The statuses that came and how often, for messages.
    pub(crate) fn statuses(&self) -> String {
        let one = |(status, latencies): (&u16, &Vec<f64>)| format!("{status}: {}", latencies.len());
        self.latencies.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// The tally, if every answer had this status.
    pub(crate) fn only(self, status: u16) -> Result<Self, crate::Problem> {
        if self.count(status) == self.all() && self.all() > 0 {
            Ok(self)
        } else {
            Err(format!("not every answer was {status}: {}", self.statuses()).into())
        }
    }
}

/// The same requests over and over.
pub(crate) struct Rounds<'a> {
    requests: &'a [Vec<u8>],
    next: usize,
}

impl<'a> Rounds<'a> {
    pub(crate) fn of(requests: &'a [Vec<u8>]) -> Self {
        Self { requests, next: 0 }
    }
}

impl Script for Rounds<'_> {
    fn request(&mut self, _connection: usize, out: &mut Vec<u8>) -> bool {
        let request = self.requests.get(self.next).or_else(|| self.requests.first());
        self.next = (self.next + 1) % self.requests.len().max(1);
        request.inspect(|request| out.extend_from_slice(request)).is_some()
    }
}
