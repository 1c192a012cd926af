use super::*;
use crate::Field;

fn refused(bytes: &[u8]) -> BodyRefused {
    json_fields(bytes).unwrap_err()
}

#[test]
fn one_object_with_every_kind_of_value() {
    let fields = json_fields(b" \n{\"a\":\"x\",\"b\":[1,-2,2.5,true,null,{\"c\":\"d\"}]} \t\r\n").unwrap();
    assert_eq!(fields.field("a"), Field::Text("x"));
    assert_eq!(fields.value("b"), Some(&serde_json::json!([1, -2, 2.5, true, null, {"c": "d"}])));
    assert_eq!(json_fields(b"{}").unwrap(), Fields::default());
    assert_eq!(
        json_fields(br#"{"k\u0065y":"\ud83e\udd80"}"#).unwrap().field("key"),
        Field::Text("\u{1f980}")
    );
}

#[test]
fn a_name_that_occurs_twice_is_refused_at_any_depth() {
    for body in [
        r#"{"email":"a@x","email":"b@x"}"#,
        r#"{"email":"a@x","password":1,"email":"a@x"}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"o":{"x":1,"x":1}}"#,
        r#"{"l":[{"x":1,"x":2}]}"#,
    ] {
        assert_eq!(refused(body.as_bytes()), BodyRefused::Malformed, "{body}");
    }
    assert!(json_fields(br#"{"a":1,"A":2,"o":{"a":1}}"#).is_ok());
}

#[test]
fn what_is_not_one_json_text_is_malformed() {
    let bodies: [&[u8]; 16] = [
        b"",
        b"   ",
        b"{",
        b"{\"a\":}",
        b"{\"a\":1,}",
        b"{'a':1}",
        b"{a:1}",
        b"{}{}",
        b"{} x",
        b"{}\0",
        b"\xef\xbb\xbf{}",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":\"\xc3\x28\"}",
        br#"{"a":"\ud800"}"#,
        b"{\"a\":\"raw\nnewline\"}",
        b"{\"a\":1e999}",
    ];
    for body in bodies {
        assert_eq!(refused(body), BodyRefused::Malformed, "{:?}", String::from_utf8_lossy(body));
    }
}

#[test]
fn other_json_values_are_not_an_object() {
    for body in ["[]", " [1,{\"a\":2}]", "null", "true", "12", "\"text\""] {
        assert_eq!(refused(body.as_bytes()), BodyRefused::NotAnObject, "{body}");
    }
    assert_eq!(refused(b"[1"), BodyRefused::Malformed);
}

#[test]
fn deep_nesting_is_refused_and_costs_no_stack() {
    let deep = 100_000;
    for body in [
        "[".repeat(deep),
        format!("{{\"a\":{}", "[".repeat(deep)),
        format!("{{\"a\":{}{}}}", "[".repeat(deep), "]".repeat(deep)),
        "{\"a\":".repeat(deep),
        format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep)),
    ] {
        assert_eq!(refused(body.as_bytes()), BodyRefused::Malformed);
    }
    let shallow = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
    assert!(json_fields(shallow.as_bytes()).is_ok());
}

#[test]
fn every_cut_of_a_body_is_refused() {
    let body = br#"{"username":"bob","password":"\u00e9 secret","list":[1,2,{"x":null}]}"#;
    for end in 0..body.len() {
        assert_eq!(refused(&body[..end]), BodyRefused::Malformed, "{end}");
    }
    assert!(json_fields(body).is_ok());
}
