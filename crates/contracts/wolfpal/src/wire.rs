//! What WolfPal's clients send and get.
//!
//! A field that is missing, `null`, no text, or blank is a missing field (wolfpal.md 2.1); passwords are
//! otherwise taken as they are. Nothing here can be printed: it holds passwords and tokens.

mod account;
mod answers;
mod changes;

use axum::http::HeaderMap;
use mail::valid_address;
use model::usable_email;
use secrecy::SecretString;
use utoipa::ToSchema;
use web::{BodyRefused, Field, Fields, FirstWins, MediaType};

pub(crate) use account::{Account, Notifications, Session, Sessions};
pub(crate) use answers::{AwaitsSecondStep, Code, Prepared, Refreshed, Said, SamePassword, SignedIn, Told};
pub(crate) use changes::{
    ChangeNotifications, ChangePassword, changed_password_length, forgotten_email, new_email, new_username,
    reset_password, reset_password_length,
};

use crate::problems::{Problem, Problems};

/// Characters in a username.
const USERNAME: std::ops::RangeInclusive<usize> = 3..=28;
/// The fewest characters in a new password.
pub(crate) const MIN_PASSWORD: usize = 8;
/// The most that the original takes and its words name. Here longer ones are taken too: whoever lets a program
/// choose passwords must not have to shorten them (ASVS 5.0, 6.2.9).
const SAID_MAX: usize = 56;

/// The fields of a body. A body that is neither JSON nor a form has none, as no body has
/// (wolfpal.md 2.1).
pub(crate) fn fields(headers: &HeaderMap, body: &[u8]) -> Result<Fields, Unreadable> {
    match web::media_type(headers) {
        _ if body.is_empty() => Ok(Fields::default()),
        MediaType::Json => web::json_fields(body).map_err(|why| Unreadable { why, error: "Invalid JSON" }),
        MediaType::Form => web::form_fields(body).map_err(|why| Unreadable { why, error: "Invalid form" }),
        MediaType::None | MediaType::Other => Ok(Fields::default()),
    }
}

/// Fields were sent, but nobody can tell which.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unreadable {
    /// Why not.
    pub(crate) why: BodyRefused,
    /// In words, if it is their syntax.
    pub(crate) error: &'static str,
}

/// Whether a sign-in or registration on a path shared with another contract is WolfPal's: a form, or JSON
/// with the key `email`, whatever its value (coexistence.md C1 and C2).
pub(crate) fn is_ours(headers: &HeaderMap, body: &[u8]) -> bool {
    match web::media_type(headers) {
        MediaType::Form => true,
        MediaType::Json => web::json_fields(body).is_ok_and(|fields| fields.has("email")),
        MediaType::None | MediaType::Other => false,
    }
}

/// `POST /auth/register`
#[derive(ToSchema)]
pub(crate) struct Register<'a> {
    /// Letters and digits of ASCII.
    #[schema(min_length = 3, max_length = 28)]
    pub(crate) username: &'a str,
    /// In lower case, as WolfPal keeps it.
    #[schema(format = Email)]
    pub(crate) email: String,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 56)]
    pub(crate) password: SecretString,
}

/// `POST /auth/login`
#[derive(ToSchema)]
pub(crate) struct Login<'a> {
    #[schema(format = Email)]
    pub(crate) email: &'a str,
    #[schema(value_type = String, format = Password)]
    pub(crate) password: SecretString,
}

/// `POST /auth/two-factor`
#[derive(ToSchema)]
pub(crate) struct SecondStep<'a> {
    /// What the sign-in answered.
    pub(crate) token: &'a str,
    /// Of the authenticator app, or a backup code.
    pub(crate) code: &'a str,
}

impl<'a> Register<'a> {
    pub(crate) fn read(fields: &'a Fields) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let username = problems.sift("username", username(fields));
        let password = problems.sift("password", new_password(fields));
        let email = problems.sift("email", email(fields, valid_address));
        match (username, password, email) {
            (Some(username), Some(password), Some(email)) => {
                Ok(Self { username, email: email.to_ascii_lowercase(), password })
            }
            _ => Err(problems),
        }
    }
}

impl<'a> Login<'a> {
    /// The address must be one that an account may have, no more: what contracts ask of new addresses is
    /// no rule for signing in.
    pub(crate) fn read(fields: &'a Fields) -> Result<Self, Problems> {
        let mut problems = Problems::numbered();
        let email = problems.sift("email", email(fields, known_address));
        let password = text(fields, "password").ok_or(Problem::required("Username is required."));
        // The original says so, in these words and under this name (wolfpal.md 2.3).
        let password = problems.sift_under("password", "username", password);
        match (email, password) {
            (Some(email), Some(password)) => Ok(Self { email, password: secret(password) }),
            _ => Err(problems),
        }
    }
}

impl<'a> SecondStep<'a> {
    /// The document's table writes `Token` and `Code`, its example `token` and `code`.
    pub(crate) fn read(fields: &'a Fields) -> Result<Self, Problems> {
        let mut problems = Problems::numbered();
        let token = text(fields, "token").or_else(|| text(fields, "Token"));
        let token = problems.sift("token", token.ok_or(Problem::required("Token is required")));
        let code = text(fields, "code").or_else(|| text(fields, "Code"));
        // Under `token` in the original (wolfpal.md 2.4).
        let code = problems.sift_under("code", "token", code.ok_or(Problem::required("Code is required")));
        match (token, code) {
            (Some(token), Some(code)) => Ok(Self { token, code }),
            _ => Err(problems),
        }
    }
}

/// `POST /auth/refresh`: its one field.
pub(crate) fn refresh_token(fields: &Fields) -> Result<&str, Problems> {
    let missing = || Problems::one("refresh_token", Problem::required("Refresh token is required."));
    text(fields, "refresh_token").ok_or_else(missing)
}

/// `POST /user/activate-account/resend`: its one field, if it is there.
pub(crate) fn resend_email(fields: &Fields) -> Option<&str> {
    text(fields, "email")
}

/// `PUT /account/two-factor`: its one field.
pub(crate) fn code(fields: &Fields) -> Result<&str, Problems> {
    text(fields, "code").ok_or_else(|| Problems::one("code", Problem::required("Code is required.")))
}

/// `DELETE /account/two-factor`: what follows the question mark.
pub(crate) fn query(query: Option<&str>) -> Result<Fields, Unreadable> {
    web::query_fields(query, FirstWins).map_err(|why| Unreadable { why, error: "Invalid query" })
}

/// What a new password's length must be, for a realm that asks for at least `min` characters.
pub(crate) fn password_length(min: usize) -> Problem {
    let text = format!("Password must be between {min} and {SAID_MAX} characters long.");
    Problem { code: "NOT_LONG_ENOUGH", text: text.into() }
}

/// A password that is tried first. The code is one that the client has words for: those ask for a longer
/// password, which helps; a code that it does not know would say nothing.
pub(crate) fn password_common() -> Problem {
    Problem { code: "NOT_LONG_ENOUGH", text: "Password is too easy to guess.".into() }
}

/// A username of other characters.
pub(crate) fn username_characters() -> Problem {
    let text = "Username is invalid. Must only contain numbers or letters.";
    Problem { code: "INVALID_CHARACTERS", text: text.into() }
}

/// Text that is no address.
pub(crate) fn email_invalid() -> Problem {
    Problem { code: "INVALID", text: "Email is invalid.".into() }
}

fn username(fields: &Fields) -> Result<&str, Problem> {
    let name = text(fields, "username").ok_or(Problem::required("Username is required."))?;
    if !USERNAME.contains(&name.chars().count()) {
        let text = "Username must be between 3 and 28 characters long.";
        return Err(Problem { code: "NOT_LONG_ENOUGH", text: text.into() });
    }
    if name.chars().all(|character| character.is_ascii_alphanumeric()) {
        Ok(name)
    } else {
        Err(username_characters())
    }
}

fn new_password(fields: &Fields) -> Result<SecretString, Problem> {
    let password = text(fields, "password").ok_or(Problem::required("Password is required."))?;
    if fits(password) { Ok(secret(password)) } else { Err(password_length(MIN_PASSWORD)) }
}

fn email(fields: &Fields, is_valid: impl Fn(&str) -> bool) -> Result<&str, Problem> {
    let email = text(fields, "email").ok_or(Problem::required("Email is required."))?;
    if is_valid(email) { Ok(email) } else { Err(email_invalid()) }
}

/// Whether an account may have this address.
fn known_address(email: &str) -> bool {
    usable_email(email).is_ok()
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    match fields.field(name) {
        Field::Text(text) if !text.trim().is_empty() => Some(text),
        Field::Text(_) | Field::Missing | Field::NotText | Field::Null => None,
    }
}

fn fits(password: &str) -> bool {
    password.chars().count() >= MIN_PASSWORD
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}
