//! The event list.

use db::{Database, Fault, Row, Statement, Value, params};
use model::{AccountId, Actor, Event, EventFilter, EventKind, Realm, SessionId, Span, Timestamp};

use crate::rows;

macro_rules! columns {
    () => {
        "sequence, at, kind, realm, account_id, session_id, address, detail, actor"
    };
}

fn read(row: &Row) -> Result<Event, Fault> {
    Ok(Event {
        sequence: row.int(0)?,
        at: Timestamp(row.int(1)?),
        kind: EventKind::parse(&row.text(2)?).unwrap_or(EventKind::Other),
        realm: Realm::new(&row.text(3)?),
        account: row.opt_text(4)?.map(AccountId::from_text),
        session: row.opt_text(5)?.and_then(|text| SessionId::parse(&text)),
        address: row.text(6)?,
        detail: row.text(7)?,
        actor: row.opt_text(8)?.and_then(|text| Actor::parse(&text)),
    })
}

macro_rules! append_to {
    () => {
        "insert into event (at, kind, realm, account_id, session_id, address, detail, actor) values "
    };
}

/// Appends an event.
#[must_use]
pub fn append(event: &Event) -> Statement {
    Statement::new(concat!(append_to!(), "($1, $2, $3, $4, $5, $6, $7, $8)"), values(event))
}

/// Appends many at once, in this order.
#[must_use]
pub fn append_all(events: &[Event]) -> Vec<Statement> {
    rows::inserts(events.iter().map(values).collect(), append_to!(), "", None)
}

/// What [`append_to`] asks for.
fn values(event: &Event) -> Vec<Value> {
    params![
        event.at.0,
        event.kind.as_str(),
        event.realm.as_str(),
        event.account.as_ref().map(AccountId::as_str),
        event.session.map(|id| id.to_string()),
        event.address.as_str(),
        event.detail.as_str(),
        event.actor.as_ref().map(Actor::to_text)
    ]
}

/// Where the list ends now; zero if it is empty.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn last_sequence(db: &Database) -> Result<i64, Fault> {
    let rows = db.query(Statement::new("select coalesce(max(sequence), 0) from event", params![])).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// Up to `limit` events after a place in the list, in order.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn after(db: &Database, sequence: i64, limit: i64) -> Result<Vec<Event>, Fault> {
    let sql = concat!("select ", columns!(), " from event where sequence > $1 order by sequence limit $2");
    db.query(Statement::new(sql, params![sequence, limit])).await?.iter().map(read).collect()
}

/// The events in these ranges of places, both ends included, in order; up to `limit`.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn within(db: &Database, ranges: &[(i64, i64)], limit: i64) -> Result<Vec<Event>, Fault> {
    let Some(last) = ranges.last() else { return Ok(Vec::new()) };
    // A text for each power of two, so that few have to be prepared; the rest is filled up with the last range.
    let count = ranges.len().next_power_of_two();
    let places: Vec<String> = (0..count).map(|n| format!("${} and ${}", 2 * n + 2, 2 * n + 3)).collect();
    let mut parameters = params![limit];
    for (from, to) in ranges.iter().chain(std::iter::repeat(last)).take(count) {
        parameters.extend(params![*from, *to]);
    }
    let which = places.join(" or sequence between ");
    let columns = columns!();
    let sql =
        format!("select {columns} from event where sequence between {which} order by sequence limit $1");
    db.query(Statement::new(sql, parameters)).await?.iter().map(read).collect()
}

/// The newest up to `limit` ranges of empty places after `start` and below `end` that came to be since a time:
/// whoever was given them may still fill them.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn holes(
    db: &Database,
    since: Timestamp,
    (start, end): (i64, i64),
    limit: i64,
) -> Result<Vec<(i64, i64)>, Fault> {
    // Found from the end of the list: `+ 0` keeps an engine from going through all that is older instead.
    let older = "select sequence from event where at + 0 < $1 and sequence > $2 and sequence <= $3 \
                 order by sequence desc limit 1";
    let older = db.query(Statement::new(older, params![(since - SKEW).0, start, end])).await?;
    let older = older.first().map_or(Ok(start), |row| row.int(0))?;
    let sql = "select before + 1, sequence - 1 from (select sequence, \
               lag(sequence, 1, $1) over (order by sequence) as before \
               from event where sequence >= $1 and sequence <= $2) as recent \
               where sequence > $1 and sequence - before > 1 order by sequence desc limit $3";
    let rows = db.query(Statement::new(sql, params![older, end, limit])).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

/// Times of events that were given neighbouring places differ by less than this: clocks of servers differ, and a
/// batch is written a while after its events were made.
const SKEW: Span = Span::minutes(10);

/// The newest events that are wanted, newest first. Of a realm those only whose kind this version knows.
///
/// However many events there are: an account's are one range of an index, each kind of a realm is one, and the list
/// itself is one. Only within those is a filter applied to row after row.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn newest(db: &Database, wanted: &EventFilter, limit: i64) -> Result<Vec<Event>, Fault> {
    let from = match wanted.since {
        Some(since) => last_before(db, since - SKEW).await?,
        None => 0,
    };
    let since = wanted.since.map_or(i64::MIN, |since| since.0);
    let place = params![from, wanted.before.unwrap_or(i64::MAX), since, limit];
    let statement = match (&wanted.account, &wanted.realm) {
        (Some(account), realm) => of_account(place, account, realm.as_ref(), &wanted.kinds),
        (None, Some(realm)) if wanted.kinds.is_empty() => of_kinds(place, realm, EventKind::ALL),
        (None, Some(realm)) => of_kinds(place, realm, &wanted.kinds),
        (None, None) => of_all(place, &wanted.kinds),
    };
    db.query(statement).await?.iter().map(read).collect()
}

/// The newest between two places and since a time for which a condition holds.
fn placed(which: &str) -> String {
    let columns = columns!();
    format!(
        "select {columns} from event where sequence > $1 and sequence < $2 and at >= $3{which} \
         order by sequence desc limit $4"
    )
}

fn of_all(mut parameters: Vec<Value>, kinds: &[EventKind]) -> Statement {
    let which = one_of(kinds, &mut parameters);
    Statement::new(placed(&which), parameters)
}

fn of_account(
    mut parameters: Vec<Value>,
    account: &AccountId,
    realm: Option<&Realm>,
    kinds: &[EventKind],
) -> Statement {
    let mut which = is("account_id", account.as_str(), &mut parameters);
    if let Some(realm) = realm {
        which.push_str(&is("realm", realm.as_str(), &mut parameters));
    }
    which.push_str(&one_of(kinds, &mut parameters));
    Statement::new(placed(&which), parameters)
}

/// The newest of each kind, and of those the newest.
fn of_kinds(mut parameters: Vec<Value>, realm: &Realm, kinds: &[EventKind]) -> Statement {
    let of_realm = is("realm", realm.as_str(), &mut parameters);
    let columns = columns!();
    let mut each = Vec::new();
    for kind in kinds {
        let newest = placed(&format!("{of_realm}{}", is("kind", kind.as_str(), &mut parameters)));
        each.push(format!("select {columns} from ({newest}) as of_{kind}"));
    }
    let (all, limit) = (each.join(" union all "), rows::numbered(4, 1));
    Statement::new(format!("{all} order by sequence desc limit {limit}"), parameters)
}

/// A condition that a column has this value.
fn is(column: &str, value: &str, parameters: &mut Vec<Value>) -> String {
    parameters.push(value.into());
    format!(" and {column} = {}", rows::numbered(parameters.len(), 1))
}

/// A condition that the kind is one of these, if there are any.
fn one_of(kinds: &[EventKind], parameters: &mut Vec<Value>) -> String {
    if kinds.is_empty() {
        return String::new();
    }
    let places = rows::numbered(parameters.len() + 1, kinds.len());
    parameters.extend(kinds.iter().map(|kind| Value::from(kind.as_str())));
    format!(" and kind in ({places})")
}

/// The place of the last event from before a time; zero if there is none.
async fn last_before(db: &Database, time: Timestamp) -> Result<i64, Fault> {
    let sql = "select sequence from event where at < $1 order by at desc limit 1";
    db.query(Statement::new(sql, params![time.0])).await?.first().map_or(Ok(0), |row| row.int(0))
}

/// Deletes up to `limit` events from before a time.
#[must_use]
pub fn sweep(before: Timestamp, limit: i64) -> Statement {
    Statement::new(
        "delete from event where sequence in (select sequence from event where at < $1 limit $2)",
        params![before.0, limit],
    )
}
