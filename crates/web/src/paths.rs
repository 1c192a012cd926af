//! Path patterns, and the one spelling of a path under which the router knows it.
//!
//! The router underneath compares bytes. So a path in another case or with one more slash is first
//! written the way its pattern is; parameters stay exactly as sent.

use std::{borrow::Cow, cmp::Ordering};

use percent_encoding::percent_decode_str;

/// How fixed segments compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// Byte by byte.
    Exact,
    /// ASCII letters in either case; patterns are written in lower case.
    Folded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment {
    Fixed(&'static str),
    Parameter(&'static str),
}

/// A path with named parameters, such as `/sessions/{id}`.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: &'static str,
    segments: Vec<Segment>,
    /// Written with a slash at its end: it then takes only paths that have one.
    slash: bool,
}

impl Pattern {
    /// Reads a pattern of fixed segments and whole-segment parameters, or says what is wrong.
    pub(crate) fn parse(text: &'static str, case: Case) -> Result<Self, &'static str> {
        let rest = text.strip_prefix('/').ok_or("a path starts with a slash")?;
        if rest.is_empty() {
            return Ok(Self { text, segments: Vec::new(), slash: false });
        }
        let (rest, slash) = rest.strip_suffix('/').map_or((rest, false), |rest| (rest, true));
        let segments = rest.split('/').map(|part| segment(part, case)).collect::<Result<_, _>>()?;
        Ok(Self { text, segments, slash })
    }

    pub(crate) fn text(&self) -> &'static str {
        self.text
    }

    /// True if it takes one path only.
    pub(crate) fn is_fixed(&self) -> bool {
        !self.segments.iter().any(Segment::is_parameter)
    }

    /// The path as this pattern spells it, if it matches: with or without one slash at its end (a
    /// pattern with a slash: only with), no empty segments.
    pub(crate) fn canonical<'a>(&self, path: &'a str, case: Case) -> Option<Cow<'a, str>> {
        if self.segments.is_empty() {
            return (path == "/").then_some(Cow::Borrowed(path));
        }
        let rest = path.strip_prefix('/')?;
        let bare = rest.strip_suffix('/');
        let rest = if self.slash { bare? } else { bare.unwrap_or(rest) };
        if !self.matches(rest, case) {
            return None;
        }
        let length_kept = bare.is_none() || self.slash;
        if length_kept && case == Case::Exact {
            return Some(Cow::Borrowed(path));
        }
        let spelled = self.spell(rest);
        Some(if spelled == path { Cow::Borrowed(path) } else { Cow::Owned(spelled) })
    }

    fn matches(&self, rest: &str, case: Case) -> bool {
        let mut sent = rest.split('/');
        let all = self.segments.iter().all(|segment| match (segment, sent.next()) {
            (Segment::Fixed(fixed), Some(part)) if case == Case::Exact => *fixed == part,
            (Segment::Fixed(fixed), Some(part)) => fixed.eq_ignore_ascii_case(part),
            (Segment::Parameter(_), Some(part)) => !part.is_empty(),
            (_, None) => false,
        });
        all && sent.next().is_none()
    }

    fn spell(&self, rest: &str) -> String {
        let mut spelled = String::with_capacity(rest.len() + 2);
        for (segment, sent) in self.segments.iter().zip(rest.split('/')) {
            spelled.push('/');
            spelled.push_str(if let Segment::Fixed(fixed) = segment { fixed } else { sent });
        }
        if self.slash {
            spelled.push('/');
        }
        spelled
    }

    /// True if both take exactly the same paths.
    pub(crate) fn same_paths(&self, other: &Self) -> bool {
        let alike = |(a, b): (&Segment, &Segment)| a == b || a.is_parameter() && b.is_parameter();
        self.slash == other.slash
            && self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(alike)
    }

    /// Less comes first when several match: a slash pattern, then the earliest fixed segment.
    pub(crate) fn precedence(&self, other: &Self) -> Ordering {
        let own = self.segments.iter().map(Segment::is_parameter);
        let others = other.segments.iter().map(Segment::is_parameter);
        other.slash.cmp(&self.slash).then_with(|| own.cmp(others))
    }
}

impl Segment {
    fn is_parameter(&self) -> bool {
        matches!(self, Self::Parameter(_))
    }
}

fn segment(part: &'static str, case: Case) -> Result<Segment, &'static str> {
    if part.is_empty() {
        return Err("a path has no empty segments");
    }
    if let Some(name) = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let named = plain && !name.is_empty();
        return if named { Ok(Segment::Parameter(name)) } else { Err("a parameter is a plain name") };
    }
    if part.contains(['{', '}']) || part.starts_with([':', '*']) {
        return Err("a parameter is a whole segment in braces");
    }
    if case == Case::Folded && part.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("a path that matches in any case is written in lower case");
    }
    Ok(Segment::Fixed(part))
}

/// True if the router can be asked as it stands: nothing to fold, no slash to take away, and no
/// empty segment, which it would take for a parameter.
pub(crate) fn is_plain(path: &str, case: Case) -> bool {
    let mut previous = 0;
    for byte in path.bytes() {
        if byte == b'/' && previous == b'/' || case == Case::Folded && byte.is_ascii_uppercase() {
            return false;
        }
        previous = byte;
    }
    path.len() <= 1 || previous != b'/'
}

/// True if the path, percent-decoded, is text.
pub(crate) fn is_text(path: &str) -> bool {
    !path.contains('%') || percent_decode_str(path).decode_utf8().is_ok()
}

/// True if the path is the prefix, or continues it after a slash.
pub(crate) fn is_under(path: &str, prefix: &str, case: Case) -> bool {
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix).as_bytes();
    let Some((head, tail)) = path.as_bytes().split_at_checked(prefix.len()) else { return false };
    let same = match case {
        Case::Exact => head == prefix,
        Case::Folded => head.eq_ignore_ascii_case(prefix),
    };
    same && (tail.is_empty() || tail.starts_with(b"/"))
}

#[cfg(test)]
mod tests;
