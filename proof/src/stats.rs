//! The little arithmetic that figures need.

/// The smallest of the samples that so large a part of them does not exceed; not a number without any.
pub(crate) fn percentile(samples: &mut [f64], part: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let last = samples.len().saturating_sub(1);
    let at = (0..=last).find(|at| count(at + 1) >= count(last + 1) * part).unwrap_or(last);
    samples.get(at).copied().unwrap_or(f64::NAN)
}

/// A count as a number among others.
pub(crate) fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_samples() {
        let mut samples: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut samples, 0.99), 198.0);
        assert_eq!(percentile(&mut samples, 0.5), 100.0);
        assert_eq!(percentile(&mut samples, 1.0), 200.0);
        assert!(percentile(&mut [], 0.5).is_nan());
    }
}
