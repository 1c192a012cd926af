//! Moments as the panel writes them.

use model::Timestamp;

/// Reads an ISO 8601 date with time in UTC, as in `2027-01-01T12:00:00.000Z`. The seconds may be missing; a
/// `Z` has to be there. None for other text and for days that no calendar has.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let seconds = day(date)? * 86_400;
    let (whole, micros) = time_of_day(time)?;
    Some(Timestamp((seconds + whole) * 1_000_000 + micros))
}

/// The days from 1970-01-01 to a date of the form `2027-01-31`.
fn day(date: &str) -> Option<i64> {
    let (year, rest) = date.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    let valid = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    valid.then(|| days_before(year, month) + day - 1)
}

/// Seconds and microseconds since midnight, of `12:00`, `12:00:00` or `12:00:00.5`.
fn time_of_day(time: &str) -> Option<(i64, i64)> {
    let mut parts = time.splitn(3, ':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (second, micros) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            None => (digits(seconds, 2)?, 0),
            Some((second, fraction)) => (digits(second, 2)?, micros(fraction)?),
        },
    };
    let valid = hour < 24 && minute < 60 && second < 60;
    valid.then_some((hour * 3_600 + minute * 60 + second, micros))
}

/// The first six digits of a fraction count; the others have to be digits.
fn micros(fraction: &str) -> Option<i64> {
    let valid = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let first: String = fraction.chars().chain("000000".chars()).take(6).collect();
    valid.then(|| digits(&first, 6)).flatten()
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let valid = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from 1970-01-01 to the first of a month in the proleptic Gregorian calendar.
fn days_before(year: i64, month: i64) -> i64 {
    // Leap days before the first of January of the year, counted from the year 0, which is one.
    let leaps = |year: i64| match year {
        0 => 0,
        _ => (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1,
    };
    let years = (year - 1970) * 365 + leaps(year) - leaps(1970);
    years + (1..month).map(|month| days_in(year, month)).sum::<i64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "0000-01-01T00:00:00.000Z",
            "0000-03-01T00:00:00.000Z",
            "1600-02-29T12:00:00.000Z",
            "1900-03-01T00:00:00.000Z",
            "1969-12-31T23:59:59.999Z",
            "1970-01-01T00:00:00.000Z",
            "2000-02-29T23:59:59.001Z",
            "2024-12-31T00:00:00.000Z",
            "2027-01-01T12:34:56.789Z",
            "2100-03-01T00:00:00.000Z",
            "9999-12-31T23:59:59.999Z",
        ] {
            assert_eq!(read(text).map(Timestamp::rfc3339).as_deref(), Some(text));
        }
        assert_eq!(read("1970-01-02T00:00Z"), Some(Timestamp(86_400_000_000)));
        assert_eq!(read("1970-01-01T00:00:01Z"), Some(Timestamp(1_000_000)));
        assert_eq!(read("1970-01-01T00:00:00.5Z"), Some(Timestamp(500_000)));
        assert_eq!(read("1970-01-01T00:00:00.0000019999Z"), Some(Timestamp(1)));
    }

    #[test]
    fn other_text_is_no_moment() {
        for text in [
            "",
            "Z",
            "TZ",
            "2027-01-01",
            "2027-01-01T12:00:00",
            "2027-01-01T12:00:00+00:00",
            "2027-01-01T12:00:00z",
            "2027-01-01t12:00:00Z",
            "2027-01-01 12:00:00Z",
            "2027-01-01T12Z",
            "2027-01-01T12:00:Z",
            "2027-01-01T12:00:00.Z",
            "2027-01-01T12:00:00.0.0Z",
            "2027-01-01T12:00:00:00Z",
            "2027-01-01T24:00:00Z",
            "2027-01-01T23:60:00Z",
            "2027-01-01T23:59:60Z",
            "2027-00-01T00:00Z",
            "2027-13-01T00:00Z",
            "2027-01-00T00:00Z",
            "2027-04-31T00:00Z",
            "2027-02-29T00:00Z",
            "1900-02-29T00:00Z",
            "+2027-01-01T00:00Z",
            "-001-01-01T00:00Z",
            "27-1-1T0:0Z",
            "20270-01-01T00:00Z",
            "2027-01-01T00:00:+1Z",
            "\u{0662}\u{0660}-01-01T00:00Z",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
