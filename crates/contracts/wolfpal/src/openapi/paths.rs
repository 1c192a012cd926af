//! One function for each handler.

use utoipa::OpenApi;

use super::bodies::{
    Address, Always, BadRequest, Broken, Busy, ChangeNotifications, ChangePassword, Conflict,
};
use super::bodies::{
    Invalid, MaybeAddress, NewUsername, PasswordConflict, ProvingCode, RefreshToken, ResetPassword,
};
use super::bodies::{SecondStepEitherWay, SignIn, Throttled, TooLarge, Unauthorized, UnauthorizedOrWrong};
use crate::errors::Uncoded;
use crate::wire::{
    Account, Login, Notifications, Prepared, Refreshed, Register, Said, Sessions, SignedIn, Told,
};

/// What is the same for every operation.
pub(super) const ABOUT: &str = "\
    WolfPal's accounts and sign-in, as its document of 2020 and its server have them.\n\n\
    Every path is answered as written here and under `/api`, in any case, with or without one slash at \
    the end. A GET also answers HEAD, without the body. Bodies are forms or JSON. What a client switches \
    on stands under `code` or `codes`; the words stand under `error`, also where it is a success, or \
    under `message`.";

#[derive(OpenApi)]
#[openapi(
    info(title = "WolfPal", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    paths(
        register, login, two_factor, refresh, logout, activate_account, resend_activation,
        forgot_password, reset_password, show_account, change_password, change_username, change_email,
        resend_change_email, resend_email_change, confirm_change_email, confirm_email_change,
        prepare_two_factor, enable_two_factor, remove_two_factor, backup_codes, list_sessions,
        end_sessions, end_session, list_account_sessions, end_account_sessions, end_account_session,
        show_notifications, change_notifications,
    ),
    components(schemas(Invalid, Said, Uncoded), responses(
        BadRequest, Unauthorized, UnauthorizedOrWrong, Conflict, Throttled, TooLarge, Broken, Busy,
    )),
    tags((name = "WolfPal", description = "Accounts and sign-in of the goal tracker")),
)]
pub(super) struct Description;

/// Make an account and mail a confirmation link
#[utoipa::path(
    post, path = "/auth/register", tag = "WolfPal",
    request_body(content((Register = "application/json"), (Register = "application/x-www-form-urlencoded"))),
    responses(
        (status = 201, body = Said, description = "Made; the words stand under `error`"),
        (status = 400, response = BadRequest), (status = 409, response = Conflict),
        (status = 429, response = Throttled), Always,
    ),
)]
fn register() {}

/// Open a session, or ask for a second step
#[utoipa::path(
    post, path = "/auth/login", tag = "WolfPal",
    request_body(content((Login = "application/json"), (Login = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = SignIn, description = "Signed in, or a code is awaited"),
        (status = 400, response = BadRequest), (status = 429, response = Throttled), Always,
    ),
)]
fn login() {}

/// The second step
///
/// The token is good for one sign-in, 15 minutes and five tries; a code counts once.
#[utoipa::path(
    post, path = "/auth/two-factor", tag = "WolfPal",
    request_body(content((SecondStepEitherWay = "application/json"), (SecondStepEitherWay = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = SignedIn, description = "Signed in"),
        (status = 400, response = BadRequest),
        (status = 401, body = Said, description = "A wrong code"),
        (status = 429, response = Throttled), Always,
    ),
)]
fn two_factor() {}

/// The next pair of tokens
///
/// The pair before ends with it.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "WolfPal",
    request_body(content((RefreshToken = "application/json"), (RefreshToken = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Refreshed, description = "Refreshed"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized), Always,
    ),
)]
fn refresh() {}

/// End the session
///
/// An access token whose time is over will do.
#[utoipa::path(
    post, path = "/auth/logout", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = Said, description = "Signed out; the words stand under `error`"),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn logout() {}

/// Confirm an address
#[utoipa::path(
    put, path = "/user/activate-account/{token}", tag = "WolfPal",
    params(("token" = String, Path, description = "The token of a mailed link")),
    responses(
        (status = 200, body = Told, description = "Confirmed"),
        (status = 400, response = BadRequest), Always,
    ),
)]
fn activate_account() {}

/// Mail another confirmation link
///
/// The answer does not tell whether there is such an account.
#[utoipa::path(
    post, path = "/user/activate-account/resend", tag = "WolfPal",
    request_body(content((MaybeAddress = "application/json"), (MaybeAddress = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Told, description = "Mailed, if it is awaited"),
        (status = 400, response = BadRequest), (status = 429, response = Throttled), Always,
    ),
)]
fn resend_activation() {}

/// Mail a link to choose a new password
///
/// The answer does not tell whether there is such an account.
#[utoipa::path(
    post, path = "/user/forgot-password", tag = "WolfPal",
    request_body(content((Address = "application/json"), (Address = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Said, description = "Mailed, if somebody has the address; the words stand under `error`"),
        (status = 400, response = BadRequest), (status = 429, response = Throttled), Always,
    ),
)]
fn forgot_password() {}

/// Choose a new password
#[utoipa::path(
    post, path = "/user/reset-password/{token}", tag = "WolfPal",
    params(("token" = String, Path, description = "The token of a mailed link")),
    request_body(content((ResetPassword = "application/json"), (ResetPassword = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Said, description = "Changed; the words stand under `error`"),
        (status = 400, response = BadRequest), Always,
    ),
)]
fn reset_password() {}

/// The account
#[utoipa::path(
    get, path = "/account", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = Account, description = "The account"),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn show_account() {}

/// Another password, with the old one as proof
///
/// Every session of the account ends.
#[utoipa::path(
    put, path = "/account/change-password", tag = "WolfPal", security(("bearer" = [])),
    request_body(content((ChangePassword = "application/json"), (ChangePassword = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Told, description = "Changed"),
        (status = 400, response = BadRequest), (status = 401, response = UnauthorizedOrWrong),
        (status = 409, body = PasswordConflict, description = "It is the old one"),
        (status = 429, response = Throttled), Always,
    ),
)]
fn change_password() {}

/// Another name
#[utoipa::path(
    put, path = "/account/change-username", tag = "WolfPal", security(("bearer" = [])),
    request_body(content((NewUsername = "application/json"), (NewUsername = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Told, description = "Changed"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized),
        (status = 409, response = Conflict), Always,
    ),
)]
fn change_username() {}

/// Mail a link to a new address
#[utoipa::path(
    post, path = "/account/change-email", tag = "WolfPal", security(("bearer" = [])),
    request_body(content((Address = "application/json"), (Address = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Told, description = "Mailed"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized),
        (status = 409, response = Conflict), (status = 429, response = Throttled), Always,
    ),
)]
fn change_email() {}

/// Mail the link to the new address again
#[utoipa::path(
    post, path = "/account/change-email/resend", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = Told, description = "Mailed"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized),
        (status = 429, response = Throttled), Always,
    ),
)]
fn resend_change_email() {}

/// Mail the link to the new address again
#[utoipa::path(
    post, path = "/account/email-change/resend", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = Told, description = "Mailed"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized),
        (status = 429, response = Throttled), Always,
    ),
)]
fn resend_email_change() {}

/// Put the new address in force
#[utoipa::path(
    put, path = "/account/change-email/{token}", tag = "WolfPal", security(("bearer" = [])),
    params(("token" = String, Path, description = "The token of a mailed link")),
    responses(
        (status = 200, body = Told, description = "In force"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized),
        (status = 409, response = Conflict), Always,
    ),
)]
fn confirm_change_email() {}

/// Put the new address in force
#[utoipa::path(
    put, path = "/account/email-change/{token}", tag = "WolfPal", security(("bearer" = [])),
    params(("token" = String, Path, description = "The token of a mailed link")),
    responses(
        (status = 200, body = Told, description = "In force"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized),
        (status = 409, response = Conflict), Always,
    ),
)]
fn confirm_email_change() {}

/// Prepare a second factor
///
/// The answer has what the authenticator app is told, as a picture and as text.
#[utoipa::path(
    post, path = "/account/two-factor", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = Prepared, description = "Prepared; it is enabled with a first code"),
        (status = 401, response = Unauthorized), (status = 429, response = Throttled), Always,
    ),
)]
fn prepare_two_factor() {}

/// Enable the second factor with its first code
#[utoipa::path(
    put, path = "/account/two-factor", tag = "WolfPal", security(("bearer" = [])),
    request_body(content((ProvingCode = "application/json"), (ProvingCode = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Told, description = "Enabled"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized),
        (status = 429, response = Throttled), Always,
    ),
)]
fn enable_two_factor() {}

/// Remove the second factor
#[utoipa::path(
    delete, path = "/account/two-factor", tag = "WolfPal", security(("bearer" = [])),
    params(("code" = String, Query, description = "A code of it, or a backup code")),
    responses(
        (status = 200, body = Told, description = "Removed"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized),
        (status = 429, response = Throttled), Always,
    ),
)]
fn remove_two_factor() {}

/// The backup codes as a file
#[utoipa::path(
    get, path = "/account/two-factor/backup-codes", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "The codes, with spaces between them", headers(("Content-Disposition" = String, description = "The name of the file"))),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized), Always,
    ),
)]
fn backup_codes() {}

/// List the sessions of the account
#[utoipa::path(
    get, path = "/sessions", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = Sessions, description = "The sessions, newest first"),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn list_sessions() {}

/// End all sessions of the account
#[utoipa::path(
    delete, path = "/sessions", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = Said, description = "Ended; the words stand under `error`"),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn end_sessions() {}

/// End one session of the account
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "WolfPal", security(("bearer" = [])),
    params(("id" = String, Path, description = "The session's id")),
    responses(
        (status = 200, body = Said, description = "Ended; the words stand under `error`"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized),
        (status = 404, body = Said, description = "No such session of the account"), Always,
    ),
)]
fn end_session() {}

/// List the sessions of the account
#[utoipa::path(
    get, path = "/account/sessions", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = Sessions, description = "The sessions, newest first"),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn list_account_sessions() {}

/// End all sessions of the account
#[utoipa::path(
    delete, path = "/account/sessions", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = Said, description = "Ended; the words stand under `error`"),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn end_account_sessions() {}

/// End one session of the account
#[utoipa::path(
    delete, path = "/account/sessions/{id}", tag = "WolfPal", security(("bearer" = [])),
    params(("id" = String, Path, description = "The session's id")),
    responses(
        (status = 200, body = Said, description = "Ended; the words stand under `error`"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized),
        (status = 404, body = Said, description = "No such session of the account"), Always,
    ),
)]
fn end_account_session() {}

/// Which mails are wanted
#[utoipa::path(
    get, path = "/notifications", tag = "WolfPal", security(("bearer" = [])),
    responses(
        (status = 200, body = Notifications, description = "What is wanted"),
        (status = 401, response = Unauthorized), Always,
    ),
)]
fn show_notifications() {}

/// Say which mails are wanted
#[utoipa::path(
    put, path = "/notifications/email", tag = "WolfPal", security(("bearer" = [])),
    request_body(content((ChangeNotifications = "application/json"), (ChangeNotifications = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = Told, description = "Changed"),
        (status = 400, response = BadRequest), (status = 401, response = Unauthorized), Always,
    ),
)]
fn change_notifications() {}
