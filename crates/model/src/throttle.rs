//! How often something may be tried.

use crate::time::{Span, Timestamp};

/// A limit that lets `burst` tries through at once and then one per `every`.
///
/// It is the generic cell rate algorithm: all that is stored per key is one time, the one at which the
/// bucket would be empty again. A try moves that time by `every`, and is refused while it lies further
/// ahead than the burst allows. So in any window W at most `burst + W / every` tries pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Tries that pass at once.
    pub burst: u32,
    /// Time until one more passes.
    pub every: Span,
}

impl Throttle {
    /// The latest stored time at which a try at `now` still passes.
    #[must_use]
    pub fn latest_passing(&self, now: Timestamp) -> Timestamp {
        now + Span(self.every.0.saturating_mul(i64::from(self.burst) - 1))
    }

    /// The time to be stored once one more try was let through.
    #[must_use]
    pub fn taken(&self, stored: Option<Timestamp>, now: Timestamp) -> Timestamp {
        stored.map_or(now, |stored| stored.max(now)) + self.every
    }

    /// How long until a try passes, given the stored time.
    #[must_use]
    pub fn wait(&self, stored: Timestamp, now: Timestamp) -> Span {
        Span((stored - self.latest_passing(now)).0.max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lets_through_the_burst_and_its_share() {
        let throttle = Throttle { burst: 10, every: Span::minutes(16) };
        let (mut stored, mut passed) = (Timestamp(0), 0);
        for minute in 0..24 * 60 {
            let now = Timestamp(0) + Span::days(20_000) + Span::minutes(minute);
            if stored <= throttle.latest_passing(now) {
                stored = throttle.taken(Some(stored), now);
                passed += 1;
            }
        }
        assert_eq!(passed, 10 + (24 * 60 - 1) / 16);
    }
}
