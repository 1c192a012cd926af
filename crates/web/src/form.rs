//! Forms and queries: `name=value&name=value`, percent-encoded.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde_json::Value;

use crate::fields::{BodyRefused, Fields};

/// Of several fields with one name in a query, the first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstWins;

/// The fields of an `application/x-www-form-urlencoded` body (WHATWG URL section 5.1, but strict):
/// a name that occurs twice, or text that is not UTF-8, is `Malformed`. An empty body has no fields.
/// Every value is text.
pub fn form_fields(bytes: &[u8]) -> Result<Fields, BodyRefused> {
    let fields = pairs(bytes)?;
    if fields.has_duplicates() { Err(BodyRefused::Malformed) } else { Ok(fields) }
}

/// The fields of a URL's query, names as sent; of several with one name the first is found.
/// Text that is not UTF-8 is `Malformed`; no query has no fields.
pub fn query_fields(query: Option<&str>, duplicates: FirstWins) -> Result<Fields, BodyRefused> {
    let FirstWins = duplicates;
    pairs(query.unwrap_or_default().as_bytes())
}

fn pairs(bytes: &[u8]) -> Result<Fields, BodyRefused> {
    let mut pairs = Vec::new();
    for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let middle = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let value = pair.get(middle + 1..).unwrap_or_default();
        pairs.push((decoded(&pair[..middle])?, Value::String(decoded(value)?)));
    }
    Ok(Fields::new(pairs))
}

/// `+` is a blank, `%41` is `A`; a `%` without two hex digits stands for itself, as everywhere.
fn decoded(raw: &[u8]) -> Result<String, BodyRefused> {
    let spaced: Vec<u8> = raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes: Cow<'_, [u8]> = percent_decode(&spaced).into();
    String::from_utf8(bytes.into_owned()).map_err(|_| BodyRefused::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Field;

    #[test]
    fn decodes_once_and_keeps_the_rest() {
        let fields = form_fields(b"a=1+2&b=%2B%26%3D&c=%2541&d&e=&=f&&g=x=y&%C3%A9=%zz%4").unwrap();
        let table = [
            ("a", "1 2"),
            ("b", "+&="),
            ("c", "%41"),
            ("d", ""),
            ("e", ""),
            ("", "f"),
            ("g", "x=y"),
            ("\u{e9}", "%zz%4"),
        ];
        for (name, value) in table {
            assert_eq!(fields.field(name), Field::Text(value), "{name:?}");
        }
        assert_eq!(form_fields(b"").unwrap(), Fields::default());
    }

    #[test]
    fn a_form_with_a_name_twice_or_odd_bytes_is_refused() {
        let bodies: [&[u8]; 7] = [
            b"email=a&email=b",
            b"email=a&password=x&em%61il=a",
            b"a=%ff",
            b"%C3=1",
            b"a=%C3%28",
            b"a=\xff",
            b"a=%ED%A0%80",
        ];
        for body in bodies {
            assert_eq!(form_fields(body), Err(BodyRefused::Malformed), "{body:?}");
        }
    }

    #[test]
    fn many_names_stay_cheap() {
        let body: String = (0..20_000).map(|n| format!("{n:x}&")).collect();
        assert!(form_fields(body.as_bytes()).is_ok());
        assert_eq!(form_fields(format!("{body}0").as_bytes()), Err(BodyRefused::Malformed));
    }

    #[test]
    fn the_first_of_several_query_values_wins() {
        let fields = query_fields(Some("code=A&code=B"), FirstWins).unwrap();
        assert_eq!(fields.field("code"), Field::Text("A"));
        assert_eq!(query_fields(None, FirstWins).unwrap(), Fields::default());
        assert_eq!(query_fields(Some("a=%fe"), FirstWins), Err(BodyRefused::Malformed));
        assert_eq!(query_fields(Some("a=%00"), FirstWins).unwrap().field("a"), Field::Text("\0"));
    }
}
