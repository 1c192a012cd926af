//! JSON with placeholders, compared including the order of keys.

use super::kind::Kind;
use super::pattern::{Pattern, Piece, Values};
use crate::json::Json;

/// The key that stands for any further keys. No contract has one like it.
const REST: &str = "\u{1}rest";

/// A JSON value whose texts are patterns. A text that is one placeholder also stands for numbers and
/// booleans (`"{{_:int}}"`, `"{{_:bool}}"`) or, as `any`, for any value. An object may end in `...`, which
/// stands for any further keys.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct JsonPattern(Json);

impl JsonPattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub(super) fn parse(source: &str) -> Result<JsonPattern, String> {
        let json = Json::parse(&with_rest_as_key(source)).map_err(|error| format!("not JSON: {error}"))?;
        check(&json)?;
        Ok(JsonPattern(json))
    }

    /// Compares `got`, keeping what is to be kept only if all of it matches.
    pub(super) fn matches(&self, got: &Json, values: &mut Values) -> Result<(), String> {
        let mut pending = values.clone();
        matches(&self.0, got, &mut pending, "$")?;
        *values = pending;
        Ok(())
    }

    /// The same for text that should be JSON.
    pub(super) fn matches_text(&self, got: &str, values: &mut Values) -> Result<(), String> {
        let got = Json::parse(got).map_err(|error| format!("the answer is not JSON: {error}"))?;
        self.matches(&got, values)
    }
}

/// Turns `...` outside of strings into an entry that JSON can express.
fn with_rest_as_key(source: &str) -> String {
    let mut written = String::new();
    let mut inside = false;
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        if !inside && let Some(after) = rest.strip_prefix("...") {
            written.push_str("\"\\u0001rest\":null");
            rest = after;
            continue;
        }
        let mut taken = character.len_utf8();
        if inside && character == '\\' {
            // The escaped character belongs to the backslash, also when it is a quote.
            taken += rest.chars().nth(1).map_or(0, char::len_utf8);
        } else if character == '"' {
            inside = !inside;
        }
        written.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    written
}

/// Every text must be a pattern, and `...` only come last.
fn check(json: &Json) -> Result<(), String> {
    match json {
        Json::Text(text) => Pattern::parse(text).map(drop),
        Json::List(values) => values.iter().try_for_each(check),
        Json::Object(entries) => {
            let misplaced = entries.iter().rev().skip(1).any(|(key, _)| key == REST);
            if misplaced {
                return Err("... must come last in its object".to_owned());
            }
            entries.iter().try_for_each(|(_, value)| check(value))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => Ok(()),
    }
}

fn matches(expected: &Json, got: &Json, values: &mut Values, at: &str) -> Result<(), String> {
    match (expected, got) {
        (Json::Text(source), got) => {
            text_matches(source, got, values).map_err(|why| format!("at {at}: {why}"))
        }
        (Json::List(expected), Json::List(got)) => {
            if expected.len() != got.len() {
                return Err(format!("at {at}: expected {} elements, got {}", expected.len(), got.len()));
            }
            let mut pairs = expected.iter().zip(got).enumerate();
            pairs.try_for_each(|(index, (expected, got))| {
                matches(expected, got, values, &format!("{at}[{index}]"))
            })
        }
        (Json::Object(expected), Json::Object(got)) => entries_match(expected, got, values, at),
        (expected, got) if expected == got => Ok(()),
        (expected, got) => Err(format!("at {at}: expected {expected}, got {got}")),
    }
}

fn entries_match(
    expected: &[(String, Json)],
    got: &[(String, Json)],
    values: &mut Values,
    at: &str,
) -> Result<(), String> {
    let (wanted, open) = match expected.split_last() {
        Some(((key, _), wanted)) if key == REST => (wanted, true),
        _ => (expected, false),
    };
    let keys = |entries: &[(String, Json)]| entries.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    let in_order = wanted.iter().zip(got).all(|((wanted, _), (got, _))| wanted == got);
    if !in_order || got.len() < wanted.len() || (got.len() > wanted.len() && !open) {
        let further = if open { ", then any" } else { "" };
        let (wanted, got) = (keys(wanted), keys(got));
        return Err(format!("at {at}: expected the keys {wanted:?}{further} in this order, got {got:?}"));
    }
    wanted
        .iter()
        .zip(got)
        .try_for_each(|((key, expected), (_, got))| matches(expected, got, values, &format!("{at}.{key}")))
}

fn text_matches(source: &str, got: &Json, values: &mut Values) -> Result<(), String> {
    let pattern = Pattern::parse(source)?;
    let got = match (got, pattern.single()) {
        (Json::Text(text), Some(Piece::Take(_, Kind::Int | Kind::Bool))) => {
            return Err(format!("expected {source}, got the text {text:?}"));
        }
        (Json::Text(text), _) => text.clone(),
        (Json::Number(_), Some(Piece::Take(_, Kind::Int) | Piece::Use(_)))
        | (Json::Bool(_), Some(Piece::Take(_, Kind::Bool) | Piece::Use(_)))
        | (_, Some(Piece::Take(_, Kind::Any))) => got.to_string(),
        (got, _) => return Err(format!("expected {source:?}, got {got}")),
    };
    pattern.matches(&got, values)
}
