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

/// How something changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trend {
    /// In one unit of what the points are placed by.
    pub(crate) slope: f64,
    /// The true slope lies so near to it with 95 % confidence.
    pub(crate) margin: f64,
}

/// Parts of a run that are taken for independent: neighbouring samples are not.
const PARTS: usize = 8;
/// Student's t for two parameters less than there are parts, two-sided 95 %.
const STUDENT: f64 = 2.447;

/// The straight line through points (least squares over the means of eight parts). Not a number for fewer points.
pub(crate) fn trend(points: &[(f64, f64)]) -> Trend {
    let mean = |numbers: &mut dyn Iterator<Item = f64>| {
        let (sum, all) = numbers.fold((0.0, 0), |(sum, all), number| (sum + number, all + 1));
        sum / count(all)
    };
    let parts: Vec<_> = points
        .chunks((points.len() / PARTS).max(1))
        .take(PARTS)
        .map(|part| {
            (mean(&mut part.iter().map(|point| point.0)), mean(&mut part.iter().map(|point| point.1)))
        })
        .collect();
    if parts.len() < PARTS {
        return Trend { slope: f64::NAN, margin: f64::NAN };
    }
    let middle = (mean(&mut parts.iter().map(|part| part.0)), mean(&mut parts.iter().map(|part| part.1)));
    let spread: f64 = parts.iter().map(|part| (part.0 - middle.0).powi(2)).sum();
    let slope = parts.iter().map(|part| (part.0 - middle.0) * (part.1 - middle.1)).sum::<f64>() / spread;
    let beside = |part: &(f64, f64)| (part.1 - middle.1 - slope * (part.0 - middle.0)).powi(2);
    let error = (parts.iter().map(beside).sum::<f64>() / count(PARTS - 2) / spread).sqrt();
    Trend { slope, margin: STUDENT * error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_found_among_noise_and_says_how_surely() {
        let mut dice = 1_u32;
        let mut noisy = |noise: f64| {
            let mut roll = || {
                dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f64::from(dice) / f64::from(u32::MAX) - 0.5
            };
            let points = (0..800).map(f64::from).map(|at| (at, 5.0 + 0.25 * at + noise * roll()));
            trend(&points.collect::<Vec<_>>())
        };
        let straight = noisy(0.0);
        assert!((straight.slope - 0.25).abs() < 1e-9 && straight.margin < 1e-9, "{straight:?}");
        let near = (0..1_000).map(|_| noisy(90.0)).filter(|trend| (trend.slope - 0.25).abs() < trend.margin);
        assert!((930..970).contains(&near.count()));
        assert!(trend(&[(0.0, 1.0), (1.0, 2.0)]).slope.is_nan());
    }

    #[test]
    fn a_percentile_is_one_of_the_samples() {
        let mut samples: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut samples, 0.99), 198.0);
        assert_eq!(percentile(&mut samples, 0.5), 100.0);
        assert_eq!(percentile(&mut samples, 1.0), 200.0);
        assert!(percentile(&mut [], 0.5).is_nan());
    }
}
