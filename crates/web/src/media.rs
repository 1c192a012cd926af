//! What a request says its body is.

use http::{HeaderMap, header};

/// The kind of body a request declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`, its charset absent or UTF-8.
    Json,
    /// `application/x-www-form-urlencoded`, its charset absent or UTF-8.
    Form,
    /// No `Content-Type`, or an empty one.
    None,
    /// Anything else: another type, another charset, a content coding, several headers.
    Other,
}

/// Reads `Content-Type` (RFC 9110 section 8.3); type, parameter names and charset in any case.
///
/// A body under a `Content-Encoding` other than `identity` is [`MediaType::Other`]: nothing here
/// decompresses.
pub fn media_type(headers: &HeaderMap) -> MediaType {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let Some(value) = values.next() else { return MediaType::None };
    if values.next().is_some() || is_encoded(headers) {
        return MediaType::Other;
    }
    let Ok(value) = value.to_str() else { return MediaType::Other };
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let kind = if essence.eq_ignore_ascii_case("application/json") {
        MediaType::Json
    } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        MediaType::Form
    } else if value.trim().is_empty() {
        MediaType::None
    } else {
        MediaType::Other
    };
    if parts.all(is_utf8_parameter) { kind } else { MediaType::Other }
}

/// False only for a charset that is not UTF-8; other parameters mean nothing here.
fn is_utf8_parameter(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return true };
    let charset = value.trim().trim_matches('"');
    !name.trim().eq_ignore_ascii_case("charset")
        || charset.eq_ignore_ascii_case("utf-8")
        || charset.eq_ignore_ascii_case("utf8")
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(value: &[u8]) -> MediaType {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_bytes(value).unwrap());
        media_type(&headers)
    }

    #[test]
    fn types_and_charsets() {
        let table: [(&str, MediaType); 15] = [
            ("application/json", MediaType::Json),
            ("Application/JSON ; Charset=\"UTF-8\"", MediaType::Json),
            ("application/json;charset=utf8; profile=x", MediaType::Json),
            ("application/json;", MediaType::Json),
            ("application/json; charset=latin1", MediaType::Other),
            ("application/json; charset=utf-8; charset=utf-16", MediaType::Other),
            ("application/json, text/plain", MediaType::Other),
            ("application/jsonx", MediaType::Other),
            ("application/problem+json", MediaType::Other),
            ("application/x-www-form-urlencoded", MediaType::Form),
            ("application/x-www-form-urlencoded; charset=UTF-8", MediaType::Form),
            ("multipart/form-data; boundary=x", MediaType::Other),
            ("text/plain", MediaType::Other),
            ("", MediaType::None),
            ("  ", MediaType::None),
        ];
        for (value, kind) in table {
            assert_eq!(of(value.as_bytes()), kind, "{value:?}");
        }
        assert_eq!(of(b"application/json\xff"), MediaType::Other);
        assert_eq!(media_type(&HeaderMap::new()), MediaType::None);
    }

    #[test]
    fn two_types_or_a_coding_cannot_be_read() {
        let mut headers = HeaderMap::new();
        headers.append(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
        assert_eq!(media_type(&headers), MediaType::Json);
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(media_type(&headers), MediaType::Other);
        headers.remove(header::CONTENT_ENCODING);
        headers.append(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        assert_eq!(media_type(&headers), MediaType::Other);
    }
}
