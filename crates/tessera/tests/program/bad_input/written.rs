//! Fields as they stand in a request.

use harness::http::Request;

use super::rows::{Carrier, Field};

/// A name with its value in the notation of where it stands.
pub(super) type Pair = (String, String);

pub(super) fn json_pairs(good: &[(&str, String)]) -> Vec<Pair> {
    good.iter().map(|(name, text)| ((*name).to_owned(), json_value(text))).collect()
}

/// Lists and truth values as they are, all else as text.
fn json_value(text: &str) -> String {
    if text == "true" || text.starts_with('[') { text.to_owned() } else { format!("{text:?}") }
}

/// The good text of a field with something behind it, as JSON.
pub(super) fn padded(good: &[(&'static str, String)], field: &Field, padding: &str) -> String {
    let (_, text) = good.iter().find(|(name, _)| *name == field.name).unwrap();
    format!("\"{text}{padding}\"")
}

pub(super) fn json_text(pairs: &[Pair]) -> String {
    let fields: Vec<String> = pairs.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// The fields in the notation of the carrier, one of them replaced.
pub(super) fn replaced(
    carrier: Carrier,
    good: &[(&'static str, String)],
    field: &Field,
    value: Option<&str>,
) -> Vec<Pair> {
    let all = notation(carrier, good);
    match value {
        None => all.into_iter().filter(|(name, _)| name != field.name).collect(),
        Some(value) => with_value(&all, field.name, value),
    }
}

pub(super) fn notation(carrier: Carrier, good: &[(&str, String)]) -> Vec<Pair> {
    match carrier {
        Carrier::Json => json_pairs(good),
        Carrier::Form | Carrier::Query => good
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.replace('@', "%40").replace(' ', "+")))
            .collect(),
    }
}

pub(super) fn with_value(pairs: &[Pair], name: &str, value: &str) -> Vec<Pair> {
    let new =
        |(there, old): &Pair| (there.clone(), if there == name { value.to_owned() } else { old.clone() });
    pairs.iter().map(new).collect()
}

pub(super) fn twice(carrier: Carrier, good: &[(&'static str, String)], field: &Field) -> Vec<Pair> {
    let mut all = notation(carrier, good);
    let again = all.iter().find(|(name, _)| name == field.name).cloned().unwrap();
    all.push(again);
    all
}

pub(super) fn with_fields(mut request: Request, carrier: Carrier, pairs: &[Pair]) -> Request {
    let form = || pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    match carrier {
        Carrier::Json => {
            request.body = json_text(pairs).into_bytes();
            request.header("Content-Type", "application/json")
        }
        Carrier::Form => {
            request.body = form().into_bytes();
            request.header("Content-Type", "application/x-www-form-urlencoded")
        }
        Carrier::Query => {
            request.target = format!("{}?{}", request.target, form());
            request
        }
    }
}

/// The same body in chunks, its length announced nowhere.
pub(super) fn in_chunks(request: Request) -> Request {
    let mut body = Vec::new();
    for chunk in request.body.chunks(16_000) {
        body.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        body.extend_from_slice(chunk);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"0\r\n\r\n");
    Request { body, ..request }.header("Transfer-Encoding", "chunked")
}
