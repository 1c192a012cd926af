//! Recorded exchanges, put where a document has room for examples.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The most examples that an answer has which many operations share.
const SHARED: usize = 3;

/// A request with its answer, as tests record them.
#[derive(Deserialize)]
struct Example {
    operation: String,
    title: String,
    #[serde(default)]
    parameters: Map<String, Value>,
    request: Option<Content>,
    status: u16,
    answer: Option<Content>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(rename = "type")]
    kind: String,
    body: Value,
}

impl Example {
    /// Whether the caller got what was asked for: some contracts put an error into a 200.
    fn succeeded(&self) -> bool {
        let body = self.answer.as_ref().and_then(|answer| answer.body.as_object());
        let error = body.is_some_and(|body| body.len() == 1 && body.contains_key("error"));
        (200..300).contains(&self.status) && !error
    }
}

/// Puts a contract's examples into its document, also into the operations that are aliases.
pub(super) fn put_in(document: &mut Value, examples: &str) -> serde_json::Result<()> {
    let examples: Vec<Example> = serde_json::from_str(examples)?;
    let Value::Object(paths) = document["paths"].take() else { return Ok(()) };
    let mut written = Map::new();
    for (path, mut item) in paths {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let name = operation.get("x-alias-of").or_else(|| operation.get("operationId"));
            let name = name.and_then(Value::as_str).unwrap_or_default().to_owned();
            let own = examples.iter().filter(|example| example.operation == name);
            own.for_each(|example| describe(operation, &mut document["components"], example));
        }
        written.insert(path, item);
    }
    document["paths"] = Value::Object(written);
    Ok(())
}

fn describe(operation: &mut Value, components: &mut Value, example: &Example) {
    if example.succeeded() {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let value = parameter["name"].as_str().and_then(|name| example.parameters.get(name)).cloned();
            if let (Some(value), None) = (value, parameter.get("example")) {
                parameter["example"] = value;
            }
        }
        if let Some(sent) = &example.request {
            add(operation.pointer_mut("/requestBody/content"), sent, &example.title, usize::MAX);
        }
    }
    let response = operation.pointer_mut(&format!("/responses/{}", example.status));
    let (Some(came), Some(response)) = (&example.answer, response) else { return };
    let link =
        response["$ref"].as_str().and_then(|link| link.strip_prefix("#/components")).map(str::to_owned);
    let shared = link.as_deref().and_then(|link| components.pointer_mut(link));
    match shared {
        // Refusals are the same everywhere; a success is the operation's own.
        Some(shared) if !example.succeeded() => add(shared.get_mut("content"), came, &example.title, SHARED),
        Some(shared) => {
            *response = shared.clone();
            add(response.get_mut("content"), came, &example.title, usize::MAX);
        }
        None => add(response.get_mut("content"), came, &example.title, usize::MAX),
    }
}

/// Adds a body to the examples of its type, unless the same is there, or as many as may be.
fn add(content: Option<&mut Value>, example: &Content, title: &str, most: usize) {
    let media = content.and_then(|content| content.get_mut(&example.kind)).and_then(Value::as_object_mut);
    let Some(media) = media else { return };
    let all = media.entry("examples").or_insert_with(|| json!({}));
    let Some(all) = all.as_object_mut() else { return };
    if all.len() < most && !all.values().any(|other| other["value"] == example.body) {
        // Names are sorted, and the first one is what a viewer shows.
        all.insert(
            format!("example-{:02}", all.len() + 1),
            json!({ "summary": title, "value": example.body }),
        );
    }
}
