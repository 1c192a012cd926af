//! The token in an `Authorization` header, in the three ways the field's clients write it.

use http::{HeaderMap, header};

/// How a contract reads the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BearerStyle {
    /// `Bearer ` in exactly this spelling; the token is the second word between single spaces. Two
    /// spaces give an empty token (`Some("")`), which differs from no header at all.
    Exact,
    /// The scheme in any case, then any blanks; the rest is trimmed and not empty.
    AnyCase,
    /// `Bearer ` may stand before the token, or be missing; the token is not empty.
    OptionalScheme,
}

/// The bearer token of a request, or `None` if there is none in this style.
///
/// Several `Authorization` headers, or one that is not printable ASCII, count as none: two readers
/// could disagree on which token is meant.
pub fn bearer(headers: &HeaderMap, style: BearerStyle) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    match style {
        BearerStyle::Exact => value.strip_prefix("Bearer ").and_then(|rest| rest.split(' ').next()),
        BearerStyle::AnyCase => any_case(value),
        BearerStyle::OptionalScheme => optional_scheme(value),
    }
}

fn any_case(value: &str) -> Option<&str> {
    let (scheme, rest) = value.split_once([' ', '\t'])?;
    let token = rest.trim_matches([' ', '\t']);
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Systems of this style delete the first `Bearer ` wherever it stands. Only at the start can the
/// remainder be a token that somebody was given, so one inside the value counts as none.
fn optional_scheme(value: &str) -> Option<&str> {
    let token = value.strip_prefix("Bearer ").unwrap_or(value);
    let remains = value.len() != token.len() || !value.contains("Bearer ");
    (remains && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn read(value: &[u8], style: BearerStyle) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        bearer(&headers, style).map(str::to_owned)
    }

    #[test]
    fn the_three_styles_differ_as_they_promise() {
        type Read = Option<&'static str>;
        let table: [(&str, Read, Read, Read); 12] = [
            ("Bearer abc", Some("abc"), Some("abc"), Some("abc")),
            ("bearer abc", None, Some("abc"), Some("bearer abc")),
            ("BEARER\t abc ", None, Some("abc"), Some("BEARER\t abc ")),
            ("Bearer  abc", Some(""), Some("abc"), Some(" abc")),
            ("Bearer abc def", Some("abc"), Some("abc def"), Some("abc def")),
            ("abc", None, None, Some("abc")),
            ("Bearer", None, None, Some("Bearer")),
            ("Bearer ", Some(""), None, None),
            ("", None, None, None),
            ("Basic abc", None, None, Some("Basic abc")),
            ("eyJ Bearer abc", None, None, None),
            ("Bearerabc", None, None, Some("Bearerabc")),
        ];
        for (value, exact, any, optional) in table {
            assert_eq!(read(value.as_bytes(), BearerStyle::Exact).as_deref(), exact, "{value:?}");
            assert_eq!(read(value.as_bytes(), BearerStyle::AnyCase).as_deref(), any, "{value:?}");
            assert_eq!(read(value.as_bytes(), BearerStyle::OptionalScheme).as_deref(), optional, "{value:?}");
        }
    }

    #[test]
    fn several_headers_or_odd_bytes_are_none() {
        for style in [BearerStyle::Exact, BearerStyle::AnyCase, BearerStyle::OptionalScheme] {
            assert_eq!(read(b"Bearer \xff\xfe", style), None);
            assert_eq!(bearer(&HeaderMap::new(), style), None);
            let mut headers = HeaderMap::new();
            headers.append(header::AUTHORIZATION, HeaderValue::from_static("Bearer good"));
            headers.append(header::AUTHORIZATION, HeaderValue::from_static("Bearer evil"));
            assert_eq!(bearer(&headers, style), None);
        }
    }
}
