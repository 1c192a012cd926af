//! Contracts' documents made into one: names of their own for everything, and one operation where two contracts
//! answer at the same method and path.

use serde_json::{Map, Value, json};

use crate::compose::Spoken;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Puts a contract's document, its paths under `prefix`, into that of an origin.
pub(super) fn put_in(whole: &mut Value, spoken: &Spoken, prefix: &str, mut document: Value) {
    rename(&mut document, spoken.name);
    append(&mut whole["tags"], document["tags"].take());
    for (kind, components) in entries(document["components"].take()) {
        for (name, component) in entries(components) {
            whole["components"][&kind][format!("{}.{name}", spoken.name)] = component;
        }
    }
    for (path, item) in entries(document["paths"].take()) {
        let path = format!("{prefix}{path}");
        for (method, operation) in entries(item) {
            let operation = match whole["paths"][&path][&method].take() {
                Value::Null => operation,
                other => shared(&whole["components"], other, operation),
            };
            whole["paths"][&path][&method] = operation;
        }
    }
}

fn entries(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}

fn append(list: &mut Value, more: Value) {
    let Value::Array(more) = more else { return };
    match list {
        Value::Array(list) => list.extend(more),
        other => *other = Value::Array(more),
    }
}

/// Gives every operation, component and link a name that no other contract has.
fn rename(document: &mut Value, contract: &str) {
    for item in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for method in METHODS {
            let Some(operation) = item.get_mut(method) else { continue };
            for key in ["operationId", "x-alias-of"] {
                if let Some(id) = operation.get(key).and_then(Value::as_str) {
                    operation[key] = format!("{contract}_{id}").into();
                }
            }
            for scheme in operation.get_mut("security").and_then(Value::as_array_mut).into_iter().flatten() {
                let renamed = entries(scheme.take());
                let renamed =
                    renamed.into_iter().map(|(name, scopes)| (format!("{contract}.{name}"), scopes));
                *scheme = Value::Object(renamed.collect());
            }
        }
    }
    relink(document, contract);
}

fn relink(value: &mut Value, contract: &str) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value.as_str().and_then(|link| link.strip_prefix("#/components/")?.split_once('/')) {
                    Some((kind, name)) if key == "$ref" => {
                        *value = format!("#/components/{kind}/{contract}.{name}").into();
                    }
                    _ => relink(value, contract),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| relink(value, contract)),
        _ => {}
    }
}

/// One operation for two contracts. The one that says which requests it claims (`x-claims`) gets those, the other
/// one all else.
fn shared(components: &Value, one: Value, other: Value) -> Value {
    let (claimed, rest) = if one.get("x-claims").is_some() { (one, other) } else { (other, one) };
    let text = |operation: &Value, key: &str| operation[key].as_str().unwrap_or_default().to_owned();
    let name = |operation: &Value| operation["tags"][0].as_str().unwrap_or_default().to_owned();
    let (first, second) = (name(&claimed), name(&rest));
    let about = |operation: &Value| {
        let (summary, description) = (text(operation, "summary"), text(operation, "description"));
        if description.is_empty() { format!("{summary}.") } else { format!("{summary}. {description}") }
    };
    let words = claimed["x-claims"]["description"].as_str().unwrap_or_default();
    let description = format!(
        "Two contracts answer here, told apart by the body. {first} takes {words}. {second} takes everything else.\n\n\
         {first}: {}\n\n{second}: {}",
        about(&claimed),
        about(&rest)
    );
    json!({
        "tags": [first, second],
        "summary": format!("{}, by {first} or {second}", text(&rest, "summary")),
        "description": description,
        "operationId": format!("{}_or_{}", text(&claimed, "operationId"), text(&rest, "operationId")),
        "requestBody": bodies(&claimed, &rest),
        "responses": responses(components, (&first, &claimed), (&second, &rest)),
    })
}

fn bodies(claimed: &Value, rest: &Value) -> Value {
    let content = |operation: &Value| entries(operation["requestBody"]["content"].clone());
    let mut all = content(claimed);
    for (kind, media) in content(rest) {
        let both = match all.remove(&kind) {
            None => media,
            Some(own) => {
                let unclaimed =
                    json!({ "allOf": [media["schema"], { "not": claimed["x-claims"]["schema"] }] });
                joined(&own, &media, json!({ "oneOf": [own["schema"], unclaimed] }))
            }
        };
        all.insert(kind, both);
    }
    json!({ "required": true, "content": all })
}

/// A medium with this schema and the examples of both.
fn joined(one: &Value, other: &Value, schema: Value) -> Value {
    let mut examples = Map::new();
    for (number, media) in (1..).zip([one, other]) {
        for (name, example) in entries(media["examples"].clone()) {
            examples.insert(format!("{name}-{number}"), example);
        }
    }
    if examples.is_empty() {
        json!({ "schema": schema })
    } else {
        json!({ "schema": schema, "examples": examples })
    }
}

fn responses(components: &Value, (first, claimed): (&str, &Value), (second, rest): (&str, &Value)) -> Value {
    let resolved = |operation: &Value| {
        let all = entries(operation["responses"].clone()).into_iter();
        all.map(|(status, response)| (status, followed(components, response))).collect::<Map<_, _>>()
    };
    let (mut all, rest) = (resolved(claimed), resolved(rest));
    for (status, response) in &mut all {
        let name = if rest.contains_key(status) { String::new() } else { format!("{first}: ") };
        describe(response, &name);
    }
    for (status, mut response) in rest {
        let response = match all.remove(&status) {
            None => {
                describe(&mut response, &format!("{second}: "));
                response
            }
            Some(own) => both((first, own), (second, response)),
        };
        all.insert(status, response);
    }
    Value::Object(all)
}

/// What a link stands for, or the value itself.
fn followed(components: &Value, response: Value) -> Value {
    let link = response["$ref"].as_str().and_then(|link| link.strip_prefix("#/components"));
    link.and_then(|link| components.pointer(link)).cloned().unwrap_or(response)
}

fn describe(response: &mut Value, name: &str) {
    let description = response["description"].as_str().unwrap_or_default();
    response["description"] = format!("{name}{description}").into();
}

/// One answer for two contracts; a header that only one of them sends is not promised.
fn both((first, one): (&str, Value), (second, other): (&str, Value)) -> Value {
    let text = |response: &Value| {
        let description = response["description"].as_str().unwrap_or_default();
        description.trim_end_matches('.').to_owned()
    };
    let description = match (text(&one), text(&other)) {
        (own, others) if own == others => own,
        (own, others) => format!("{first}: {own}. {second}: {others}"),
    };
    let mut content = entries(one["content"].clone());
    for (kind, media) in entries(other["content"].clone()) {
        let new = match content.remove(&kind) {
            None => media,
            Some(own) => joined(&own, &media, json!({ "anyOf": [own["schema"], media["schema"]] })),
        };
        content.insert(kind, new);
    }
    let mut response = json!({ "description": description, "content": content });
    let headers = entries(one["headers"].clone());
    let headers: Map<_, _> =
        headers.into_iter().filter(|(name, _)| other["headers"].get(name).is_some()).collect();
    if !headers.is_empty() {
        response["headers"] = Value::Object(headers);
    }
    response
}
