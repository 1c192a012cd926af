//! What Tessera itself answers beside the contracts.

#![expect(dead_code, reason = "functions and types that describe are never called or made")]

use serde_json::Value;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

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
    paths(keys, events),
    tags(
        (name = "Keys", description = "For whoever checks tokens without asking"),
        (name = "Events", description = "What happened, for administrators"),
    ),
    modifiers(&Credentials),
)]
struct Origin;

/// What shows who calls, for the paths that are Tessera's own.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An access token of any contract"))
            .build();
        let key =
            ApiKeyValue::with_description("X-API-Key", "An API key, as Argon's administrators make them");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("anyToken", SecurityScheme::Http(token));
        components.add_security_scheme("anyApiKey", SecurityScheme::ApiKey(ApiKey::Header(key)));
    }
}

/// A part of the event list, newest first.
#[derive(ToSchema)]
struct EventPage {
    events: Vec<Event>,
    /// What `before` has to be to go on; null if there may be no more.
    next: Option<i64>,
}

/// Something that happened.
#[derive(ToSchema)]
struct Event {
    /// Its place in the list. Places are not without holes.
    sequence: i64,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What happened; more kinds may come.
    kind: String,
    realm: String,
    /// To whose account; it may have been deleted since.
    account: Option<String>,
    /// In which session, or which one.
    session: Option<String>,
    /// From which address.
    address: Option<String>,
    /// Who did it; null if it was whoever sat at the address: the account's owner, or who wanted to pass for one.
    #[schema(inline)]
    actor: Option<Actor>,
    /// The account of the administrator, if the actor is one.
    administrator: Option<String>,
    /// What the kind says besides; often the contract, then a colon and why.
    detail: String,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum Actor {
    Administrator,
    CommandLine,
    Server,
}

/// A refusal, in words.
#[derive(ToSchema)]
struct EventsRefused {
    error: String,
}

/// What happened in the caller's realm, newest first
///
/// For administrators, by an access token or an API key of any contract. Without an answer in `next` that was all;
/// else the same again with `before` set to it goes on.
#[utoipa::path(
    get, path = "/tessera/events", tag = "Events",
    security(("anyToken" = []), ("anyApiKey" = [])),
    params(
        ("account" = Option<String>, Query, description = "Only about this account: a username, an e-mail address or an id; `id:` and the id if it was deleted", example = "ada"),
        ("kind" = Option<String>, Query, description = "Only of these kinds, with commas between them", example = "session_ended,session_expired"),
        ("since" = Option<String>, Query, description = "Only from then on: a time, or how long ago (`30m`, `24h`, `7d`)", example = "24h"),
        ("before" = Option<i64>, Query, minimum = 1, description = "Only before this place in the list"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 1000, description = "The most that are answered; 100 unless set"),
    ),
    responses(
        (status = 200, body = EventPage, description = "The events"),
        (status = 400, body = EventsRefused, description = "A parameter says what nothing can be", example = json!({ "error": "limit: expected a number from 1 to 1000" })),
        (status = 401, body = EventsRefused, description = "Neither a token nor an API key that is believed", example = json!({ "error": "an access token or an API key is needed" })),
        (status = 403, body = EventsRefused, description = "The caller is no administrator, or the API key may not do what administrators may", example = json!({ "error": "only administrators may read this" })),
        (status = 404, body = EventsRefused, description = "Nobody is called this", example = json!({ "error": "account: nobody is called this; of an account that was deleted give id: and its id" })),
        (status = 500, body = EventsRefused, description = "A fault, which the log names"),
        (status = 503, body = EventsRefused, description = "No room at this moment"),
    ),
)]
fn events() {}

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
