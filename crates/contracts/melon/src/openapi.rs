//! The contract as an OpenAPI document: what `routes` serve, with the bodies of `wire` and `errors`.
//!
//! A function here stands for the handler of the same path. Tests replay the transcripts against the
//! document, so an answer that it does not describe fails them, and so does an endpoint without a function.

#![expect(dead_code, reason = "functions and types that describe are never called or made")]

use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoParams, IntoResponses, OpenApi, ToResponse, ToSchema};

use crate::errors::Problem;
use crate::wire::User;

/// Requests with their answers, recorded from the transcripts: a list of what `harness::openapi` keeps.
pub const EXAMPLES: &str = include_str!("../examples.json");

/// The document without examples; those are in [`EXAMPLES`].
#[must_use]
pub fn openapi() -> Document {
    let mut document = Description::openapi();
    document.info.description = Some(ABOUT.to_owned());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(
        "The token of a sign-in, or the Server token that an invite code is exchanged for.",
    ));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    // What may stand in a body may also stand in the query, so that none of these has to be there.
    let operations = document.paths.paths.values_mut().flat_map(|item| [&mut item.post, &mut item.patch]);
    for body in operations.flatten().filter_map(|operation| operation.request_body.as_mut()) {
        body.required = None;
    }
    document
}

/// What is the same for every operation.
const ABOUT: &str = "\
    Melon's accounts and sign-in, as version 1.0.257 of the media server has them.\n\n\
    Users are JSON objects. Every other answer is one text: bare, or as a JSON string if the caller \
    accepts JSON only. Parameters come in the query; of POST and PATCH also in a form or a JSON body, \
    where the query counts first. Their names and the paths count in any case.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Melon", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    paths(
        login, invite, code_authenticate, code_authenticate_by_body, check, check_at_root, create, current, get,
        search, add_friend, remove_friend, update, change_username, change_password, delete,
    ),
    components(schemas(Problem), responses(
        Text, Unusable, Unauthorized, Closed, Unknown, TooManyInvites, Throttled, TooLarge, Broken, Busy,
    )),
    tags((name = "Melon", description = "Accounts and sign-in of the media server")),
)]
struct Description;

// ---- parameters

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
struct Credentials {
    username: String,
    #[param(format = Password)]
    password: String,
}

/// An invite code of four characters.
#[derive(IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
struct CodeInQuery {
    /// Four characters.
    code: String,
}

/// The parameters, each here or in the query.
#[derive(IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
struct Code {
    /// Four characters.
    code: Option<String>,
}

/// The parameters, each here or in the query.
#[derive(IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
struct NewUser {
    /// 1 to 255 bytes.
    username: Option<String>,
    /// As long as the server asks for: 8 characters unless set otherwise.
    #[param(format = Password)]
    #[schema(format = Password)]
    password: Option<String>,
    /// Admin, User or Pass; only an administrator chooses.
    #[param(inline)]
    #[schema(inline)]
    role: Option<Role>,
}

/// Which account.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
struct IdInQuery {
    id: String,
}

/// The parameters, each here or in the query.
#[derive(IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
struct Id {
    /// Which account.
    id: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
struct Part {
    /// A part of the name; without it, everybody.
    username: Option<String>,
}

/// The parameters, each here or in the query. What is missing or empty stays as it is.
#[derive(IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct Update {
    /// Which account; one's own, unless one is Admin.
    id: Option<String>,
    /// Admin, User or Pass; only an administrator chooses.
    #[param(inline)]
    #[schema(inline)]
    role: Option<Role>,
    bio: Option<String>,
    fav_track_id: Option<String>,
    fav_album_id: Option<String>,
    fav_artist_id: Option<String>,
    /// Whether everybody may see the account: `true` or `false`, as text.
    public_stats: Option<String>,
}

/// The parameters, each here or in the query.
#[derive(IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
struct NewUsername {
    /// Which account; one's own, unless one is Admin.
    id: Option<String>,
    /// 1 to 255 bytes.
    username: Option<String>,
}

/// The parameters, each here or in the query.
#[derive(IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
struct NewPassword {
    /// Which account; one's own, unless one is Admin.
    id: Option<String>,
    /// As long as the server asks for: 8 characters unless set otherwise.
    #[param(format = Password)]
    #[schema(format = Password)]
    password: Option<String>,
}

#[derive(ToSchema)]
enum Role {
    Admin,
    User,
    Pass,
}

// ---- answers

/// Done; the text says what.
#[derive(ToResponse)]
enum Text {
    Bare(#[content("text/plain")] String),
    Quoted(#[content("application/json")] String),
}

/// Parameters are missing or cannot be read (a problem document), or one is unusable (a text).
#[derive(ToResponse)]
enum Unusable {
    Problem(#[content("application/problem+json")] Problem),
    Text(#[content("text/plain")] String),
    Quoted(#[content("application/json")] String),
}

/// Wrong credentials, or not allowed (a text); a token that is missing, over or ended, or not an Admin's (no body,
/// and `WWW-Authenticate` says why).
#[derive(ToResponse)]
enum Unauthorized {
    Bare(#[content("text/plain")] String),
    Quoted(#[content("application/json")] String),
}

/// The server's settings keep new accounts out.
#[derive(ToResponse)]
enum Closed {
    Bare(#[content("text/plain")] String),
    Quoted(#[content("application/json")] String),
}

/// No such account.
#[derive(ToResponse)]
enum Unknown {
    Bare(#[content("text/plain")] String),
    Quoted(#[content("application/json")] String),
}

/// All the codes that there may be wait to be used.
#[derive(ToResponse)]
enum TooManyInvites {
    Bare(#[content("text/plain")] String),
    Quoted(#[content("application/json")] String),
}

/// Too many attempts.
#[derive(ToResponse)]
#[response(headers(("Retry-After" = u64, description = "Seconds")))]
enum Throttled {
    Bare(#[content("text/plain")] String),
    Quoted(#[content("application/json")] String),
}

/// The body has more than 102,400 bytes. The answer has none.
#[derive(ToResponse)]
struct TooLarge;

/// Our fault; the log has it under the answer's `X-Request-Id`.
#[derive(ToResponse)]
enum Broken {
    Bare(#[content("text/plain")] String),
    Quoted(#[content("application/json")] String),
}

/// Busy, or the database does not answer; without a body also to a browser that asks before its user does.
#[derive(ToResponse)]
#[response(headers(("Retry-After" = u64, description = "Seconds")))]
enum Busy {
    Bare(#[content("text/plain")] String),
    Quoted(#[content("application/json")] String),
}

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

// ---- /auth

/// Sign in
#[utoipa::path(
    get, path = "/auth/login", tag = "Melon", params(Credentials),
    responses(
        (status = 200, response = Text), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), (status = 429, response = Throttled), Always,
    ),
)]
fn login() {}

/// Make an invite code
#[utoipa::path(
    get, path = "/auth/invite", tag = "Melon", security(("bearer" = [])),
    responses(
        (status = 200, response = Text), (status = 401, response = Unauthorized),
        (status = 408, response = TooManyInvites), Always,
    ),
)]
fn invite() {}

/// Exchange an invite code for a Server token
///
/// The token makes one account. A browser that asks in advance gets a 503 and does not spend the code.
#[utoipa::path(
    get, path = "/auth/code-authenticate", tag = "Melon", params(CodeInQuery),
    responses(
        (status = 200, response = Text), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), (status = 429, response = Throttled), Always,
    ),
)]
fn code_authenticate() {}

/// The same, with the code where no log of addresses sees it
#[utoipa::path(
    post, path = "/auth/code-authenticate", tag = "Melon", params(Code),
    request_body(content((Code = "application/json"), (Code = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, response = Text), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), (status = 429, response = Throttled), Always,
    ),
)]
fn code_authenticate_by_body() {}

/// Ask whether one is signed in
#[utoipa::path(
    get, path = "/auth/check", tag = "Melon", security(("bearer" = [])),
    responses((status = 200, response = Text), (status = 401, response = Unauthorized), Always),
)]
fn check() {}

/// The same, where the client library looks for it
#[utoipa::path(
    get, path = "/check", tag = "Melon", security(("bearer" = [])),
    responses((status = 200, response = Text), (status = 401, response = Unauthorized), Always),
)]
fn check_at_root() {}

// ---- /api/users

/// Make an account
///
/// By an Admin's token, or once by a Server token.
#[utoipa::path(
    post, path = "/api/users/create", tag = "Melon", security(("bearer" = [])), params(NewUser),
    request_body(content((NewUser = "application/json"), (NewUser = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, response = Text), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), (status = 403, response = Closed),  Always,
    ),
)]
fn create() {}

/// Show oneself
#[utoipa::path(
    get, path = "/api/users/current", tag = "Melon", security(("bearer" = [])),
    responses(
        (status = 200, body = User, description = "The caller"), (status = 401, response = Unauthorized), Always,
    ),
)]
fn current() {}

/// Show an account
#[utoipa::path(
    get, path = "/api/users/get", tag = "Melon", security(("bearer" = [])), params(IdInQuery),
    responses(
        (status = 200, body = User, description = "The account"), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), (status = 404, response = Unknown), Always,
    ),
)]
fn get() {}

/// Find oneself and whoever calls one a friend; an Admin finds all
#[utoipa::path(
    get, path = "/api/users/search", tag = "Melon", security(("bearer" = [])), params(Part),
    responses(
        (status = 200, body = Vec<User>, description = "The accounts"), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn search() {}

/// Call somebody a friend, who then finds one
#[utoipa::path(
    post, path = "/api/users/add-friend", tag = "Melon", security(("bearer" = [])), params(Id),
    request_body(content((Id = "application/json"), (Id = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, response = Text), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), (status = 404, response = Unknown), Always,
    ),
)]
fn add_friend() {}

/// Call somebody a friend no more
#[utoipa::path(
    post, path = "/api/users/remove-friend", tag = "Melon", security(("bearer" = [])), params(Id),
    request_body(content((Id = "application/json"), (Id = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, response = Text), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn remove_friend() {}

/// Change what an account shows, or its role
#[utoipa::path(
    patch, path = "/api/users/update", tag = "Melon", security(("bearer" = [])), params(Update),
    request_body(content((Update = "application/json"), (Update = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, response = Text), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), (status = 404, response = Unknown), Always,
    ),
)]
fn update() {}

/// Give an account another name
#[utoipa::path(
    patch, path = "/api/users/change-username", tag = "Melon", security(("bearer" = [])), params(NewUsername),
    request_body(content((NewUsername = "application/json"), (NewUsername = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, response = Text), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), (status = 404, response = Unknown), Always,
    ),
)]
fn change_username() {}

/// Give an account another password and end its sessions
#[utoipa::path(
    patch, path = "/api/users/change-password", tag = "Melon", security(("bearer" = [])), params(NewPassword),
    request_body(content((NewPassword = "application/json"), (NewPassword = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, response = Text), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), (status = 404, response = Unknown), Always,
    ),
)]
fn change_password() {}

/// Delete an account
#[utoipa::path(
    post, path = "/api/users/delete", tag = "Melon", security(("bearer" = [])), params(Id),
    request_body(content((Id = "application/json"), (Id = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, response = Text), (status = 400, response = Unusable),
        (status = 401, response = Unauthorized), (status = 404, response = Unknown), Always,
    ),
)]
fn delete() {}
