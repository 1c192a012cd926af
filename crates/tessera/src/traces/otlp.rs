//! Spans as OTLP writes them in JSON (opentelemetry-proto 1, "OTLP/HTTP, JSON Protobuf Encoding").

use serde_json::{Value, json};

/// A span that has ended.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) trace: String,
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: String,
    /// Microseconds since the epoch.
    pub(super) began: i64,
    pub(super) ended: i64,
    pub(super) attributes: Vec<(&'static str, Attribute)>,
    pub(super) failed: bool,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Text(String),
    Number(u64),
}

/// SPAN_KIND_SERVER, SPAN_KIND_INTERNAL, STATUS_CODE_ERROR.
const SERVER: u32 = 2;
const INTERNAL: u32 = 1;
const ERROR: u32 = 2;

/// What is sent for these spans.
pub(super) fn body(spans: &[Span]) -> String {
    let service = [
        ("service.name", Attribute::Text("tessera".into())),
        ("service.version", Attribute::Text(crate::VERSION.into())),
    ];
    json!({ "resourceSpans": [{
        "resource": { "attributes": attributes(&service) },
        "scopeSpans": [{
            "scope": { "name": "tessera" },
            "spans": spans.iter().map(span).collect::<Vec<_>>(),
        }],
    }] })
    .to_string()
}

/// Whole numbers of 64 bits are texts there, as JSON has none.
fn span(span: &Span) -> Value {
    let mut value = json!({
        "traceId": span.trace,
        "spanId": format!("{:016x}", span.id),
        "name": span.name,
        "kind": if span.parent.is_none() { SERVER } else { INTERNAL },
        "startTimeUnixNano": format!("{}000", span.began),
        "endTimeUnixNano": format!("{}000", span.ended),
        "attributes": attributes(&span.attributes),
    });
    if let Some(parent) = span.parent {
        value["parentSpanId"] = format!("{parent:016x}").into();
    }
    if span.failed {
        value["status"] = json!({ "code": ERROR });
    }
    value
}

fn attributes(attributes: &[(&'static str, Attribute)]) -> Value {
    let one = |(key, value): &(&str, Attribute)| {
        let value = match value {
            Attribute::Text(text) => json!({ "stringValue": text }),
            Attribute::Number(number) => json!({ "intValue": number.to_string() }),
        };
        json!({ "key": key, "value": value })
    };
    attributes.iter().map(one).collect()
}
