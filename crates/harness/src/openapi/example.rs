//! Requests with their answers, as they are kept beside a contract.

use serde::{Deserialize, Serialize};

use super::document::{Operation, essence};
use crate::http::{Answer, Request};
use crate::json::Json;

/// One recorded exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// The operation's id.
    pub operation: String,
    /// What its section in the transcript is called.
    pub title: String,
    /// What parameters of path and query were.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parameters: Option<Json>,
    /// What was sent, if anything was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<Content>,
    /// The status of the answer.
    pub status: u16,
    /// What came, if anything did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer: Option<Content>,
}

/// A body with its type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Without parameters.
    #[serde(rename = "type")]
    pub kind: String,
    /// JSON as such, a form as an object, all else as text.
    pub body: Json,
}

impl Example {
    pub(super) fn of(operation: &Operation, title: &str, request: &Request, answer: &Answer) -> Example {
        let sent = essence(request).filter(|_| !request.body.is_empty());
        let came = answer.header("content-type").map(|value| {
            let kind = value.split(';').next().unwrap_or_default().trim().to_owned();
            Content { body: body(&kind, &answer.body), kind }
        });
        // A body without a type is JSON to the contracts that do not look at types.
        let untyped = (sent.is_none() && !request.body.is_empty()).then(|| "application/json".to_owned());
        let request_body = sent.or(untyped).map(|kind| Content { body: body(&kind, &request.body), kind });
        Example {
            operation: operation.id.clone(),
            title: title.to_owned(),
            parameters: parameters(&operation.path, &request.target),
            request: request_body,
            status: answer.status,
            answer: came,
        }
    }

    /// Whether the body that was sent is of the kind that it says.
    pub(super) fn is_readable(&self) -> bool {
        let json = |content: &Content| content.kind.ends_with("json");
        self.request.as_ref().is_none_or(|sent| !json(sent) || matches!(sent.body, Json::Object(_)))
    }
}

fn body(kind: &str, bytes: &[u8]) -> Json {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if kind.ends_with("json") {
        return Json::parse(&text).unwrap_or(Json::Text(text));
    }
    if kind == "application/x-www-form-urlencoded" {
        return pairs(bytes);
    }
    Json::Text(text)
}

fn pairs(bytes: &[u8]) -> Json {
    let pairs = form_urlencoded::parse(bytes).into_owned();
    Json::Object(pairs.map(|(name, text)| (name, Json::Text(text))).collect())
}

fn parameters(pattern: &str, target: &str) -> Option<Json> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let segments = pattern.split('/').zip(path.split('/'));
    let named = segments.filter_map(|(own, sent)| {
        let name = own.strip_prefix('{')?.strip_suffix('}')?;
        Some((name.to_owned(), Json::Text(sent.to_owned())))
    });
    let mut all: Vec<_> = named.collect();
    if let Json::Object(asked) = pairs(query.as_bytes()) {
        all.extend(asked);
    }
    (!all.is_empty()).then_some(Json::Object(all))
}
