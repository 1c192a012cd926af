//! Text with placeholders: `{{name}}` stands for a kept value, `{{name:kind}}` keeps one.

use std::collections::BTreeMap;
use std::fmt;

use super::kind::Kind;

/// The values kept so far, by name.
#[derive(Clone, Debug)]
pub(super) struct Values(BTreeMap<String, String>);

impl Values {
    /// No value but `newline`, for text answers that end in one.
    pub(super) fn new() -> Values {
        Values(BTreeMap::from([("newline".to_owned(), "\n".to_owned())]))
    }

    pub(super) fn keep(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// The value of that name, or a sentence saying that there is none.
    pub(super) fn get(&self, name: &str) -> Result<&str, String> {
        self.0.get(name).map(String::as_str).ok_or_else(|| format!("nothing was kept as {name:?} so far"))
    }
}

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Literal(String),
    Use(String),
    /// Without a name the kind is checked and nothing kept.
    Take(Option<String>, Kind),
}

/// A text with placeholders in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    source: String,
    pieces: Vec<Piece>,
}

impl Pattern {
    /// Reads a pattern; the error says which placeholder is wrong.
    pub(super) fn parse(source: &str) -> Result<Pattern, String> {
        let mut pieces = Vec::new();
        let mut rest = source;
        while let Some((literal, after)) = rest.split_once("{{") {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            let Some((inside, after)) = after.split_once("}}") else {
                return Err(format!("a placeholder is not closed: {{{{{after}"));
            };
            pieces.push(placeholder(inside)?);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        Ok(Pattern { source: source.to_owned(), pieces })
    }

    /// The same, refusing placeholders that keep: for what is sent.
    pub(super) fn parse_sent(source: &str) -> Result<Pattern, String> {
        let pattern = Pattern::parse(source)?;
        if pattern.pieces.iter().any(|piece| matches!(piece, Piece::Take(..))) {
            return Err(format!("a request cannot keep a value: {source}"));
        }
        Ok(pattern)
    }

    /// The text with kept values filled in.
    pub(super) fn fill(&self, values: &Values) -> Result<String, String> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Use(name) => text.push_str(values.get(name)?),
                Piece::Take(..) => return Err(format!("cannot be sent: {}", self.source)),
            }
        }
        Ok(text)
    }

    /// Compares `text`, keeping what is to be kept only if all of it matches.
    pub(super) fn matches(&self, text: &str, values: &mut Values) -> Result<(), String> {
        let mut pending = values.clone();
        if consume(&self.pieces, text, values, &mut pending)? {
            *values = pending;
            return Ok(());
        }
        Err(format!("expected {:?}, got {text:?}", self.source))
    }

    /// The one placeholder this pattern consists of, if so.
    pub(super) fn single(&self) -> Option<&Piece> {
        match self.pieces.as_slice() {
            [piece @ (Piece::Use(_) | Piece::Take(..))] => Some(piece),
            _ => None,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

fn placeholder(inside: &str) -> Result<Piece, String> {
    let (name, kind) = match inside.split_once(':') {
        None => (inside, None),
        Some((name, kind)) => {
            let kind = Kind::named(kind).ok_or_else(|| format!("no such kind: {{{{{inside}}}}}"))?;
            (name, Some(kind))
        }
    };
    if !is_name(name) {
        return Err(format!("not a name: {{{{{inside}}}}}"));
    }
    match (name, kind) {
        ("_", None) => Err("{{_}} has no value; {{_:kind}} checks one".to_owned()),
        ("_", Some(kind)) => Ok(Piece::Take(None, kind)),
        (name, Some(kind)) => Ok(Piece::Take(Some(name.to_owned()), kind)),
        (name, None) => Ok(Piece::Use(name.to_owned())),
    }
}

/// Names are words of `[0-9A-Za-z_]`.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether the pieces cover `text` exactly. A placeholder takes the shortest text of its kind with which
/// the rest still matches. Errs only when a value is missing.
fn consume(pieces: &[Piece], text: &str, values: &Values, pending: &mut Values) -> Result<bool, String> {
    let Some((piece, after)) = pieces.split_first() else { return Ok(text.is_empty()) };
    let literal = match piece {
        Piece::Literal(literal) => literal,
        Piece::Use(name) => values.get(name)?,
        Piece::Take(name, kind) => return take(name.as_deref(), *kind, after, text, values, pending),
    };
    match text.strip_prefix(literal) {
        Some(rest) => consume(after, rest, values, pending),
        None => Ok(false),
    }
}

fn take(
    name: Option<&str>,
    kind: Kind,
    after: &[Piece],
    text: &str,
    values: &Values,
    pending: &mut Values,
) -> Result<bool, String> {
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    // Nothing follows the last placeholder, so it can only take everything.
    for end in ends.filter(|end| !after.is_empty() || *end == text.len()) {
        let (taken, rest) = text.split_at(end);
        if kind.holds(taken) && consume(after, rest, values, pending)? {
            if let Some(name) = name {
                pending.keep(name, taken);
            }
            return Ok(true);
        }
    }
    Ok(false)
}
