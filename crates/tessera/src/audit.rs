//! `/tessera/events`: the event list for administrators, and how an event is shown wherever it is.
//!
//! It is Tessera's own and no contract's. Whoever may read it is an administrator by an access token or an API key
//! of any contract, and sees the realm of their account.

mod refused;

use std::str::FromStr;
use std::sync::Arc;

use accounts::{Caller, CheckRefused, EventQuery, Failure, Mount};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use model::{AccountId, Actor, Event, EventKind};
use serde::Serialize;
use serde_json::json;
use web::{BearerStyle, Contract, Endpoint, Field, Fields, FirstWins, Missed, Territory};

use crate::output::Record;
use crate::since::Since;
use refused::{Refused, miss};

/// The name in logs and metrics of what is Tessera's own.
pub(crate) const NAME: &str = "tessera";
/// Events in an answer, unless the caller says how many.
const USUAL: i64 = 100;
/// The most in one answer.
const MOST: i64 = 1_000;
/// The longest name of an account that is looked up.
const LONGEST_NAME: usize = 512;

/// What is Tessera's own at an origin with these mounts.
pub(crate) fn contract(mounts: &[Mount]) -> Contract {
    let mounts: Arc<[Mount]> = mounts.into();
    Contract {
        name: NAME,
        endpoints: vec![Endpoint::new(Method::GET, "/tessera/events", events, mounts).with_head()],
        territories: vec![Territory { prefix: "/tessera", miss }],
        exclusive: None,
    }
}

/// A part of the list, newest first.
#[derive(Serialize)]
struct Page {
    events: Vec<Record>,
    /// What `before` has to be to go on; none if that was all.
    next: Option<i64>,
}

async fn events(
    State(mounts): State<Arc<[Mount]>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (mount, caller) = caller(&mounts, &headers).await?;
    let fields = web::query_fields(query.as_deref(), FirstWins).map_err(|_| Missed::Unreadable)?;
    let limit = number(&fields, "limit", 1..=MOST)?.unwrap_or(USUAL);
    let query = EventQuery {
        account: account(&fields)?,
        kinds: kinds(&fields)?,
        since: parsed::<Since>(&fields, "since")?.map(|since| since.seen_from(mount.now())),
        before: number(&fields, "before", 1..=i64::MAX)?,
    };
    let events = mount.events(&caller, query, limit).await?;
    let full = i64::try_from(events.len()).is_ok_and(|count| count == limit);
    let next = events.last().filter(|_| full).map(|event| event.sequence);
    Ok(web::json(StatusCode::OK, &Page { events: events.iter().map(shown).collect(), next }))
}

/// Whose token or API key this is, and the mount that believes it. A key does not make up for a token that is not
/// believed.
async fn caller<'a>(mounts: &'a [Mount], headers: &HeaderMap) -> Result<(&'a Mount, Caller), Refused> {
    let token = web::bearer(headers, BearerStyle::AnyCase);
    let named = headers.contains_key("authorization");
    let mut keys = headers.get_all("x-api-key").iter();
    let key = keys.next().filter(|_| keys.next().is_none()).and_then(|key| key.to_str().ok());
    let mut why = None;
    for mount in mounts {
        let checked = match (token, key) {
            (Some(token), _) => mount.check(token).await,
            (None, Some(key)) if !named => mount.check_api_key(key).await,
            _ => return Err(Refused::NoToken),
        };
        match checked {
            Ok(caller) => return Ok((mount, caller)),
            // Of all mounts one may know more of it than that it is none of its own.
            Err(Failure::Unauthenticated(refused)) => {
                let stranger = matches!(refused, CheckRefused::Invalid | CheckRefused::ApiKeyInvalid);
                why = Some(why.filter(|_| stranger).unwrap_or(refused));
            }
            Err(other) => return Err(other.into()),
        }
    }
    Err(why.map_or(Refused::NoToken, |why| Refused::Failed(why.into())))
}

/// The text of a field, if it is there.
fn text<'a>(fields: &'a Fields, name: &'static str) -> Result<Option<&'a str>, Refused> {
    match fields.field(name) {
        Field::Missing => Ok(None),
        Field::Text(text) if web::clean(text) => Ok(Some(text)),
        Field::Text(_) | Field::NotText | Field::Null => {
            Err(Refused::Field(name, "expected text without control characters".into()))
        }
    }
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(
    fields: &Fields,
    name: &'static str,
) -> Result<Option<T>, Refused> {
    let parse = |text: &str| text.parse().map_err(|error: T::Err| Refused::Field(name, error.to_string()));
    text(fields, name)?.map(parse).transpose()
}

fn number(
    fields: &Fields,
    name: &'static str,
    range: std::ops::RangeInclusive<i64>,
) -> Result<Option<i64>, Refused> {
    let Some(text) = text(fields, name)? else { return Ok(None) };
    let (first, last) = (range.start(), range.end());
    let expected = || Refused::Field(name, format!("expected a number from {first} to {last}"));
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.map(Some).ok_or_else(expected)
}

fn account(fields: &Fields) -> Result<Option<&str>, Refused> {
    match text(fields, "account")? {
        Some(name) if name.is_empty() || name.len() > LONGEST_NAME => {
            Err(Refused::Field("account", "expected a username, an e-mail address or an id".into()))
        }
        account => Ok(account),
    }
}

fn kinds(fields: &Fields) -> Result<Vec<EventKind>, Refused> {
    let Some(text) = text(fields, "kind")? else { return Ok(Vec::new()) };
    let mut kinds = Vec::new();
    for name in text.split(',') {
        let kind = EventKind::parse(name);
        let kind = kind.ok_or_else(|| Refused::Field("kind", format!("{name:?} is no kind of event")))?;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// An event, as it is shown on the command line and over HTTP.
pub(crate) fn shown(event: &Event) -> Record {
    Record::from([
        ("sequence", json!(event.sequence)),
        ("at", json!(event.at.rfc3339())),
        ("kind", json!(event.kind.as_str())),
        ("realm", json!(event.realm.as_str())),
        ("account", json!(event.account.as_ref().map(AccountId::as_str))),
        ("session", json!(event.session.map(|id| id.to_string()))),
        ("address", json!(Some(&event.address).filter(|address| !address.is_empty()))),
        ("actor", json!(event.actor.as_ref().map(Actor::kind))),
        ("administrator", json!(event.actor.as_ref().and_then(Actor::administrator).map(AccountId::as_str))),
        ("detail", json!(event.detail)),
    ])
}
