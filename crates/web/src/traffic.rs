//! What each endpoint was asked and how it answered, counted for whoever watches.
//!
//! An endpoint has its place from the start, so a request costs a few additions: nothing is looked up, made or locked.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use http::{Method, StatusCode};
use tally::{Count, Distribution, Histogram};

/// The statuses that are told apart.
const STATUSES: [u16; 27] = [
    200, 201, 202, 204, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410, 411, 413, 415,
    422, 429, 431, 500, 501, 503,
];

/// What stands for contract, method and pattern of requests that no contract answers.
const NOBODY: &str = "none";

/// What one endpoint has answered since the start. It holds nothing that a caller wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The contract's name; `none` for all that no contract answers, as unknown paths and the start page.
    pub contract: &'static str,
    /// The endpoint's method, also where it answers HEAD; `none` likewise.
    pub method: String,
    /// The path pattern, as in [`crate::Endpoint::path`]; `none` likewise.
    pub pattern: &'static str,
    /// How many answers had which status, those that there were. Status 0 stands for all that are not told apart.
    pub statuses: BTreeMap<u16, u64>,
    /// How long it took to the heads of the answers.
    pub times: Distribution,
}

impl Answered {
    /// What several origins answered, each endpoint once: they have our own pages in common, and what is nobody's.
    pub fn together(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut sums: BTreeMap<_, Self> = BTreeMap::new();
        for answered in all {
            match sums.entry((answered.contract, answered.pattern, answered.method.clone())) {
                Entry::Vacant(place) => _ = place.insert(answered),
                Entry::Occupied(mut sum) => sum.get_mut().add(&answered),
            }
        }
        sums.into_values().collect()
    }

    fn add(&mut self, other: &Self) {
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        self.times.add(&other.times);
    }
}

/// The counts of every endpoint of an origin.
pub(crate) struct Traffic(Vec<Tally>);

/// The place of an endpoint in [`Traffic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number(usize);

/// The counts of one endpoint, in cache lines that it shares with no other.
#[repr(align(128))]
struct Tally {
    contract: &'static str,
    method: String,
    pattern: &'static str,
    /// One for each of [`STATUSES`], and one for every other.
    statuses: [Count; STATUSES.len() + 1],
    times: Histogram,
}

impl Traffic {
    /// Without endpoints: everything is counted as nobody's.
    pub(crate) fn new() -> Self {
        Self(vec![Tally::new(NOBODY, NOBODY, NOBODY)])
    }

    /// Gives an endpoint its place.
    pub(crate) fn number(
        &mut self,
        contract: &'static str,
        method: &Method,
        pattern: &'static str,
    ) -> Number {
        self.0.push(Tally::new(contract, method.as_str(), pattern));
        Number(self.0.len() - 1)
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, by: Option<Number>, status: StatusCode, took: Duration) {
        let Number(place) = by.unwrap_or(Number(0));
        let Some(tally) = self.0.get(place) else { return };
        let told = STATUSES.binary_search(&status.as_u16()).unwrap_or(STATUSES.len());
        if let Some(count) = tally.statuses.get(told) {
            count.one();
        }
        tally.times.took(took);
    }

    /// What was counted, of endpoints that were asked at all.
    pub(crate) fn read(&self) -> Vec<Answered> {
        self.0.iter().map(Tally::read).filter(|answered| !answered.statuses.is_empty()).collect()
    }
}

impl Tally {
    fn new(contract: &'static str, method: &str, pattern: &'static str) -> Self {
        let statuses = std::array::from_fn(|_| Count::default());
        Self { contract, method: method.to_owned(), pattern, statuses, times: Histogram::of_times() }
    }

    fn read(&self) -> Answered {
        let counts = STATUSES.into_iter().chain([0]).zip(self.statuses.iter().map(Count::get));
        Answered {
            contract: self.contract,
            method: self.method.clone(),
            pattern: self.pattern,
            statuses: counts.filter(|(_, count)| *count > 0).collect(),
            times: self.times.read(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_found_in_their_places() {
        assert!(STATUSES.is_sorted());
        let mut traffic = Traffic::new();
        let number = traffic.number("blue", &Method::GET, "/x/{id}");
        for status in [200, 200, 418, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            traffic.answered(Some(number), status, Duration::from_micros(7));
        }
        let read = traffic.read();
        assert_eq!(read.len(), 1, "nobody's endpoint was not asked");
        assert_eq!((read[0].contract, &*read[0].method, read[0].pattern), ("blue", "GET", "/x/{id}"));
        assert_eq!(read[0].statuses, [(0, 1), (200, 2), (503, 1)].into());
        assert_eq!((read[0].times.total(), read[0].times.sum), (4, 28));
    }

    #[test]
    fn what_two_origins_have_in_common_is_one() {
        let of = |contract, statuses: &[u16]| {
            let mut traffic = Traffic::new();
            let number = traffic.number(contract, &Method::GET, "/x");
            for status in statuses {
                let status = StatusCode::from_u16(*status).unwrap();
                traffic.answered(Some(number), status, Duration::from_millis(1));
                traffic.answered(None, status, Duration::from_millis(1));
            }
            traffic.read()
        };
        let all = Answered::together([of("blue", &[200, 404]), of("red", &[200])].concat());
        let told: Vec<_> =
            all.into_iter().map(|one| (one.contract, one.statuses, one.times.total())).collect();
        let expected = [
            ("blue", [(200, 1), (404, 1)].into(), 2),
            ("none", [(200, 2), (404, 1)].into(), 3),
            ("red", [(200, 1)].into(), 1),
        ];
        assert_eq!(told, expected);
    }
}
