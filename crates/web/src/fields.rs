//! The named fields of a request, whatever they were written in.

use std::fmt;

use defects::{Defect, seeded};
use serde_json::Value;

/// The fields of one JSON object, form or query, in the order they were sent.
///
/// `Debug` shows how many there are, never a name or a value: a password may be among them.
#[derive(Clone, Default, PartialEq)]
pub struct Fields {
    pairs: Vec<(String, Value)>,
}

/// What a request says under one name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Field<'a> {
    /// The name does not occur.
    Missing,
    /// A number, boolean, object or array.
    NotText,
    /// JSON `null`.
    Null,
    /// Text, possibly empty, possibly with control characters (see [`clean`]).
    Text(&'a str),
}

/// Why a body has no fields to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyRefused {
    /// Not in the syntax it should be in, or a name occurs twice.
    #[error("the body cannot be read")]
    Malformed,
    /// Valid JSON, but a list, text, number, boolean or null.
    #[error("the body is not an object")]
    NotAnObject,
    /// More bytes than a contract takes.
    #[error("the body is too large")]
    TooLarge,
    /// In a media type that a contract does not take.
    #[error("the body is of an unsupported type")]
    UnsupportedType,
}

impl Fields {
    pub(crate) fn new(pairs: Vec<(String, Value)>) -> Self {
        Self { pairs }
    }

    /// True if a name occurs twice; compares sorted, so a body of many names stays cheap.
    pub(crate) fn has_duplicates(&self) -> bool {
        let mut names: Vec<&str> = self.pairs.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// The field of exactly this name; of several (a query) the first.
    pub fn field(&self, name: &str) -> Field<'_> {
        Field::from(self.value(name))
    }

    /// The first field whose name is this one in any ASCII case.
    pub fn field_ignoring_case(&self, name: &str) -> Field<'_> {
        let found = self.pairs.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name));
        Field::from(found.map(|(_, value)| value))
    }

    /// True if the name occurs, whatever its value, null included.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The value of exactly this name, for fields that are lists or numbers.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.pairs.iter().find(|(sent, _)| sent == name).map(|(_, value)| value)
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fields({})", self.pairs.len())
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "Missing",
            Self::NotText => "NotText",
            Self::Null => "Null",
            Self::Text(_) => "Text(..)",
        })
    }
}

impl<'a> From<Option<&'a Value>> for Field<'a> {
    fn from(value: Option<&'a Value>) -> Self {
        match value {
            None => Self::Missing,
            Some(Value::Null) => Self::Null,
            Some(Value::String(text)) => Self::Text(text),
            Some(_) => Self::NotText,
        }
    }
}

/// False if the text has NUL or another control character: such text is no name, address or code,
/// and not every database can store it.
pub fn clean(text: &str) -> bool {
    if seeded(Defect::TextCutInLetters) {
        _ = &text[..text.len().min(1)];
    }
    !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FirstWins, json_fields, query_fields};

    #[test]
    fn each_kind_of_value_is_told_apart() {
        let fields =
            json_fields(br#"{"t":"x","e":"","n":null,"i":5,"b":true,"o":{"$ne":""},"l":[1]}"#).unwrap();
        assert_eq!(fields.field("t"), Field::Text("x"));
        assert_eq!(fields.field("e"), Field::Text(""));
        assert_eq!(fields.field("n"), Field::Null);
        for name in ["i", "b", "o", "l"] {
            assert_eq!(fields.field(name), Field::NotText, "{name}");
        }
        assert_eq!(fields.field("T"), Field::Missing);
        assert_eq!(fields.field_ignoring_case("T"), Field::Text("x"));
        assert!(fields.has("n") && !fields.has("N"));
        assert_eq!(fields.value("l"), Some(&serde_json::json!([1])));
    }

    #[test]
    fn the_first_spelling_sent_wins_when_case_is_ignored() {
        let fields = query_fields(Some("Code=1&code=2&CODE=3"), FirstWins).unwrap();
        assert_eq!(fields.field_ignoring_case("code"), Field::Text("1"));
        assert_eq!(fields.field("code"), Field::Text("2"));
    }

    #[test]
    fn debug_shows_no_content() {
        let fields = json_fields(br#"{"password":"correct horse"}"#).unwrap();
        let shown = format!("{fields:?} {:?}", fields.field("password"));
        assert_eq!(shown, "Fields(1) Text(..)");
    }

    #[test]
    fn control_characters_are_not_clean() {
        assert!(clean("") && clean("Zo\u{eb} O'Hara \u{1f980}"));
        for text in ["a\0b", "a\nb", "\u{7f}", "\u{85}", "\t"] {
            assert!(!clean(text), "{text:?}");
        }
        let fields = json_fields(br#"{"name":"a\u0000b"}"#).unwrap();
        assert_eq!(fields.field("name"), Field::Text("a\0b"));
    }
}
