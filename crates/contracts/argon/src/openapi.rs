//! The contract as an OpenAPI document: what `routes` serve, with the bodies of `wire` and `errors`.
//!
//! A function here stands for the handler of the same path. Tests replay the transcripts against the
//! document, so an answer that it does not describe fails them, and so does an endpoint without a function.

#![expect(dead_code, reason = "functions and types that describe are never called or made")]

use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoResponses, OpenApi, ToResponse, ToSchema};

use crate::errors::{Body, Listed, Validation};
use crate::wire::{Admitted, Credentials, Deleted, NewSettings, NewUser, SettingsChanged, State, System};
use crate::wire::{User, UserChange};

/// The document without examples; those are in [`EXAMPLES`].
#[must_use]
pub fn openapi() -> Document {
    let mut document = Description::openapi();
    document.info.description = Some(ABOUT.to_owned());
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The token of a sign-in. The word `Bearer` in exactly this case."));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    let key = ApiKeyValue::with_description("X-API-Key", "The text of an API key that may do it.");
    components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
    document
}

/// Requests with their answers, recorded from the transcripts: a list of what `harness::openapi` keeps.
pub const EXAMPLES: &str = include_str!("../examples.json");

/// What is the same for every operation.
const ABOUT: &str = "\
    Argon's accounts and sign-in, as its game-server panel 1.0.0 expects them.\n\n\
    Paths count in any case, with or without one slash at the end. A GET also answers HEAD, without the \
    body. A body of another type than JSON counts as empty. Every refusal says in `error` what is wrong.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Argon", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    paths(
        register, login, state, change_profile, system, change_settings, list_users, create_user, show_user,
        change_user, delete_user, list_api_keys, create_api_key, show_api_key, change_api_key, delete_api_key,
        regenerate_api_key,
    ),
    components(responses(TooLarge, Unsupported, Broken, Busy, Throttled, Unauthorized, Forbidden)),
    tags((name = "Argon", description = "Accounts and sign-in of the game-server panel")),
)]
struct Description;

// ---- bodies that no one type stands for

/// What to change. A new password counts only beside the current one.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
struct ProfileChange {
    /// 1 to 255 bytes.
    new_username: Option<String>,
    #[schema(format = Password)]
    current_password: Option<String>,
    /// At least 8 characters, at most 1,024 bytes.
    #[schema(format = Password)]
    new_password: Option<String>,
}

/// What became of it. Earlier tokens are over if there is a new one.
#[derive(ToSchema)]
struct ProfileChanged {
    message: String,
    /// Missing if nothing was changed.
    #[schema(nullable = false)]
    token: Option<String>,
    /// Missing if nothing was changed.
    #[schema(nullable = false)]
    permissions: Option<Vec<String>>,
}

/// An API key to be.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
struct NewApiKey {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may do, as far as its owner may.
    #[schema(max_items = 256)]
    permissions: Vec<String>,
    /// When it ends; none = never. UTC, with `Z`.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    expires_at: Option<String>,
}

/// What to change of an API key.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
struct ApiKeyChange {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    #[schema(max_items = 256, nullable = false)]
    permissions: Option<Vec<String>>,
    /// Null = never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<String>,
}

/// An API key. Its whole text is not shown again.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListedApiKey {
    id: String,
    name: String,
    user_id: String,
    permissions: Vec<String>,
    /// To the minute.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_used: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    expires_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// How its text begins.
    key_preview: String,
}

/// An API key with its text, which nobody can be told again.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
struct MadeApiKey {
    id: String,
    name: String,
    /// What `X-API-Key` has to say.
    key: String,
    user_id: String,
    permissions: Vec<String>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_used: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    expires_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// The same as `key`.
    key_full: String,
}

/// One thing that is wrong, or everything that is wrong with an API key.
#[derive(ToSchema)]
#[serde(untagged)]
enum ApiKeyRefused {
    Text(Body<'static>),
    Issues(Listed),
}

/// One thing that is wrong, or everything that is wrong with the settings.
#[derive(ToSchema)]
#[serde(untagged)]
enum SettingsRefused {
    Text(Body<'static>),
    Issues(Validation),
}

// ---- refusals that many endpoints share

/// The body is JSON in a charset other than UTF-8, or compressed.
#[derive(ToResponse)]
struct Unsupported(Body<'static>);

/// The body has more than 102,400 bytes.
#[derive(ToResponse)]
struct TooLarge(Body<'static>);

/// Our fault; the log has it under the answer's `X-Request-Id`.
#[derive(ToResponse)]
struct Broken(Body<'static>);

/// Busy, or the database does not answer.
#[derive(ToResponse)]
#[response(headers(("Retry-After" = u64, description = "Seconds")))]
struct Busy(Body<'static>);

/// Too many attempts.
#[derive(ToResponse)]
#[response(headers(("Retry-After" = u64, description = "Seconds")))]
struct Throttled(Body<'static>);

/// No token or key, or one that is wrong, over or ended.
#[derive(ToResponse)]
struct Unauthorized(Body<'static>);

/// Not an administrator, or an API key where a token is asked for.
#[derive(ToResponse)]
struct Forbidden(Body<'static>);

/// What anything may answer.
#[derive(IntoResponses)]
enum Always {
    #[response(status = 413)]
    TooLarge(#[ref_response] TooLarge),
    #[response(status = 500)]
    Broken(#[ref_response] Broken),
    #[response(status = 503)]
    Busy(#[ref_response] Busy),
}

// ---- /api/auth

/// Make an account and sign it in
///
/// The password has at least 8 characters and at most 1,024 bytes. `bob` and `BOB` are one name.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "Argon", request_body = Credentials,
    responses(
        (status = 200, body = Admitted, description = "Made and signed in"),
        (status = 400, body = Body, description = "Missing, unusable or taken, or registration is closed"),
        (status = 415, response = Unsupported), (status = 429, response = Throttled), Always,
    ),
)]
fn register() {}

/// Sign in
#[utoipa::path(
    post, path = "/api/auth/login", tag = "Argon", request_body = Credentials,
    responses(
        (status = 200, body = Admitted, description = "Signed in"),
        (status = 400, body = Body, description = "Name or password is missing, or the body is not JSON"),
        (status = 401, body = Body, description = "Wrong password, unknown name or disabled account"),
        (status = 415, response = Unsupported), (status = 429, response = Throttled), Always,
    ),
)]
fn login() {}

/// Say whose token or key it is
#[utoipa::path(
    get, path = "/api/auth/state", tag = "Argon", security(("bearer" = []), ("api_key" = [])),
    responses(
        (status = 200, body = State, description = "Signed in"),
        (status = 400, body = Body, description = "Several API keys"),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn state() {}

/// Change one's own name, password or both
///
/// Earlier tokens end with the answer, which has a new one.
#[utoipa::path(
    put, path = "/api/auth/profile", tag = "Argon", security(("bearer" = [])), request_body = ProfileChange,
    responses(
        (status = 200, body = ProfileChanged, description = "Changed, or nothing was to change"),
        (status = 400, body = Body, description = "Nothing was asked for, or it is unusable or taken"),
        (status = 401, body = Body, description = "No good token, or the current password is wrong"),
        (status = 415, response = Unsupported), (status = 429, response = Throttled), Always,
    ),
)]
fn change_profile() {}

// ---- /api/system

/// The name of the panel
#[utoipa::path(
    get, path = "/api/system", tag = "Argon",
    responses((status = 200, body = System, description = "Name and version"), Always),
)]
fn system() {}

/// Name the panel
#[utoipa::path(
    put, path = "/api/system/settings", tag = "Argon", security(("bearer" = []), ("api_key" = [])),
    request_body = NewSettings,
    responses(
        (status = 200, body = SettingsChanged, description = "Named"),
        (status = 400, body = SettingsRefused, description = "The name is missing or unusable"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden),
        (status = 415, response = Unsupported), Always,
    ),
)]
fn change_settings() {}

// ---- /api/users

/// List the users, oldest first
#[utoipa::path(
    get, path = "/api/users", tag = "Argon", security(("bearer" = []), ("api_key" = [])),
    responses(
        (status = 200, body = Vec<User>, description = "At most 10,000"),
        (status = 400, body = Body, description = "Several API keys"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden), Always,
    ),
)]
fn list_users() {}

/// Make a user
#[utoipa::path(
    post, path = "/api/users", tag = "Argon", security(("bearer" = []), ("api_key" = [])),
    request_body = NewUser,
    responses(
        (status = 201, body = User, description = "Made"),
        (status = 400, body = Body, description = "Missing, unusable or taken"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden),
        (status = 415, response = Unsupported), Always,
    ),
)]
fn create_user() {}

/// Show a user
#[utoipa::path(
    get, path = "/api/users/{id}", tag = "Argon", security(("bearer" = []), ("api_key" = [])),
    params(("id" = String, Path, description = "The user's id")),
    responses(
        (status = 200, body = User, description = "The user"),
        (status = 400, body = Body, description = "Several API keys, or a path that is not UTF-8"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden),
        (status = 404, body = Body, description = "No such user"), Always,
    ),
)]
fn show_user() {}

/// Change a user
///
/// What is left out stays. A new name or password ends the user's sessions.
#[utoipa::path(
    patch, path = "/api/users/{id}", tag = "Argon", security(("bearer" = []), ("api_key" = [])),
    params(("id" = String, Path, description = "The user's id")), request_body = UserChange,
    responses(
        (status = 200, body = User, description = "The user as it is now"),
        (status = 400, body = Body, description = "Unusable or taken, or the last administrator"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden),
        (status = 404, body = Body, description = "No such user"),
        (status = 415, response = Unsupported), Always,
    ),
)]
fn change_user() {}

/// Delete a user
#[utoipa::path(
    delete, path = "/api/users/{id}", tag = "Argon", security(("bearer" = []), ("api_key" = [])),
    params(("id" = String, Path, description = "The user's id")),
    responses(
        (status = 200, body = Deleted, description = "Deleted"),
        (status = 400, body = Body, description = "The last administrator stays"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden),
        (status = 404, body = Body, description = "No such user"), Always,
    ),
)]
fn delete_user() {}

// ---- /api/api-keys

/// List the API keys of a user, oldest first
#[utoipa::path(
    get, path = "/api/api-keys", tag = "Argon", security(("bearer" = []), ("api_key" = [])),
    params(("userId" = Option<String>, Query, description = "Whose; without it one's own. An API key always gets its owner's")),
    responses(
        (status = 200, body = Vec<ListedApiKey>, description = "The keys"),
        (status = 400, body = Body, description = "Several API keys, or a query that cannot be read"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden), Always,
    ),
)]
fn list_api_keys() {}

/// Make an API key of one's own
#[utoipa::path(
    post, path = "/api/api-keys", tag = "Argon", security(("bearer" = [])), request_body = NewApiKey,
    responses(
        (status = 201, body = MadeApiKey, description = "Made; its text is not shown again"),
        (status = 400, body = ApiKeyRefused, description = "What is wrong with it"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden),
        (status = 415, response = Unsupported), Always,
    ),
)]
fn create_api_key() {}

/// Show an API key
#[utoipa::path(
    get, path = "/api/api-keys/{id}", tag = "Argon", security(("bearer" = []), ("api_key" = [])),
    params(("id" = String, Path, description = "The key's id, not its text")),
    responses(
        (status = 200, body = ListedApiKey, description = "The key"),
        (status = 400, body = Body, description = "Several API keys, or a path that is not UTF-8"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden),
        (status = 404, body = Body, description = "No such key"), Always,
    ),
)]
fn show_api_key() {}

/// Change an API key
#[utoipa::path(
    patch, path = "/api/api-keys/{id}", tag = "Argon", security(("bearer" = [])),
    params(("id" = String, Path, description = "The key's id, not its text")), request_body = ApiKeyChange,
    responses(
        (status = 200, body = ListedApiKey, description = "The key as it is now"),
        (status = 400, body = ApiKeyRefused, description = "What is wrong with it"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden),
        (status = 404, body = Body, description = "No such key"),
        (status = 415, response = Unsupported), Always,
    ),
)]
fn change_api_key() {}

/// Delete an API key
#[utoipa::path(
    delete, path = "/api/api-keys/{id}", tag = "Argon", security(("bearer" = [])),
    params(("id" = String, Path, description = "The key's id, not its text")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 400, body = Body, description = "Several API keys, or a path that is not UTF-8"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden),
        (status = 404, body = Body, description = "No such key"), Always,
    ),
)]
fn delete_api_key() {}

/// Give an API key another text
///
/// The old one opens nothing any more.
#[utoipa::path(
    post, path = "/api/api-keys/{id}/regenerate", tag = "Argon", security(("bearer" = [])),
    params(("id" = String, Path, description = "The key's id, not its text")),
    responses(
        (status = 200, body = MadeApiKey, description = "The key with its new text"),
        (status = 400, body = Body, description = "Several API keys, or a path that is not UTF-8"),
        (status = 401, response = Unauthorized), (status = 403, response = Forbidden),
        (status = 404, body = Body, description = "No such key"), Always,
    ),
)]
fn regenerate_api_key() {}
