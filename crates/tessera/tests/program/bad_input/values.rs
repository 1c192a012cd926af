//! What is put where something good belongs.

/// Values put in the place of a good one, written as it stands in a JSON body. `None` leaves the field out.
pub(super) const JSON_VALUES: [(&str, Option<&str>); 15] = [
    ("missing", None),
    ("empty", Some(r#""""#)),
    ("a number", Some("5")),
    ("a huge number", Some("1e999")),
    ("true", Some("true")),
    ("false", Some("false")),
    ("null", Some("null")),
    ("an empty list", Some("[]")),
    ("a list", Some(r#"["abcdefgh"]"#)),
    ("an object", Some(r#"{"$ne":""}"#)),
    ("a NUL", Some(r#""abcdefg\u0000h""#)),
    ("a control character", Some(r#""abcdefg\u001bh""#)),
    ("a lone surrogate", Some(r#""abcdefg\ud800""#)),
    ("a bare control character", Some("\"abcdefg\u{1}\"")),
    ("no value at all", Some("")),
];

/// The same as it stands in a form or a query.
pub(super) const FORM_VALUES: [(&str, Option<&str>); 9] = [
    ("missing", None),
    ("empty", Some("")),
    ("a NUL", Some("abcdefg%00h")),
    ("a control character", Some("abcdefg%1Bh")),
    ("not UTF-8", Some("abcdefgh%ff%fe")),
    ("an overlong UTF-8 form", Some("abcdefgh%c0%80")),
    ("half an escape", Some("abcdefgh%")),
    ("no escape", Some("%zz%zz%zz%zz")),
    ("a surrogate in UTF-8", Some("abcdefgh%ed%a0%80")),
];

/// Bodies that hold nothing to read.
pub(super) const NO_BODIES: [&[u8]; 18] = [
    b"",
    b" ",
    b"{",
    b"}",
    b"[]",
    b"[1,2]",
    b"null",
    b"true",
    b"5",
    b"\"text\"",
    b"{\"a\":",
    b"{'a':'b'}",
    b"{\"a\":\"b\"} {\"a\":\"b\"}",
    b"{\"a\":\"b\",}",
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b"{\"\xff\":\"\"}",
    b"\x00\x01\x02\x03",
];

pub(super) const TYPES: [Option<&str>; 11] = [
    None,
    Some(""),
    Some("text/plain"),
    Some("application/xml"),
    Some("application/octet-stream"),
    Some("multipart/form-data; boundary=x"),
    Some("application/json; charset=utf-16"),
    Some("application/json; charset="),
    Some("application/jsonp"),
    Some("application/x-www-form-urlencoded; charset=shift_jis"),
    Some(";;;===///"),
];
