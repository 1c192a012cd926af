//! Mail that is owed.

use db::{Database, Fault, Row, Statement, params};
use model::{Realm, Timestamp};

use crate::guard;

/// One mail as it stands in the database. What it says is sealed, because it holds one-time links, and
/// is thrown away once it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// A UUIDv7; also the mail's Message-ID, so that a second copy can be recognised.
    pub id: String,
    /// The realm it is sent for.
    pub realm: Realm,
    /// What kind of mail it is, for people who look at the list.
    pub kind: String,
    /// The stored address it goes to.
    pub recipient: String,
    /// The sealed message; none once it is sent.
    pub sealed: Option<Vec<u8>>,
    /// When it was put in.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub next_attempt_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was taken over by the mail server.
    pub sent_at: Option<Timestamp>,
    /// When it was given up.
    pub failed_at: Option<Timestamp>,
    /// What went wrong last; empty if nothing did.
    pub last_error: String,
}

macro_rules! columns {
    () => {
        "id, realm, kind, recipient, sealed, created_at, next_attempt_at, attempts, sent_at, failed_at, last_error"
    };
}

fn read(row: &Row) -> Result<OutboxRow, Fault> {
    Ok(OutboxRow {
        id: row.text(0)?,
        realm: Realm::new(&row.text(1)?),
        kind: row.text(2)?,
        recipient: row.text(3)?,
        sealed: row.opt_bytes(4)?,
        created_at: Timestamp(row.int(5)?),
        next_attempt_at: Timestamp(row.int(6)?),
        attempts: row.int(7)?,
        sent_at: row.opt_int(8)?.map(Timestamp),
        failed_at: row.opt_int(9)?.map(Timestamp),
        last_error: row.text(10)?,
    })
}

/// Owes a mail.
#[must_use]
pub fn insert(row: &OutboxRow) -> Statement {
    Statement::new(
        "insert into outbox (id, realm, kind, recipient, sealed, created_at, next_attempt_at, attempts, last_error) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            row.id.as_str(),
            row.realm.as_str(),
            row.kind.as_str(),
            row.recipient.as_str(),
            row.sealed.as_deref(),
            row.created_at.0,
            row.next_attempt_at.0,
            row.attempts,
            row.last_error.as_str()
        ],
    )
}

/// The ids of up to `limit` mails that are due, the oldest first. Several senders see the same ones; who sends
/// which is decided by [`claim`].
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn due(db: &Database, now: Timestamp, limit: i64) -> Result<Vec<String>, Fault> {
    let sql = "select id from outbox where sent_at is null and failed_at is null and next_attempt_at <= $1 \
               order by next_attempt_at, id limit $2";
    db.query(Statement::new(sql, params![now.0, limit])).await?.iter().map(|row| row.text(0)).collect()
}

/// Takes a due mail for one attempt and returns it: the next one is set to `retry_at`, so that nobody else takes
/// it meanwhile and a process that dies leaves it to the next. Nothing is returned if somebody else was first.
#[must_use]
pub fn claim(id: &str, now: Timestamp, retry_at: Timestamp) -> Statement {
    Statement::new(
        concat!(
            "update outbox set next_attempt_at = $3, attempts = attempts + 1 \
             where id = $1 and sent_at is null and failed_at is null and next_attempt_at <= $2 returning ",
            columns!()
        ),
        params![id, now.0, retry_at.0],
    )
}

/// What [`claim`] returned.
///
/// # Errors
/// [`Fault`] if a row is not as written.
pub fn claimed(rows: &[Row]) -> Result<Option<OutboxRow>, Fault> {
    rows.first().map(read).transpose()
}

/// Notes that a mail was sent, and forgets what it said.
#[must_use]
pub fn sent(id: &str, now: Timestamp) -> Statement {
    Statement::new(
        "update outbox set sent_at = $2, sealed = null, last_error = '' where id = $1",
        params![id, now.0],
    )
}

/// Notes a failed attempt and when the next one is.
#[must_use]
pub fn delayed(id: &str, retry_at: Timestamp, error: &str) -> Statement {
    Statement::new(
        "update outbox set next_attempt_at = $2, last_error = $3 where id = $1 and sent_at is null",
        params![id, retry_at.0, error],
    )
}

/// Gives a mail up. What it says stays, sealed, until it is swept: somebody may mend the cause and try again.
#[must_use]
pub fn given_up(id: &str, now: Timestamp, error: &str) -> Statement {
    Statement::new(
        "update outbox set failed_at = $2, last_error = $3 where id = $1 and sent_at is null",
        params![id, now.0, error],
    )
}

/// The same for every mail that is owed.
#[must_use]
pub fn give_up_every(now: Timestamp, error: &str) -> Statement {
    Statement::new(
        "update outbox set failed_at = $1, last_error = $2 where sent_at is null and failed_at is null",
        params![now.0, error],
    )
}

/// Lets a mail that was not sent be tried again now. Guard [`guard::MAIL_OWED`]: there is one.
#[must_use]
pub fn retry(id: &str, now: Timestamp) -> Statement {
    Statement::new(
        "update outbox set next_attempt_at = $2, failed_at = null, attempts = 0 \
         where id = $1 and sent_at is null and sealed is not null",
        params![id, now.0],
    )
    .touching(1, guard::MAIL_OWED)
}

/// The mail with this id.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn by_id(db: &Database, id: &str) -> Result<Option<OutboxRow>, Fault> {
    let sql = concat!("select ", columns!(), " from outbox where id = $1");
    db.query(Statement::new(sql, params![id])).await?.first().map(read).transpose()
}

/// When the next mail is due; none if nothing is owed.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn next_due(db: &Database) -> Result<Option<Timestamp>, Fault> {
    let sql = "select min(next_attempt_at) from outbox where sent_at is null and failed_at is null";
    let rows = db.query(Statement::new(sql, params![])).await?;
    rows.first().map_or(Ok(None), |row| Ok(row.opt_int(0)?.map(Timestamp)))
}

/// How many mails are owed, and when the oldest of them was put in.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn waiting(db: &Database) -> Result<(i64, Option<Timestamp>), Fault> {
    let sql = "select count(*), min(created_at) from outbox where sent_at is null and failed_at is null";
    let rows = db.query(Statement::new(sql, params![])).await?;
    rows.first().map_or(Ok((0, None)), |row| Ok((row.int(0)?, row.opt_int(1)?.map(Timestamp))))
}

/// The newest mails, newest first.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn newest(db: &Database, limit: i64) -> Result<Vec<OutboxRow>, Fault> {
    let sql = concat!("select ", columns!(), " from outbox order by created_at desc, id desc limit $1");
    db.query(Statement::new(sql, params![limit])).await?.iter().map(read).collect()
}

/// Deletes up to `limit` mails that were sent or given up and put in before a time. It asks twice: one that is
/// tried again must not be lost.
#[must_use]
pub fn sweep(before: Timestamp, limit: i64) -> Statement {
    Statement::new(
        "delete from outbox where id in (select id from outbox where created_at < $1 \
         and (sent_at is not null or failed_at is not null) limit $2) \
         and (sent_at is not null or failed_at is not null)",
        params![before.0, limit],
    )
}
