//! Since when somebody wants to know something.

use std::str::FromStr;

use model::{Span, Timestamp};

/// A point in time, said as itself or by how long ago it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    At(Timestamp),
    Ago(Span),
}

/// The text is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a time such as \"2026-01-31T12:00:00Z\", or how long ago, such as \"90s\", \"30m\", \"24h\" or \"7d\""
)]
pub(crate) struct BadSince;

impl Since {
    /// The point in time, seen from now.
    pub(crate) fn seen_from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(span) => now - span,
        }
    }
}

impl FromStr for Since {
    type Err = BadSince;

    fn from_str(text: &str) -> Result<Self, BadSince> {
        match (Timestamp::parse_rfc3339(text), text.parse::<config::Time>()) {
            (Some(at), _) => Ok(Self::At(at)),
            (None, Ok(ago)) => Ok(Self::Ago(ago.duration().into())),
            (None, Err(_)) => Err(BadSince),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_and_how_long_ago_are_told_apart() {
        let now = Timestamp(1_800_000_000_000_000);
        let since = |text: &str| text.parse::<Since>().map(|since| since.seen_from(now));
        assert_eq!(since("90s"), Ok(now - Span::seconds(90)));
        assert_eq!(since("7d"), Ok(now - Span::days(7)));
        assert_eq!(since("1970-01-01T00:00:01Z"), Ok(Timestamp(1_000_000)));
        assert_eq!(since("1970-01-01T01:00:01+01:00"), Ok(Timestamp(1_000_000)));
        for bad in ["", "yesterday", "2026-01-31", "-5m", "5", "99999999999d", "5\u{0}m"] {
            assert_eq!(since(bad), Err(BadSince), "{bad:?}");
        }
    }
}
