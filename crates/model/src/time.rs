//! Points in time and the clock they come from.

use std::fmt;
use std::ops::{Add, Sub};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A point in time: microseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// A length of time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(pub i64);

impl Timestamp {
    /// Whole seconds since the epoch, as JSON web tokens count them (RFC 7519, section 2, NumericDate).
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The same point in time without its fraction of a second.
    #[must_use]
    pub fn whole_second(self) -> Self {
        Self(self.seconds() * 1_000_000)
    }

    /// Whole milliseconds since the epoch, never negative: what a UUIDv7 begins with.
    #[must_use]
    pub fn unix_millis(self) -> u64 {
        u64::try_from(self.0.div_euclid(1_000)).unwrap_or(0)
    }

    /// RFC 3339 in UTC with milliseconds, `2026-01-31T12:00:00.000Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let (year, month, day) = civil_from_days(self.seconds().div_euclid(86_400));
        let second = self.seconds().rem_euclid(86_400);
        let millis = self.0.rem_euclid(1_000_000) / 1_000;
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }

    /// Reads a time as RFC 3339 writes it, `2026-01-31T12:00:00Z` or `2026-01-31T13:00:00.5+01:00`. What is
    /// finer than a microsecond is cut off. Anything else, and the leap seconds that no clock here shows, is
    /// `None`.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if !text.is_ascii() || !separators.iter().all(|(at, byte)| bytes.get(*at) == Some(byte)) {
            return None;
        }
        let date = [number(&text[..4])?, number(&text[5..7])?, number(&text[8..10])?];
        let time = [number(&text[11..13])?, number(&text[14..16])?, number(text.get(17..19)?)?];
        let (micros, zone) = fraction(&text[19..])?;
        let [[year, month, day], [hour, minute, second]] = [date, time];
        let days = days_from_civil(year, month, day);
        let sound = (1..=12).contains(&month) && civil_from_days(days) == (year, month, day);
        if !sound || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset(zone)?;
        Some(Self(seconds * 1_000_000 + micros))
    }
}

/// Digits and nothing else.
fn number(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Takes the fraction of a second off the front, in microseconds.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let zone = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = &rest[..rest.len() - zone.len()];
    let micros = number(&format!("{digits:0<6.6}"))?;
    (!digits.is_empty()).then_some((micros, zone))
}

/// The seconds that a zone `Z` or `+01:00` is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes() {
        b"Z" => return Some(0),
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let (hours, minutes) = (number(&zone[1..3])?, number(&zone[4..6])?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// The days from 1970-01-01 to a date; the inverse of [`civil_from_days`].
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let year_of_era = year.rem_euclid(400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The proleptic Gregorian date of a day counted from 1970-01-01 (400-year eras of 146,097 days).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

impl Span {
    /// A length of whole seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds * 1_000_000)
    }

    /// A length of whole minutes.
    #[must_use]
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes * 60)
    }

    /// A length of whole hours.
    #[must_use]
    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours * 60)
    }

    /// A length of whole days.
    #[must_use]
    pub const fn days(days: i64) -> Self {
        Self::hours(days * 24)
    }

    /// Whole seconds in it, rounded down.
    #[must_use]
    pub const fn whole_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The same length for the standard library; a negative one is zero.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for Timestamp {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Where the time comes from. Rules ask it; nothing else knows what time it is.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Timestamp;

    /// How long something has run that is never set and never stops: for ages, which a clock that is set back
    /// must not make younger. Two readings of one process can be compared, nothing else.
    fn elapsed(&self) -> Span;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the ambient clock is read")]
    fn now(&self) -> Timestamp {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX)) + Span(defects::clock_ahead())
    }

    fn elapsed(&self) -> Span {
        let since = rustix::time::clock_gettime(STEADY);
        Span(since.tv_sec.saturating_mul(1_000_000).saturating_add(since.tv_nsec / 1_000))
    }
}

/// Counts on while the machine is suspended, where there is such a clock.
#[cfg(target_os = "linux")]
const STEADY: rustix::time::ClockId = rustix::time::ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const STEADY: rustix::time::ClockId = rustix::time::ClockId::Monotonic;

/// A clock that tests move by hand.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    elapsed: AtomicI64,
}

impl ManualClock {
    /// A clock that stands at the given time.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { now: AtomicI64::new(now.0), elapsed: AtomicI64::new(0) }
    }

    /// Lets time pass. A negative span sets the clock back, which makes nothing younger.
    pub fn advance(&self, span: Span) {
        self.now.fetch_add(span.0, Ordering::SeqCst);
        self.elapsed.fetch_add(span.0.max(0), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Span {
        Span(self.elapsed.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_the_calendar_has_them() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_640_397_719, "2021-12-25T02:01:59.000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.000Z"),
        ] {
            assert_eq!(Timestamp(seconds * 1_000_000).rfc3339(), text);
        }
        assert_eq!(Timestamp(1_999).rfc3339(), "1970-01-01T00:00:00.001Z");
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nothing_younger() {
        let clock = ManualClock::at(Timestamp(0) + Span::days(1));
        clock.advance(Span::seconds(5));
        clock.advance(Span::hours(-1));
        assert_eq!((clock.now().seconds(), clock.elapsed()), (86_400 - 3_595, Span::seconds(5)));
        let earlier = SystemClock.elapsed();
        assert!(SystemClock.elapsed() >= earlier);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for micros in [0, -1_000, 951_782_400_000_000, 4_107_542_400_123_000, 253_402_300_799_999_000] {
            assert_eq!(Timestamp::parse_rfc3339(&Timestamp(micros).rfc3339()), Some(Timestamp(micros)));
        }
        for (text, micros) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T01:30:00+01:30", 0),
            ("1969-12-31T19:00:00.25-05:00", 250_000),
            ("1970-01-01T00:00:00.1234567899Z", 123_456),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), Some(Timestamp(micros)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in [
            "",
            "1970",
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-01-01 00:00:00Z",
            "1970-13-01T00:00:00Z",
            "1970-00-01T00:00:00Z",
            "1970-02-29T00:00:00Z",
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:00:60Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00ZZ",
            "1970-01-01T00:00:00+1:00",
            "1970-01-01T00:00:00+24:00",
            "+970-01-01T00:00:00Z",
            "1970-01-01T00:00:0\u{e9}Z",
            "\u{661}970-01-01T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn arithmetic_never_overflows() {
        assert_eq!(Timestamp(i64::MAX) + Span::days(1), Timestamp(i64::MAX));
        assert_eq!(Timestamp(i64::MIN) - Span::days(1), Timestamp(i64::MIN));
    }
}
