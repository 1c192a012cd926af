//! Lengths of time as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A length of time in whole seconds, written `90s`, `30m`, `24h` or `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(u32);

/// The text is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a number with s, m, h or d, for example \"90s\", \"30m\", \"24h\" or \"7d\", up to ten years"
)]
pub struct BadTime;

const TEN_YEARS: u64 = 10 * 366 * 86_400;
const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Time {
    /// This many seconds.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// This many minutes.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        Self(minutes * 60)
    }

    /// This many hours.
    #[must_use]
    pub const fn hours(hours: u32) -> Self {
        Self(hours * 3_600)
    }

    /// This many days.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Self(days * 86_400)
    }

    /// The same for the standard library.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

impl FromStr for Time {
    type Err = BadTime;

    fn from_str(text: &str) -> Result<Self, BadTime> {
        let unit = text.chars().last().and_then(|last| UNITS.iter().find(|(unit, _)| *unit == last));
        let (_, seconds) = unit.ok_or(BadTime)?;
        let number: u64 = text[..text.len() - 1].parse().map_err(|_| BadTime)?;
        let total =
            number.checked_mul(u64::from(*seconds)).filter(|total| *total <= TEN_YEARS).ok_or(BadTime)?;
        u32::try_from(total).ok().filter(|total| *total > 0).map(Self).ok_or(BadTime)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, seconds) =
            UNITS.iter().find(|(_, seconds)| self.0.is_multiple_of(*seconds)).unwrap_or(&UNITS[3]);
        write!(f, "{}{unit}", self.0 / seconds)
    }
}

impl TryFrom<String> for Time {
    type Error = BadTime;
    fn try_from(text: String) -> Result<Self, BadTime> {
        text.parse()
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}
