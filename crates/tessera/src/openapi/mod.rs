//! The OpenAPI documents: one of each contract, one of the operator's listener, and one of everything that an
//! origin serves. The contracts describe themselves; what is said here is what only the whole knows.

mod examples;
mod merge;
mod own;

use serde_json::{Value, json};

use crate::compose::{Problem, SPOKEN, Spoken};

/// The name of [`operations`] beside those of the contracts.
pub(crate) const OPERATIONS: &str = "operations";

/// What is served at one origin: contracts, each with the prefix that its paths have there.
pub(crate) type Served = Vec<(String, &'static Spoken)>;

/// Every contract at its documented paths.
pub(crate) fn everything() -> Served {
    SPOKEN.iter().map(|spoken| (String::new(), spoken)).collect()
}

/// The document of a contract.
pub(crate) fn of(spoken: &Spoken) -> Result<Value, Problem> {
    let mut document = serde_json::to_value((spoken.openapi)())?;
    any_of(&mut document);
    examples::put_in(&mut document, spoken.examples)?;
    document["servers"] = servers();
    Ok(document)
}

/// Shapes that a body may have are not said to exclude each other: none of our objects is closed, so that one with
/// more in it has the shape of one with less, too.
fn any_of(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            if let Some(shapes) = entries.remove("oneOf") {
                entries.insert("anyOf".to_owned(), shapes);
            }
            entries.values_mut().for_each(any_of);
        }
        Value::Array(values) => values.iter_mut().for_each(any_of),
        _ => {}
    }
}

/// The document of what the operator's machines ask.
pub(crate) fn operations() -> Result<Value, Problem> {
    Ok(own::operations()?)
}

/// The document of an origin.
pub(crate) fn whole(served: &Served) -> Result<Value, Problem> {
    let mut whole = own::origin()?;
    any_of(&mut whole);
    for (prefix, spoken) in served {
        merge::put_in(&mut whole, spoken, prefix, of(spoken)?);
    }
    whole["servers"] = servers();
    Ok(whole)
}

/// The document of this name, or the whole one.
pub(crate) fn named(name: Option<&str>) -> Result<Value, Problem> {
    match name {
        None => whole(&everything()),
        Some(OPERATIONS) => operations(),
        Some(name) => match SPOKEN.iter().find(|spoken| spoken.name == name) {
            Some(spoken) => of(spoken),
            None => {
                let names = SPOKEN.map(|spoken| spoken.name).join(", ");
                Err(format!("there is no document {name}: {names} or {OPERATIONS}").into())
            }
        },
    }
}

/// The origin that the document came from, so that it can be tried there.
fn servers() -> Value {
    json!([{ "url": "/", "description": "The server that this document is from" }])
}
