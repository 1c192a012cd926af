//! The event list.

use db::{Database, Fault, Row, Statement, params};
use model::{AccountId, Event, EventKind, Realm, SessionId, Timestamp};

macro_rules! columns {
    () => {
        "sequence, at, kind, realm, account_id, session_id, address, detail"
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
    })
}

/// Appends an event.
#[must_use]
pub fn append(event: &Event) -> Statement {
    Statement::new(
        "insert into event (at, kind, realm, account_id, session_id, address, detail) \
         values ($1, $2, $3, $4, $5, $6, $7)",
        params![
            event.at.0,
            event.kind.as_str(),
            event.realm.as_str(),
            event.account.as_ref().map(AccountId::as_str),
            event.session.map(|id| id.to_string()),
            event.address.as_str(),
            event.detail.as_str()
        ],
    )
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

/// The newest events, newest first, of one account if one is given.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn newest(db: &Database, account: Option<&AccountId>, limit: i64) -> Result<Vec<Event>, Fault> {
    let statement = match account {
        Some(account) => Statement::new(
            concat!(
                "select ",
                columns!(),
                " from event where account_id = $1 order by sequence desc limit $2"
            ),
            params![account.as_str(), limit],
        ),
        None => Statement::new(
            concat!("select ", columns!(), " from event order by sequence desc limit $1"),
            params![limit],
        ),
    };
    db.query(statement).await?.iter().map(read).collect()
}

/// Deletes up to `limit` events from before a time.
#[must_use]
pub fn sweep(before: Timestamp, limit: i64) -> Statement {
    Statement::new(
        "delete from event where sequence in (select sequence from event where at < $1 limit $2)",
        params![before.0, limit],
    )
}
