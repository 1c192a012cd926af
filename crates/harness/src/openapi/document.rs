//! A document, and whether an exchange is as it says.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::schema;
use crate::http::{Answer, Request};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An OpenAPI 3.1 document, read for checking.
#[derive(Debug)]
pub struct Document {
    root: Value,
    operations: Vec<Operation>,
    /// A prefix under which paths compare with regard to case.
    exact: Option<&'static str>,
    /// Compiled when first needed.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// A method on a path.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    /// The id of the operation, or of the one that it is an alias of (`x-alias-of`).
    pub(super) id: String,
    pub(super) alias: bool,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) value: Value,
}

/// That an operation answered with a status.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// The operation's id; an alias counts as what it stands for.
    pub operation: String,
    /// As sent.
    pub status: u16,
}

impl Document {
    /// Reads a document. The error says what is missing or leads nowhere in it.
    pub fn new(root: Value) -> Result<Document, String> {
        if let Some(link) = schema::dangling(&root, &root) {
            return Err(format!("{link} leads nowhere"));
        }
        let mut operations = Vec::new();
        let paths = root["paths"].as_object().ok_or("no paths")?;
        for (path, item) in paths {
            for method in METHODS {
                let Some(value) = item.get(method) else { continue };
                let own = value["operationId"].as_str().ok_or(format!("{method} {path} has no id"))?;
                let stands_for = value["x-alias-of"].as_str();
                operations.push(Operation {
                    id: stands_for.unwrap_or(own).to_owned(),
                    alias: stands_for.is_some(),
                    method: method.to_uppercase(),
                    path: path.clone(),
                    value: value.clone(),
                });
            }
        }
        Ok(Document { root, operations, exact: None, validators: Mutex::default() })
    }

    /// The same, with paths under `prefix` compared with regard to case.
    pub fn exact_under(self, prefix: &'static str) -> Document {
        Document { exact: Some(prefix), ..self }
    }

    /// Method and path of every operation.
    pub fn paths(&self) -> BTreeSet<(String, String)> {
        let both = |one: &Operation| (one.method.clone(), one.path.clone());
        self.operations.iter().map(both).collect()
    }

    /// Everything that is documented.
    pub fn documented(&self) -> BTreeSet<Seen> {
        let of = |operation: &Operation| {
            let statuses = operation.value["responses"].as_object().cloned().unwrap_or_default();
            let id = operation.id.clone();
            let statuses = statuses.into_iter().filter_map(|(status, _)| status.parse().ok());
            statuses.map(move |status| Seen { operation: id.clone(), status }).collect::<Vec<_>>()
        };
        self.operations.iter().flat_map(of).collect()
    }

    /// The names of everything that the operation at this very path reads, from its query or a body.
    pub fn fields(&self, method: &str, path: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for operation in self.operations.iter().filter(|one| one.method == method && one.path == path) {
            let parameters = operation.value["parameters"].as_array().into_iter().flatten();
            let asked = parameters.filter(|parameter| parameter["in"] == "query");
            names.extend(asked.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned)));
            let content = operation.value["requestBody"]["content"].as_object();
            for media in content.into_iter().flat_map(Map::values) {
                schema::names(&schema::open(&self.root, &media["schema"]), &mut names);
            }
        }
        names
    }

    pub(super) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation that a request asks for, if it is one of these.
    pub(super) fn operation(&self, request: &Request) -> Option<&Operation> {
        let path = request.target.split(['?', '#']).next().unwrap_or_default();
        let method = if request.method == "HEAD" { "GET" } else { &request.method };
        let taking = self.operations.iter().filter(|one| one.method == method);
        let fitting = taking.filter_map(|one| Some((self.fit(&one.path, path)?, one)));
        fitting.min_by_key(|(rank, _)| *rank).map(|(_, one)| one)
    }

    /// How well a path fits a pattern: first whether it is the very text, then the number of parameters.
    fn fit(&self, pattern: &str, path: &str) -> Option<(bool, usize)> {
        let exact = self.exact.is_some_and(|prefix| pattern.starts_with(prefix));
        let (own, sent) = (pattern.trim_end_matches('/'), path.strip_suffix('/').unwrap_or(path));
        if own.split('/').count() != sent.split('/').count() {
            return None;
        }
        let is_parameter = |segment: &str| segment.starts_with('{');
        let fits = own.split('/').zip(sent.split('/')).all(|(own, sent)| match own {
            own if is_parameter(own) => !sent.is_empty(),
            own if exact => own == sent,
            own => own.eq_ignore_ascii_case(sent),
        });
        fits.then(|| (pattern != path, own.split('/').filter(|segment| is_parameter(segment)).count()))
    }

    /// The names in a body of JSON that the operation takes.
    pub(super) fn names(&self, operation: &Operation) -> Vec<String> {
        let media = &operation.value["requestBody"]["content"]["application/json"];
        keys(&schema::resolved(&self.root, &media["schema"])["properties"]).map(str::to_owned).collect()
    }

    /// What was asked for and how it was answered, if the answer is as documented; the error says what is not.
    /// None if no operation was asked for.
    pub fn check(&self, request: &Request, answer: &Answer) -> Result<Option<Seen>, String> {
        let Some(operation) = self.operation(request) else { return Ok(None) };
        if request.method == "HEAD" && answer.status == 405 {
            return Ok(None);
        }
        self.check_answer(operation, request, answer).map_err(|why| {
            format!("{} {} ({}): {why}\n{answer}", request.method, operation.path, operation.id)
        })?;
        Ok(Some(Seen { operation: operation.id.clone(), status: answer.status }))
    }

    /// The same, and that what succeeded was asked for as documented. For clients who mean what they send: a
    /// server may be more lenient than its document.
    pub fn check_both(&self, request: &Request, answer: &Answer) -> Result<Option<Seen>, String> {
        let seen = self.check(request, answer)?;
        let Some(operation) = self.operation(request).filter(|_| succeeded(answer)) else { return Ok(seen) };
        let place = format!("{} {} ({})", request.method, operation.path, operation.id);
        self.check_request(operation, request).map_err(|why| format!("{place}: {why}\nanswered {answer}"))?;
        Ok(seen)
    }

    fn check_answer(&self, operation: &Operation, request: &Request, answer: &Answer) -> Result<(), String> {
        let status = answer.status.to_string();
        let response = &operation.value["responses"][&status];
        if response.is_null() {
            return Err(format!("the status {status} is not documented"));
        }
        let response = schema::resolved(&self.root, response);
        for name in keys(&response["headers"]) {
            if answer.header(name).is_none() {
                return Err(format!("the documented header {name} is missing"));
            }
        }
        let content = &response["content"];
        if request.method == "HEAD" {
            return Ok(());
        }
        let Some(sent) = answer.header("content-type") else {
            // A text may also be missing; an object may not.
            let may_be_empty = content.is_null() || content.get("text/plain").is_some();
            return if answer.body.is_empty() && may_be_empty {
                Ok(())
            } else {
                Err("a body is documented, or one was sent without a type".to_owned())
            };
        };
        let essence = sent.split(';').next().unwrap_or_default().trim();
        let Some(media) = content.get(essence) else {
            return Err(format!("the type {essence} is not documented for {status}"));
        };
        let text = answer.text();
        let body = if essence.ends_with("json") {
            serde_json::from_str(&text).map_err(|error| format!("not JSON: {error}"))?
        } else {
            Value::String(text)
        };
        let key = format!("{} {} {status} {essence}", operation.method, operation.path);
        self.validate(key, || schema::closed(&self.root, &media["schema"]), &body)
    }

    fn check_request(&self, operation: &Operation, request: &Request) -> Result<(), String> {
        let has = |name: &str| request.headers.iter().any(|(sent, _)| sent.eq_ignore_ascii_case(name));
        if is_secured(&operation.value) && !has("authorization") && !has("x-api-key") {
            return Err("succeeded without the documented credentials".to_owned());
        }
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let sent: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let parameters = operation.value["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap_or_default();
            if parameter["required"] == true && !sent.iter().any(|(sent, _)| sent.eq_ignore_ascii_case(name))
            {
                return Err(format!("succeeded without the parameter {name}"));
            }
        }
        let content = &operation.value["requestBody"]["content"];
        if content.is_null() || request.body.is_empty() {
            return if operation.value["requestBody"]["required"] == true {
                Err("succeeded without a body".to_owned())
            } else {
                Ok(())
            };
        }
        let essence = essence(request).unwrap_or_else(|| "application/json".to_owned());
        // Bodies of other types are not read; whether one is needed was asked above.
        let Some(media) = content.get(&essence) else { return Ok(()) };
        let key = format!("{} {} {essence}", operation.method, operation.path);
        let open = || schema::open(&self.root, &media["schema"]);
        if essence.ends_with("json") {
            let text = String::from_utf8_lossy(&request.body);
            let Ok(body) = serde_json::from_str(&text) else { return Ok(()) };
            return self.validate(key, open, &body);
        }
        let pairs = form_urlencoded::parse(&request.body).into_owned();
        let texts: Map<String, Value> = pairs.map(|(name, text)| (name, text.into())).collect();
        let read = |text: &Value| serde_json::from_str(text.as_str()?).ok().filter(Value::is_boolean);
        let values = texts.iter().map(|(name, text)| (name.clone(), read(text).unwrap_or(text.clone())));
        let values: Map<String, Value> = values.collect();
        self.validate(key.clone(), open, &Value::Object(texts))
            .or_else(|_| self.validate(key, open, &Value::Object(values)))
    }

    fn validate(&self, key: String, schema: impl Fn() -> Value, body: &Value) -> Result<(), String> {
        let known = self.validators.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let validator = match known {
            Some(validator) => validator,
            None => {
                let built = jsonschema::options().should_validate_formats(true).build(&schema());
                let built = Arc::new(built.map_err(|error| format!("the schema is none: {error}"))?);
                let mut all = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
                all.insert(key, Arc::clone(&built));
                built
            }
        };
        let wrong: Vec<String> = validator
            .iter_errors(body)
            .map(|error| format!("{error} at {:?}", error.instance_path().to_string()))
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }
}

/// Whether an operation asks for credentials; an empty requirement says that there need be none.
pub(super) fn is_secured(operation: &Value) -> bool {
    let none = |requirement: &Value| requirement.as_object().is_some_and(Map::is_empty);
    operation["security"].as_array().is_some_and(|all| !all.iter().any(none))
}

/// Whether the caller got what was asked for: some contracts put an error into a 200.
pub(super) fn succeeded(answer: &Answer) -> bool {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error = body.as_object().is_some_and(|body| body.len() == 1 && body.contains_key("error"));
    (200..300).contains(&answer.status) && !error
}

/// What a request says its body is.
pub(super) fn essence(request: &Request) -> Option<String> {
    let (_, value) = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"))?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn keys(value: &Value) -> impl Iterator<Item = &str> {
    value.as_object().into_iter().flat_map(Map::keys).map(String::as_str)
}
