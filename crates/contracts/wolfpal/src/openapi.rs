//! The contract as an OpenAPI document: what `routes` serve, with the bodies of `wire` and `errors`.
//!
//! A function in [`paths`] stands for the handler of the same path. Tests replay the transcripts against the
//! document, so an answer that it does not describe fails them, and so does an endpoint without a function.

#![expect(dead_code, reason = "functions and types that describe are never called or made")]

mod bodies;
mod paths;

use serde_json::json;
use utoipa::OpenApi;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, Paths};

/// Requests with their answers, recorded from the transcripts: a list of what `harness::openapi` keeps.
pub const EXAMPLES: &str = include_str!("../examples.json");

/// What [`crate::wire::is_ours`] goes by, in words.
const CLAIM: &str = "forms, and JSON objects with the key `email`, whatever its value";

/// The document without examples; those are in [`EXAMPLES`]. Every path is there twice, as it is served: the
/// operations under `/api` say in `x-alias-of` which one they are.
#[must_use]
pub fn openapi() -> Document {
    let mut document = paths::Description::openapi();
    document.info.description = Some(paths::ABOUT.to_owned());
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The access token of a sign-in. The word `Bearer` in any case."));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    document.paths = with_aliases(document.paths);
    document
}

fn with_aliases(mut paths: Paths) -> Paths {
    for (path, item) in paths.paths.clone() {
        let mut alias = item;
        operations(&mut alias).for_each(|operation| become_alias(&path, operation));
        paths.paths.insert(format!("/api{path}"), alias);
    }
    paths
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, patch, delete, .. } = item;
    [get, put, post, patch, delete].into_iter().filter_map(Option::as_mut)
}

/// The operation at its path under `/api`. Where another contract has that too, `x-claims` says what is WolfPal's: in
/// words, and as the schema of a JSON body.
fn become_alias(path: &str, operation: &mut Operation) {
    let id = operation.operation_id.take().unwrap_or_default();
    let mut extensions = ExtensionsBuilder::new().add("x-alias-of", id.as_str());
    if matches!(path, "/auth/register" | "/auth/login") {
        let claims = json!({ "description": CLAIM, "schema": { "required": ["email"] } });
        extensions = extensions.add("x-claims", claims);
    }
    operation.extensions = Some(extensions.build());
    operation.operation_id = Some(format!("{id}_under_api"));
}
