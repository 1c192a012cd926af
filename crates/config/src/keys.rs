//! How signing keys change.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::{BadTime, Time};

/// `[keys]`: the signing keys that Tessera makes itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeySettings {
    /// How old a key gets before the next one follows.
    pub rotate_every: Period,
    /// How long a new key is known and published before it signs.
    pub lead: Time,
}

impl Default for KeySettings {
    fn default() -> Self {
        Self { rotate_every: Period::Off, lead: Time::minutes(1) }
    }
}

/// A length of time, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Period {
    /// Never.
    Off,
    /// Each time so much has passed.
    Every(Time),
}

impl FromStr for Period {
    type Err = BadTime;

    fn from_str(text: &str) -> Result<Self, BadTime> {
        if text == "off" { Ok(Self::Off) } else { text.parse().map(Self::Every) }
    }
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|error| format!("{error}, or \"off\""))
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        match period {
            Period::Off => "off".into(),
            Period::Every(time) => time.to_string(),
        }
    }
}
