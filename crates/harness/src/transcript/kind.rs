//! The kinds of text a placeholder can demand.

use crate::jwt;

/// What a captured text must look like. The number of characters is part of the kinds that have one:
/// `letters64`, `alnum64`, `hex32`, `digits8`, `code4`, `urlsafe32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Three base64url parts, the first two JSON objects.
    Jwt,
    /// A UUID in lower case with hyphens.
    Uuid,
    /// One character or more.
    Text,
    /// An integer.
    Int,
    /// `true` or `false`.
    Bool,
    /// An RFC 3339 date with time in UTC: `2024-01-31T12:00:00Z`, with or without fractions.
    Date,
    /// Anything, also nothing; for a whole JSON value, any value.
    Any,
    /// `[A-Za-z]`
    Letters(usize),
    /// `[0-9A-Za-z]`
    Alnum(usize),
    /// `[0-9a-f]`
    Hex(usize),
    /// `[0-9]`
    Digits(usize),
    /// `[0-9A-Z]`
    Code(usize),
    /// `[0-9A-Za-z_-]`
    UrlSafe(usize),
    /// `[A-Z2-7]`, of any length from 16 characters on.
    Base32,
}

impl Kind {
    /// The kind of that name, if there is one.
    pub(super) fn named(name: &str) -> Option<Kind> {
        let sized = |prefix: &str| name.strip_prefix(prefix)?.parse().ok().filter(|size| *size > 0);
        Some(match name {
            "jwt" => Kind::Jwt,
            "uuid" => Kind::Uuid,
            "text" => Kind::Text,
            "int" => Kind::Int,
            "bool" => Kind::Bool,
            "date" => Kind::Date,
            "any" => Kind::Any,
            "base32" => Kind::Base32,
            _ => sized("letters")
                .map(Kind::Letters)
                .or_else(|| sized("alnum").map(Kind::Alnum))
                .or_else(|| sized("hex").map(Kind::Hex))
                .or_else(|| sized("digits").map(Kind::Digits))
                .or_else(|| sized("code").map(Kind::Code))
                .or_else(|| sized("urlsafe").map(Kind::UrlSafe))?,
        })
    }

    /// Whether `text` is of this kind.
    pub(super) fn holds(self, text: &str) -> bool {
        let all = |size: usize, class: fn(u8) -> bool| text.len() == size && text.bytes().all(class);
        match self {
            Kind::Jwt => jwt::parts(text).is_some(),
            Kind::Uuid => is_uuid(text),
            Kind::Text => !text.is_empty(),
            Kind::Int => is_int(text),
            Kind::Bool => matches!(text, "true" | "false"),
            Kind::Date => is_date(text),
            Kind::Any => true,
            Kind::Letters(size) => all(size, |byte| byte.is_ascii_alphabetic()),
            Kind::Alnum(size) => all(size, |byte| byte.is_ascii_alphanumeric()),
            Kind::Hex(size) => all(size, |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
            Kind::Digits(size) => all(size, |byte| byte.is_ascii_digit()),
            Kind::Code(size) => all(size, |byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()),
            Kind::UrlSafe(size) => {
                all(size, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            }
            Kind::Base32 => {
                text.len() >= 16 && text.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
            }
        }
    }
}

fn is_int(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let sizes = [8, 4, 4, 4, 12];
    groups.len() == sizes.len() && groups.iter().zip(sizes).all(|(group, size)| Kind::Hex(size).holds(group))
}

fn is_date(text: &str) -> bool {
    let Some(rest) = text.strip_suffix('Z') else { return false };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
    let shape: String =
        whole.chars().map(|character| if character.is_ascii_digit() { '9' } else { character }).collect();
    shape == "9999-99-99T99:99:99"
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, good: &[&str], bad: &[&str]) {
        let kind = Kind::named(name).unwrap();
        for text in good {
            assert!(kind.holds(text), "{text:?} should be {name}");
        }
        for text in bad {
            assert!(!kind.holds(text), "{text:?} should not be {name}");
        }
    }

    #[test]
    fn kinds_hold_what_they_say() {
        check(
            "uuid",
            &["01890a5d-ac96-774b-bcce-b302099a8057"],
            &["", "01890A5D-ac96-774b-bcce-b302099a8057"],
        );
        check("uuid", &[], &["01890a5dac96774bbcceb302099a8057", "g1890a5d-ac96-774b-bcce-b302099a8057"]);
        check("code4", &["7QK2"], &["7qk2", "7QK", "7QK22", "7QK "]);
        check("letters4", &["aBcD"], &["aBc1", "aBcDe", "äBc"]);
        check("alnum3", &["a1B"], &["a-1"]);
        check("hex2", &["0f"], &["0F", "0"]);
        check("digits8", &["00000000"], &["0000000", "0000000a"]);
        check("urlsafe4", &["a-_1"], &["a-+1"]);
        check("base32", &["JBSWY3DPEHPK3PXP"], &["JBSWY3DPEHPK3PX1", "JBSWY3DP"]);
        check("int", &["0", "-12"], &["", "-", "1.0", "+1"]);
        check("bool", &["true"], &["True", "1"]);
        check(
            "date",
            &["2024-01-31T12:00:00Z", "0001-01-01T00:00:00.123Z"],
            &["2024-01-31", "2024-01-31T12:00:00+00:00"],
        );
        check("text", &["x"], &[""]);
        check("any", &["", "x"], &[]);
        check("jwt", &[], &["", "a.b.c"]);
    }

    #[test]
    fn unknown_kinds_have_no_name() {
        for name in ["", "letters", "letters0", "letters-1", "lettersx", "JWT", "number"] {
            assert_eq!(Kind::named(name), None, "{name}");
        }
    }
}
