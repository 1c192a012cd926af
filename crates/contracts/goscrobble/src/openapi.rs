//! The contract as an OpenAPI document: what `routes` serve, with the bodies of `wire`.
//!
//! A function here stands for the handler of the same path. Tests replay the transcripts against the
//! document, so an answer that it does not describe fails them, and so does an endpoint without a function.

#![expect(dead_code, reason = "functions and types that describe are never called or made")]

use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoResponses, OpenApi, ToResponse, ToSchema};

use crate::wire::{self, Config, Message, Profile, ServerInfo, Token, User, Valid};

/// Requests with their answers, recorded from the transcripts: a list of what `harness::openapi` keeps.
pub const EXAMPLES: &str = include_str!("../examples.json");

/// The document without examples; those are in [`EXAMPLES`].
#[must_use]
pub fn openapi() -> Document {
    let mut document = Description::openapi();
    document.info.description = Some(ABOUT.to_owned());
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The token of a sign-in. The word `Bearer` may be left out."));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    document
}

/// What is the same for every operation.
const ABOUT: &str = "\
    GoScrobble's accounts, as its client of 2021-12-25 expects them.\n\n\
    What is wrong is told in a 200 with `error`: the client takes any other status for a lost \
    connection. Paths count in exactly this case. Bodies are JSON whatever their type says. Every origin \
    may call, without credentials.";

#[derive(OpenApi)]
#[openapi(
    info(title = "GoScrobble", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    paths(
        register, login, refresh, send_reset, reset_password, server_info, show_user, may_reset, change_user,
        show_config, change_config, profile,
    ),
    components(schemas(Notice, Refusal), responses(Malformed, Unauthorized, TooMany, TooLarge, Broken, Busy)),
    tags((name = "GoScrobble", description = "Accounts of the listening history")),
)]
struct Description;

/// What is wrong, in words.
#[derive(ToSchema)]
struct Refusal {
    error: String,
}

/// What is wrong, where the client reads another name.
#[derive(ToSchema)]
struct Notice {
    message: String,
}

#[derive(ToSchema)]
#[serde(untagged)]
enum Done {
    Done(Message),
    Refused(Refusal),
}

#[derive(ToSchema)]
#[serde(untagged)]
enum SignedIn {
    SignedIn(Token),
    Refused(Refusal),
}

/// What became of the new password; without one, whether the token is good.
#[derive(ToSchema)]
#[serde(untagged)]
enum Reset {
    Done(Message),
    Asked(Valid),
    Refused(Refusal),
}

#[derive(ToSchema)]
#[serde(untagged)]
enum UserOrValid {
    User(Box<User<'static>>),
    Valid(Valid),
}

#[derive(ToSchema)]
#[serde(untagged)]
enum Found {
    Profile(Profile<'static>),
    Refused(Refusal),
}

/// What to change; what cannot be read changes nothing.
#[derive(ToSchema)]
struct UserChange {
    /// A name of the IANA time zone database.
    timezone: Option<String>,
    /// Anything but null asks for another API token.
    #[schema(value_type = Option<Value>)]
    token: Option<String>,
    /// 0, `"0"` or false disables the account.
    #[schema(value_type = Option<Value>)]
    active: Option<String>,
}

/// What to change. Other names are not looked at.
#[derive(ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct ConfigChange {
    registration_enabled: Option<Switch>,
}

#[derive(ToSchema)]
enum Switch {
    #[serde(rename = "0")]
    Off,
    #[serde(rename = "1")]
    On,
}

/// The body is no JSON object of text, or the path is not UTF-8.
#[derive(ToResponse)]
struct Malformed(Refusal);

/// No token, or one that is wrong, over or ended, or not an administrator's.
#[derive(ToResponse)]
struct Unauthorized(Refusal);

/// Too many requests.
#[derive(ToResponse)]
#[response(headers(("Retry-After" = u64, description = "Seconds")))]
struct TooMany(Notice);

/// The body has more than 102,400 bytes.
#[derive(ToResponse)]
struct TooLarge(Refusal);

/// Our fault; the log has it under the answer's `X-Request-Id`.
#[derive(ToResponse)]
struct Broken(Refusal);

/// Busy, or the database does not answer.
#[derive(ToResponse)]
#[response(headers(("Retry-After" = u64, description = "Seconds")))]
struct Busy(Refusal);

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

/// Make an account
#[utoipa::path(
    post, path = "/api/v1/register", tag = "GoScrobble", request_body = wire::Register,
    responses(
        (status = 200, body = Done, description = "Made, or what is wrong"),
        (status = 400, response = Malformed), (status = 429, response = TooMany), Always,
    ),
)]
fn register() {}

/// Sign in with a username or an e-mail address
#[utoipa::path(
    post, path = "/api/v1/login", tag = "GoScrobble", request_body = wire::Login,
    responses(
        (status = 200, body = SignedIn, description = "Signed in, or what is wrong: also too many attempts"),
        (status = 400, response = Malformed), Always,
    ),
)]
fn login() {}

/// The next access token
///
/// The refresh token is in the claims of the access token before.
#[utoipa::path(
    post, path = "/api/v1/refresh", tag = "GoScrobble", request_body = wire::Refresh,
    responses((status = 200, body = SignedIn, description = "Refreshed, or what is wrong"), Always),
)]
fn refresh() {}

/// Mail a link to choose a new password
///
/// The answer does not tell whether there is such an account.
#[utoipa::path(
    post, path = "/api/v1/sendreset", tag = "GoScrobble", request_body = wire::SendReset,
    responses(
        (status = 200, body = Message, description = "Mailed, if somebody has the address"),
        (status = 400, response = Malformed), (status = 429, response = TooMany), Always,
    ),
)]
fn send_reset() {}

/// Choose a new password, or ask whether a token is good
///
/// Without a password it asks, and an empty object says no.
#[utoipa::path(
    post, path = "/api/v1/resetpassword", tag = "GoScrobble", request_body = wire::ResetPassword,
    responses(
        (status = 200, body = Reset, description = "Changed, whether the token is good, or what is wrong"),
        (status = 400, response = Malformed), Always,
    ),
)]
fn reset_password() {}

/// Version, and whether people may register
#[utoipa::path(
    get, path = "/api/v1/serverinfo", tag = "GoScrobble",
    responses((status = 200, body = ServerInfo, description = "About the server"), Always),
)]
fn server_info() {}

/// The caller's own account
#[utoipa::path(
    get, path = "/api/v1/user", tag = "GoScrobble", security(("bearer" = [])),
    responses(
        (status = 200, body = User, description = "The account"), (status = 401, response = Unauthorized), Always,
    ),
)]
fn show_user() {}

/// The same, or whether the page behind a mailed link may go on
///
/// Without a token it may: the mailed token is judged when the new password is sent.
#[utoipa::path(
    get, path = "/api/v1/user/", tag = "GoScrobble", security((), ("bearer" = [])),
    responses(
        (status = 200, body = UserOrValid, description = "The account, or that it may"),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn may_reset() {}

/// Change time zone or API token, or disable the account
#[utoipa::path(
    patch, path = "/api/v1/user", tag = "GoScrobble", security(("bearer" = [])), request_body = Option<UserChange>,
    responses(
        (status = 200, body = Done, description = "Changed, or what is wrong"),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn change_user() {}

/// What administrators set
#[utoipa::path(
    get, path = "/api/v1/config", tag = "GoScrobble", security(("bearer" = [])),
    responses(
        (status = 200, body = Config, description = "The settings"), (status = 401, response = Unauthorized), Always,
    ),
)]
fn show_config() {}

/// Say whether people may register
#[utoipa::path(
    post, path = "/api/v1/config", tag = "GoScrobble", security(("bearer" = [])), request_body = ConfigChange,
    responses(
        (status = 200, body = Done, description = "Set, or what is wrong"),
        (status = 400, response = Malformed), (status = 401, response = Unauthorized), Always,
    ),
)]
fn change_config() {}

/// What everybody may see of an account
#[utoipa::path(
    get, path = "/api/v1/profile/{username}", tag = "GoScrobble",
    params(("username" = String, Path, description = "In any case")),
    responses(
        (status = 200, body = Found, description = "The profile, or what is wrong"),
        (status = 400, response = Malformed), Always,
    ),
)]
fn profile() {}
