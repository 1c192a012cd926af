//! Whether two kinds of answers can be told apart by how long they take.

use crate::stats::{count, percentile};

/// Draws of the bootstrap, and the part of them that the interval leaves out: so little, because a figure compares
/// many kinds, and one that is compared by chance in a thousand times would be called different.
const DRAWS: usize = 10_000;
const LEFT_OUT: f64 = 0.001;

/// Chance that comes out the same every time (SplitMix64).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from(bits % bound).unwrap_or(0)
    }
}

/// How two kinds of answers, of which as many were measured in the same time, lie to each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compared {
    /// How often one of the second kind takes longer than one of the first: a half if nothing tells them apart
    /// (Mann and Whitney).
    pub(crate) auc: f64,
    /// Where it lies with a confidence of 99.9 % (bootstrap of blocks, because noise comes in bursts).
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// How far the medians are apart, as a part of the first.
    pub(crate) medians: f64,
}

impl Compared {
    /// Of the times of each kind in the order in which they were measured.
    pub(crate) fn of(first: &[f64], second: &[f64], chance: &mut Chance) -> Self {
        let above_first = places(second, first);
        let below_second = places(first, second);
        let auc = mean(&above_first);
        // What each pair does to the area, at most one apart from what leaving it out would (DeLong).
        let influence: Vec<f64> = above_first
            .iter()
            .zip(&below_second)
            .map(|(above, below)| above - below + 1.0 - 2.0 * auc)
            .collect();
        let blocks: Vec<f64> = influence.chunks(block(influence.len())).map(mean).collect();
        let mut drawn: Vec<f64> = (0..DRAWS)
            .map(|_| (0..blocks.len()).map(|_| blocks[chance.below(blocks.len())]).sum::<f64>())
            .map(|sum| auc + sum / count(blocks.len()))
            .collect();
        let medians = [first, second].map(|times| percentile(&mut times.to_vec(), 0.5));
        Self {
            auc,
            low: percentile(&mut drawn, LEFT_OUT / 2.0),
            high: percentile(&mut drawn, 1.0 - LEFT_OUT / 2.0),
            medians: (medians[1] - medians[0]).abs() / medians[0],
        }
    }

    /// How far the area is from a half.
    pub(crate) fn apart(self) -> f64 {
        (self.auc - 0.5).abs()
    }

    /// Whether the area is surely further from a half than that.
    pub(crate) fn surely_beyond(self, margin: f64) -> bool {
        self.low > 0.5 + margin || self.high < 0.5 - margin
    }
}

/// As many times in a block as there are blocks.
fn block(times: usize) -> usize {
    times.isqrt().max(1)
}

fn mean(numbers: impl AsRef<[f64]>) -> f64 {
    numbers.as_ref().iter().sum::<f64>() / count(numbers.as_ref().len())
}

/// Which part of the others each is above; equal ones count half.
fn places(times: &[f64], others: &[f64]) -> Vec<f64> {
    let mut sorted = others.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = |time: f64| count(sorted.partition_point(|other| *other < time));
    let up_to = |time: f64| count(sorted.partition_point(|other| *other <= time));
    times.iter().map(|time| (below(*time) + up_to(*time)) / (2.0 * count(sorted.len()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times around 100 with now and then a burst, `more` longer for the second kind.
    fn measured(pairs: usize, more: f64) -> Compared {
        let mut chance = Chance::seeded(7);
        let mut time = |number: usize| {
            let burst = if number % 100 < 10 { 50.0 } else { 0.0 };
            100.0 + burst + count(chance.below(1_000)) / 100.0
        };
        let (first, second): (Vec<f64>, Vec<f64>) =
            (0..pairs).map(|number| (time(number), time(number) + more)).unzip();
        Compared::of(&first, &second, &mut Chance::seeded(1))
    }

    #[test]
    fn what_is_alike_is_not_told_apart() {
        let same = measured(2_000, 0.0);
        assert!(same.apart() < 0.03 && !same.surely_beyond(0.0), "{same:?}");
        assert!(same.low < same.auc && same.auc < same.high, "{same:?}");
        assert!(same.medians < 0.01, "{same:?}");
    }

    #[test]
    fn what_takes_longer_is_told_apart_under_bursts_of_noise() {
        let other = measured(2_000, 2.0);
        assert!(other.auc > 0.6 && other.surely_beyond(0.05), "{other:?}");
        assert!((other.medians - 0.02).abs() < 0.005, "{other:?}");
    }

    #[test]
    fn the_area_is_that_of_the_definition() {
        let compared = Compared::of(&[1.0, 2.0, 3.0], &[2.0, 2.5, 9.0], &mut Chance::seeded(1));
        // Of nine pairs the second is above in 1+1+1 and 1/2+1+1 and 0+0+1.
        assert!((compared.auc - 6.5 / 9.0).abs() < 1e-9, "{compared:?}");
    }

    #[test]
    fn chance_is_below_its_bound_and_even() {
        let mut chance = Chance::seeded(3);
        let heads = (0..10_000).filter(|_| chance.below(2) == 1).count();
        assert!((4_800..5_200).contains(&heads), "{heads}");
    }
}
