//! Parameters of requests, and the one text or object of an answer.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use model::Account;
use serde::Serialize;
use utoipa::ToSchema;
use web::{BodyRefused, Client, Field, Fields, FirstWins, MediaType, RequestId};

use crate::errors::{self, Refused};
use crate::profile::Profile;
use crate::role::Role;

/// The parameters of a request. Names count in any case, of several the first (melon.md 2.3).
pub(crate) struct Params {
    query: Fields,
    body: Fields,
}

impl Params {
    /// Those of a query.
    pub(crate) fn of_query(query: Option<&str>) -> Result<Self, Refused> {
        let query = web::query_fields(query, FirstWins).map_err(unreadable)?;
        Ok(Self { query, body: Fields::default() })
    }

    /// Those of a query, then those of a form or JSON body. A body of another type is not read, as the
    /// original reads none.
    pub(crate) fn of_request(query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Result<Self, Refused> {
        let body = match web::media_type(headers) {
            MediaType::Form => web::form_fields(body).map_err(unreadable)?,
            MediaType::Json if !body.is_empty() => web::json_fields(body).map_err(unreadable)?,
            MediaType::Json | MediaType::None | MediaType::Other => Fields::default(),
        };
        Ok(Self { body, ..Self::of_query(query)? })
    }

    /// A parameter that may be missing. Empty text is missing.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        let field = match self.query.field_ignoring_case(name) {
            Field::Missing => self.body.field_ignoring_case(name),
            field => field,
        };
        match field {
            Field::Text(text) if !text.is_empty() => Some(text),
            Field::Text(_) | Field::Missing | Field::Null | Field::NotText => None,
        }
    }

    /// A parameter that may be missing and says yes or no, in any case of its letters.
    pub(crate) fn flag(&self, name: &'static str) -> Result<Option<bool>, Refused> {
        let Some(text) = self.optional(name) else { return Ok(None) };
        let known = [("true", true), ("false", false)];
        let flag = known.into_iter().find(|(spelled, _)| text.eq_ignore_ascii_case(spelled));
        flag.map_or(Err(Refused::Unusable(name)), |(_, flag)| Ok(Some(flag)))
    }

    /// Parameters that must all be there; the refusal names all that are not.
    pub(crate) fn required<const N: usize>(&self, names: [&'static str; N]) -> Result<[&str; N], Refused> {
        let found = names.map(|name| self.optional(name));
        if found.contains(&None) {
            let missing = names.into_iter().zip(found).filter(|(_, value)| value.is_none());
            return Err(Refused::Missing(missing.map(|(name, _)| name).collect()));
        }
        Ok(found.map(Option::unwrap_or_default))
    }
}

fn unreadable(refused: BodyRefused) -> Refused {
    match refused {
        BodyRefused::Malformed | BodyRefused::NotAnObject => Refused::Unreadable,
        BodyRefused::TooLarge => Refused::Missed(web::Missed::TooLarge),
        BodyRefused::UnsupportedType => Refused::Missed(web::Missed::Unreadable),
    }
}

/// How .NET writes the time of what never was.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// An account as Melon shows it (melon.md 3, ResponseUser).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    #[serde(rename = "_id")]
    id: String,
    username: String,
    bio: String,
    #[serde(rename = "type")]
    role: &'static str,
    fav_track: String,
    fav_album: String,
    fav_artist: String,
    public_stats: bool,
    /// Ids; none before the first.
    #[schema(required)]
    friends: Option<Vec<String>>,
    /// RFC 3339, UTC; of the year 1 if that never was.
    #[schema(format = DateTime)]
    last_login: String,
}

impl User {
    pub(crate) fn of(account: &Account, profile: Profile) -> Self {
        Self {
            id: account.id.to_string(),
            username: account.username.clone(),
            bio: profile.bio,
            role: Role::of(&account.permissions).name(),
            fav_track: profile.fav_track,
            fav_album: profile.fav_album,
            fav_artist: profile.fav_artist,
            public_stats: profile.public_stats,
            friends: profile.friends,
            last_login: account.last_sign_in_at.map_or_else(|| NEVER.to_owned(), |at| at.rfc3339()),
        }
    }
}

/// What of a request decides the form of its answer.
pub(crate) struct Reply {
    /// Whether texts are sent as JSON strings.
    quoted: bool,
    /// None outside a composed service.
    pub(crate) request_id: Option<RequestId>,
}

impl Reply {
    /// Reads the `Accept` header (melon.md 2.1).
    pub(crate) fn to(headers: &HeaderMap, from: &Client) -> Self {
        Self { quoted: accepts_json_only(headers), request_id: from.request_id }
    }

    /// The answer: a text with 200, or the refusal.
    pub(crate) fn answer(&self, result: Result<String, Refused>) -> Response {
        match result {
            Ok(text) => self.text(StatusCode::OK, &text),
            Err(refused) => errors::response(self, refused),
        }
    }

    /// The answer: an object or a list with 200, JSON whatever is accepted, or the refusal.
    pub(crate) fn answer_json(&self, result: Result<impl Serialize, Refused>) -> Response {
        match result {
            Ok(body) => web::json(StatusCode::OK, &body),
            Err(refused) => errors::response(self, refused),
        }
    }

    /// A text, bare or quoted.
    pub(crate) fn text(&self, status: StatusCode, text: &str) -> Response {
        if self.quoted { web::json(status, &text) } else { web::text(status, text) }
    }
}

/// Whether every type in `Accept` is one of JSON, and there is at least one.
fn accepts_json_only(headers: &HeaderMap) -> bool {
    let mut types = 0;
    for line in headers.get_all(header::ACCEPT) {
        let Ok(line) = line.to_str() else { return false };
        for range in line.split(',').map(str::trim).filter(|range| !range.is_empty()) {
            let essence = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            if !is_json(&essence) {
                return false;
            }
            types += 1;
        }
    }
    types > 0
}

fn is_json(essence: &str) -> bool {
    let structured = essence.strip_prefix("application/").is_some_and(|rest| rest.ends_with("+json"));
    structured || essence == "application/json" || essence == "text/json"
}

#[cfg(test)]
mod tests;
