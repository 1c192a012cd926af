//! What Tessera itself answers beside the contracts.

#![expect(dead_code, reason = "functions and types that describe are never called or made")]

use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

const ORIGIN: &str = "An authentication server that speaks its clients' own contracts over one store of accounts. \
    Each contract is a section. What two of them have at one path is told apart by the body, as it says there.";

const OPERATIONS: &str = "Health and metrics, on the operator's listener (`ops.listen`), for machines.";

/// The document of an origin before any contract is put into it.
pub(super) fn origin() -> serde_json::Result<Value> {
    described(Origin::openapi(), ORIGIN)
}

/// The document of the operator's listener.
pub(super) fn operations() -> serde_json::Result<Value> {
    described(Operations::openapi(), OPERATIONS)
}

fn described(mut document: utoipa::openapi::OpenApi, about: &str) -> serde_json::Result<Value> {
    document.info.description = Some(about.to_owned());
    serde_json::to_value(document)
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Tessera", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    paths(keys),
    tags((name = "Keys", description = "For whoever checks tokens without asking")),
)]
struct Origin;

#[derive(OpenApi)]
#[openapi(
    info(title = "Tessera operations", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    servers((url = "http://127.0.0.1:3001", description = "`ops.listen`, unless set otherwise")),
    paths(alive, ready, metrics),
    tags((name = "Operations", description = "Is it alive, is it ready, how is it doing")),
)]
struct Operations;

/// Public keys (RFC 7517, section 5).
#[derive(ToSchema)]
struct KeySet {
    keys: Vec<Key>,
}

/// A public key (RFC 7517, section 4); which members it has depends on `kty`.
#[derive(ToSchema)]
struct Key {
    kty: String,
    #[schema(nullable = false)]
    kid: Option<String>,
    #[schema(nullable = false)]
    alg: Option<String>,
    #[schema(rename = "use", nullable = false)]
    usage: Option<String>,
    #[schema(nullable = false)]
    crv: Option<String>,
    #[schema(nullable = false)]
    x: Option<String>,
    #[schema(nullable = false)]
    y: Option<String>,
    #[schema(nullable = false)]
    n: Option<String>,
    #[schema(nullable = false)]
    e: Option<String>,
}

/// The public keys of every mount that has some
///
/// Mounts that sign with HS256 or HS512 have none.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "Keys",
    responses((status = 200, body = KeySet, description = "The keys; good for five minutes", example = json!({ "keys": [] }))),
)]
fn keys() {}

/// Whether the process is alive
#[utoipa::path(
    get, path = "/healthz", tag = "Operations",
    responses((status = 200, body = String, content_type = "text/plain", description = "It is", example = "alive\n")),
)]
fn alive() {}

/// Whether it can serve
#[utoipa::path(
    get, path = "/readyz", tag = "Operations",
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "It can", example = "ready\n"),
        (
            status = 503, body = String, content_type = "text/plain", description = "It cannot",
            example = "the database does not answer\n",
        ),
    ),
)]
fn ready() {}

/// How it is doing, in the Prometheus text format 0.0.4
#[utoipa::path(
    get, path = "/metrics", tag = "Operations",
    responses((status = 200, body = String, content_type = "text/plain", description = "The metrics")),
)]
fn metrics() {}
