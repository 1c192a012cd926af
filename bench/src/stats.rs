//! What a handful of noisy samples says.

/// The spread of some samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) min: f64,
    pub(crate) lower: f64,
    pub(crate) median: f64,
    pub(crate) upper: f64,
    pub(crate) max: f64,
}

impl Summary {
    /// Of at least one sample; without any, everything is NaN.
    pub(crate) fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            min: quantile(&sorted, 0.0),
            lower: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            upper: quantile(&sorted, 0.75),
            max: quantile(&sorted, 1.0),
        }
    }
}

/// The value below which this part of sorted samples lies, interpolated between neighbours.
pub(crate) fn quantile(sorted: &[f64], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = part.clamp(0.0, 1.0) * as_f64(last);
    let below = as_index(place).min(last);
    let above = (below + 1).min(last);
    let between = place - as_f64(below);
    sorted[below] + (sorted[above] - sorted[below]) * between
}

/// A count as a float; those here stay far below 2^53.
#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "counts stay far below 2^53")]
pub(crate) fn as_f64(count: usize) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    reason = "a place in a list is small and not negative"
)]
fn as_index(place: f64) -> usize {
    place.floor() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        let summary = Summary::of(&[4.0, 1.0, 3.0, 2.0]);
        assert_eq!((summary.min, summary.median, summary.max), (1.0, 2.5, 4.0));
        assert_eq!((summary.lower, summary.upper), (1.75, 3.25));
    }

    #[test]
    fn an_outlier_moves_the_maximum_only() {
        let summary = Summary::of(&[10.0, 11.0, 9.0, 10.0, 1_000.0]);
        assert_eq!((summary.median, summary.upper, summary.max), (10.0, 11.0, 1_000.0));
    }

    #[test]
    fn one_sample_is_all_of_it_and_none_is_nothing() {
        assert_eq!(Summary::of(&[7.0]), Summary { min: 7.0, lower: 7.0, median: 7.0, upper: 7.0, max: 7.0 });
        assert!(Summary::of(&[]).median.is_nan());
        assert_eq!(quantile(&[0.0, 100.0], 0.99), 99.0);
    }
}
