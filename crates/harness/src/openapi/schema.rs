//! Schemas with their references put in, and closed against what they do not mention.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// References within references end somewhere; this only keeps a broken document from never ending.
const DEEPEST: usize = 32;

/// What a `$ref` stands for, or the value itself.
pub(super) fn resolved<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|link| root.pointer(link.strip_prefix('#')?));
    target.unwrap_or(value)
}

/// A `$ref` that stands for nothing.
pub(super) fn dangling(root: &Value, value: &Value) -> Option<String> {
    match value {
        Value::Object(entries) => entries.iter().find_map(|(key, value)| match value.as_str() {
            Some(link) if key == "$ref" => {
                let found = link.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
                found.is_none().then(|| link.to_owned())
            }
            _ => dangling(root, value),
        }),
        Value::Array(values) => values.iter().find_map(|value| dangling(root, value)),
        _ => None,
    }
}

/// The names of the properties that an object of this schema may have, in any of its variants.
pub(super) fn names(schema: &Value, found: &mut BTreeSet<String>) {
    found.extend(schema["properties"].as_object().into_iter().flat_map(Map::keys).cloned());
    for variants in ["oneOf", "anyOf", "allOf"] {
        schema[variants].as_array().into_iter().flatten().for_each(|variant| names(variant, found));
    }
}

/// The schema with every reference put in, as it is.
pub(super) fn open(root: &Value, schema: &Value) -> Value {
    expand(root, schema, false, DEEPEST)
}

/// The same, in which no object has a property that is not mentioned.
pub(super) fn closed(root: &Value, schema: &Value) -> Value {
    expand(root, schema, true, DEEPEST)
}

fn expand(root: &Value, schema: &Value, close: bool, depth: usize) -> Value {
    let schema = resolved(root, schema);
    let (Value::Object(entries), Some(depth)) = (schema, depth.checked_sub(1)) else { return schema.clone() };
    let mut written = Map::new();
    for (key, value) in entries {
        let new = match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties
                .iter()
                .map(|(name, property)| (name.clone(), expand(root, property, close, depth)))
                .collect(),
            ("items" | "additionalProperties", Value::Object(_)) => expand(root, value, close, depth),
            ("oneOf" | "anyOf", Value::Array(branches)) => {
                branches.iter().map(|branch| expand(root, branch, close, depth)).collect()
            }
            // Each part knows its own properties only: what is closed is the whole.
            ("allOf", Value::Array(parts)) => {
                parts.iter().map(|part| expand(root, part, false, depth)).collect()
            }
            _ => value.clone(),
        };
        written.insert(key.clone(), new);
    }
    let object = entries.contains_key("properties") || entries.contains_key("allOf");
    if close && object && !entries.contains_key("additionalProperties") {
        written.insert("unevaluatedProperties".to_owned(), json!(false));
    }
    Value::Object(written)
}
