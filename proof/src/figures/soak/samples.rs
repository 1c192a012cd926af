//! What a server holds, looked at over and over.

use std::time::{Duration, Instant};

use harness::machine::Usage;
use harness::process::TesseraProcess;

use crate::figure::Measure;
use crate::stats;

/// How often is looked at most and at least.
const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(10);
/// Looks in a short run.
const LOOKS: u32 = 50;

/// The most that memory may grow: in an hour, and in the second half of a run that is too short to tell.
const PERCENT_AN_HOUR: f64 = 1.0;
const PERCENT_AT_ONCE: f64 = 20.0;
/// The most that descriptors and threads may grow. Those of connections come and go.
const MORE_DESCRIPTORS: f64 = 4.0;
const MORE_THREADS: f64 = 4.0;

/// The looks of the second half, each with its second.
pub(super) struct Samples(Vec<(f64, Usage)>);

impl Samples {
    /// Looks for so long.
    pub(super) fn take(server: &TesseraProcess, seconds: usize) -> Self {
        let length = Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX));
        let pause = (length / LOOKS).clamp(SHORTEST, LONGEST);
        let (began, mut samples) = (Instant::now(), Vec::new());
        while began.elapsed() < length {
            std::thread::sleep(pause);
            let at = began.elapsed().as_secs_f64();
            if at * 2.0 > length.as_secs_f64() {
                samples.push((at, Usage::of(server.pid())));
            }
        }
        Self(samples)
    }

    /// What is to be judged.
    pub(super) fn measures(&self, long: bool) -> impl Iterator<Item = Measure> {
        let (memory, memory_then) = self.ends(|usage| usage.memory_mib);
        let grown = 100.0 * (memory_then - memory) / memory;
        let growth = if long {
            let points: Vec<_> = self.0.iter().map(|(at, usage)| (at / 3_600.0, usage.memory_mib)).collect();
            let trend = stats::trend(&points);
            let percent = |slope: f64| 100.0 * slope / memory;
            vec![
                Measure::of("growth of memory", percent(trend.slope), "% in an hour")
                    .at_most(PERCENT_AN_HOUR),
                Measure::of("its margin", percent(trend.margin), "%"),
            ]
        } else {
            vec![Measure::of("growth of memory", grown, "%").at_most(PERCENT_AT_ONCE)]
        };
        let more = |name: &str, number: fn(&Usage) -> f64, most: f64| {
            let (before, after) = self.ends(number);
            Measure::of(name, after - before, "").at_most(most)
        };
        let counts = [
            more("more descriptors", |usage| stats::count(usage.descriptors), MORE_DESCRIPTORS),
            more("more threads", |usage| stats::count(usage.threads), MORE_THREADS),
        ];
        std::iter::once(Measure::of("memory", memory_then, "MiB")).chain(growth).chain(counts)
    }

    /// The medians of the first and of the last fifth.
    fn ends(&self, number: impl Fn(&Usage) -> f64) -> (f64, f64) {
        let numbers: Vec<f64> = self.0.iter().map(|(_, usage)| number(usage)).collect();
        let fifth = numbers.len().div_ceil(5);
        let median = |numbers: &[f64]| stats::percentile(&mut numbers.to_vec(), 0.5);
        (median(&numbers[..fifth]), median(&numbers[numbers.len() - fifth..]))
    }
}
