//! How often something may be tried, as people write it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// A throttle: so many tries at once and then one per so much time, or none at all.
/// Written `10 then 1 per 16m`, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Limit {
    /// Nothing is counted.
    Off,
    /// Tries are counted.
    Rate {
        /// How many pass at once.
        burst: u32,
        /// How long until one more passes.
        every: Time,
    },
}

/// The text is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected \"<number> then 1 per <time>\", for example \"10 then 1 per 16m\", or \"off\"")]
pub struct BadLimit;

impl Limit {
    /// So many tries at once, then one per so much time.
    #[must_use]
    pub const fn rate(burst: u32, every: Time) -> Self {
        Self::Rate { burst, every }
    }
}

impl FromStr for Limit {
    type Err = BadLimit;

    fn from_str(text: &str) -> Result<Self, BadLimit> {
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            ["off"] => Ok(Self::Off),
            [burst, "then", "1", "per", every] => {
                let burst =
                    burst.parse().ok().filter(|burst| (1..=1_000_000).contains(burst)).ok_or(BadLimit)?;
                Ok(Self::Rate { burst, every: every.parse().map_err(|_| BadLimit)? })
            }
            _ => Err(BadLimit),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Rate { burst, every } => write!(f, "{burst} then 1 per {every}"),
        }
    }
}

impl TryFrom<String> for Limit {
    type Error = BadLimit;
    fn try_from(text: String) -> Result<Self, BadLimit> {
        text.parse()
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        limit.to_string()
    }
}
