//! How values are spread: counted by the first bound that is not below them.

use std::time::Duration;

use crate::Count;

/// Bounds for times, in microseconds: from a check of a token to the longest that anything may take.
const TIMES: &[u64] = &[
    100, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
];

/// Bounds for how many things were done at once.
const SIZES: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/// Counts values by bounds that are fixed from the start.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    /// One for each bound, and one for what is above all of them.
    counts: Box<[Count]>,
    sum: Count,
}

/// What a [`Histogram`] has counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// In rising order.
    pub bounds: &'static [u64],
    /// How many values are at most as large as the bound in the same place, but larger than the one before. One more
    /// than there are bounds: the last has what is above all of them.
    pub counts: Vec<u64>,
    /// All values together.
    pub sum: u64,
}

impl Histogram {
    /// For times, in microseconds.
    pub fn of_times() -> Self {
        Self::new(TIMES)
    }

    /// For how many things were done at once.
    pub fn of_sizes() -> Self {
        Self::new(SIZES)
    }

    fn new(bounds: &'static [u64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| Count::default()).collect();
        Self { bounds, counts, sum: Count::default() }
    }

    /// Counts a value.
    pub fn saw(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get(place) {
            count.one();
        }
        self.sum.more(value);
    }

    /// Counts a time.
    pub fn took(&self, time: Duration) {
        self.saw(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// What was counted. Values that are counted at this moment may be in one part of it and not yet in another.
    pub fn read(&self) -> Distribution {
        Distribution {
            bounds: self.bounds,
            counts: self.counts.iter().map(Count::get).collect(),
            sum: self.sum.get(),
        }
    }
}

impl Distribution {
    /// How many values there were.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Adds the values of another one that has the same bounds.
    pub fn add(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        self.sum += other.sum;
    }

    /// For each bound, how many values are at most as large.
    pub fn up_to(&self) -> impl Iterator<Item = (u64, u64)> {
        let running = self.counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        self.bounds.iter().copied().zip(running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_counted_at_the_first_bound_that_is_not_below_it() {
        let sizes = Histogram::of_sizes();
        for value in [0, 1, 2, 3, 4, 512, 513] {
            sizes.saw(value);
        }
        let read = sizes.read();
        assert_eq!(read.counts, [2, 1, 2, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!((read.total(), read.sum), (7, 1_035));
        let up_to: Vec<_> = read.up_to().collect();
        assert_eq!(up_to[..3], [(1, 2), (2, 3), (4, 5)]);
        assert_eq!(up_to.last(), Some(&(512, 6)), "what is above every bound is in none");
    }

    #[test]
    fn times_are_in_microseconds() {
        let times = Histogram::of_times();
        times.took(Duration::from_micros(100));
        times.took(Duration::from_secs(60));
        let read = times.read();
        assert_eq!((read.sum, read.counts[0], read.counts.last()), (60_000_100, 1, Some(&1)));
        assert!(read.bounds.is_sorted());
    }
}
