//! Sessions.

use db::{Database, Fault, Row, Statement, params};
use model::{
    Account, AccountId, Actor, EndReason, Event, EventKind, Realm, Session, SessionId, Timestamp, place,
};

use crate::{accounts, guard};

macro_rules! columns {
    () => {
        "id, account_id, realm, mount, generation, address, user_agent, created_at, rotated_at, expires_at, \
         ended_at, ended_reason, refreshes_empty_at"
    };
}

/// How many these are.
const COLUMNS: usize = 13;

fn read(row: &Row) -> Result<Session, Fault> {
    let reason = row.opt_text(11)?.and_then(|text| EndReason::parse(&text));
    Ok(Session {
        id: id(&row.text(0)?),
        account: AccountId::from_text(row.text(1)?),
        realm: Realm::new(&row.text(2)?),
        mount: row.text(3)?,
        generation: generation(row.int(4)?),
        address: row.text(5)?,
        user_agent: row.text(6)?,
        created_at: Timestamp(row.int(7)?),
        rotated_at: Timestamp(row.int(8)?),
        expires_at: Timestamp(row.int(9)?),
        refreshes_empty_at: row.opt_int(12)?.map(Timestamp),
        // A reason of a newer version is still an end.
        ended: row.opt_int(10)?.map(|at| (Timestamp(at), reason.unwrap_or(EndReason::EndedByAdministrator))),
    })
}

/// Session ids are written by this crate only; text that is none names no session.
fn id(text: &str) -> SessionId {
    SessionId::parse(text).unwrap_or(SessionId::from_bytes([0; 16]))
}

fn generation(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}

/// The session with this id, ended or not.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn by_id(db: &Database, id: SessionId) -> Result<Option<Session>, Fault> {
    let sql = concat!("select ", columns!(), " from session where id = $1");
    db.query(Statement::new(sql, params![id.to_string()])).await?.first().map(read).transpose()
}

/// The session with this id, ended or not, and its account, both as they are at one moment.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn with_account(db: &Database, id: SessionId) -> Result<Option<(Session, Account)>, Fault> {
    // The limit keeps the two apart: where SQLite joins them into one, it plans the statement anew for each session.
    let sql = concat!(
        "select of_session.*, of_account.* from (select ",
        columns!(),
        " from session where id = $1 limit 1) as of_session join (select ",
        accounts::columns!(),
        " from account) as of_account on of_account.id = of_session.account_id"
    );
    let rows = db.query(Statement::new(sql, params![id.to_string()])).await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let (session, account) = row.split(COLUMNS)?;
    Ok(Some((read(&session)?, accounts::read(&account)?)))
}

/// The newest sessions of an account, ended ones too.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn of_account(db: &Database, account: &AccountId, limit: i64) -> Result<Vec<Session>, Fault> {
    let sql = concat!(
        "select ",
        columns!(),
        " from session where account_id = $1 order by created_at desc, id desc limit $2"
    );
    db.query(Statement::new(sql, params![account.as_str(), limit])).await?.iter().map(read).collect()
}

/// The newest live sessions of an account, newest first.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn live_of_account(
    db: &Database,
    account: &AccountId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Session>, Fault> {
    let sql = concat!(
        "select ",
        columns!(),
        " from session where account_id = $1 and ended_at is null and expires_at > $2 \
         order by created_at desc, id desc limit $3"
    );
    let statement = Statement::new(sql, params![account.as_str(), now.0, limit]);
    db.query(statement).await?.iter().map(read).collect()
}

/// Whether the account was ever seen from this address or with this program, as far as sessions are kept.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn seen(
    db: &Database,
    account: &AccountId,
    address: &str,
    user_agent: &str,
) -> Result<bool, Fault> {
    let sql = "select id from session where account_id = $1 and (address = $2 or user_agent = $3) limit 1";
    Ok(!db.query(Statement::new(sql, params![account.as_str(), address, user_agent])).await?.is_empty())
}

/// Whether a session of the account was opened at this [place](model::place), and not disowned by its owner.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn opened_at(db: &Database, account: &AccountId, place: &str) -> Result<bool, Fault> {
    let sql = "select id from session where account_id = $1 and place = $2 \
               and (ended_reason is null or ended_reason <> $3) limit 1";
    let statement = Statement::new(sql, params![account.as_str(), place, EndReason::NotMe.as_str()]);
    Ok(!db.query(statement).await?.is_empty())
}

/// What a process must know at its start to refuse tokens: sessions that ended, or whose earlier tokens
/// died by a refresh, since `since`, as (id, generation below which tokens are refused).
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn floors_since(db: &Database, since: Timestamp) -> Result<Vec<(SessionId, Option<u32>)>, Fault> {
    let sql = "select id, generation, ended_at from session \
               where ended_at >= $1 or (generation > 0 and rotated_at >= $1 and ended_at is null)";
    let rows = db.query(Statement::new(sql, params![since.0])).await?;
    rows.iter()
        .map(|row| {
            let live_generation = row.opt_int(2)?.is_none().then_some(generation(row.int(1)?));
            Ok((id(&row.text(0)?), live_generation))
        })
        .collect()
}

/// When the last of a mount's live sessions ends whose present tokens were made before a time; none if there
/// is no such session.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn last_end(
    db: &Database,
    (realm, mount): (&Realm, &str),
    made_before: Timestamp,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let sql = "select max(expires_at) from session \
               where realm = $1 and mount = $2 and rotated_at < $3 and expires_at > $4 and ended_at is null";
    let rows = db.query(Statement::new(sql, params![realm.as_str(), mount, made_before.0, now.0])).await?;
    Ok(rows.first().map(|row| row.opt_int(0)).transpose()?.flatten().map(Timestamp))
}

/// Opens a session.
#[must_use]
pub fn insert(session: &Session) -> Statement {
    Statement::new(
        "insert into session (id, realm, account_id, mount, generation, address, user_agent, created_at, \
         rotated_at, expires_at, place) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            session.id.to_string(),
            session.realm.as_str(),
            session.account.as_str(),
            session.mount.as_str(),
            i64::from(session.generation),
            session.address.as_str(),
            session.user_agent.as_str(),
            session.created_at.0,
            session.rotated_at.0,
            session.expires_at.0,
            session.address.parse().ok().map(place)
        ],
    )
}

/// Begins the generation, place and times that `rotated` says. What it says of its refreshes is written by this
/// one statement, so no two of them count from the same number.
/// Guard [`guard::SESSION_UNCHANGED`]: generation `from` is still current and the session has not ended.
#[must_use]
pub fn rotate(rotated: &Session, from: u32) -> Statement {
    Statement::new(
        "update session set generation = $2, rotated_at = $3, expires_at = $4, address = $5, user_agent = $6, \
         refreshes_empty_at = $7 where id = $1 and generation = $8 and ended_at is null",
        params![
            rotated.id.to_string(),
            i64::from(rotated.generation),
            rotated.rotated_at.0,
            rotated.expires_at.0,
            rotated.address.as_str(),
            rotated.user_agent.as_str(),
            rotated.refreshes_empty_at.map(|at| at.0),
            i64::from(from)
        ],
    )
    .touching(1, guard::SESSION_UNCHANGED)
}

/// Ends one session. Guard [`guard::SESSION_LIVE`]: it had not ended yet.
#[must_use]
pub fn end(session: SessionId, reason: EndReason, now: Timestamp) -> Statement {
    Statement::new(
        "update session set ended_at = $2, ended_reason = $3 where id = $1 and ended_at is null",
        params![session.to_string(), now.0, reason.as_str()],
    )
    .touching(1, guard::SESSION_LIVE)
}

/// Which sessions of an account end together.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    /// Whose.
    pub account: &'a AccountId,
    /// The one that stays.
    pub except: Option<SessionId>,
    /// Sessions of these mounts stay. Those of a mount that nobody names end: it may be switched off here, or
    /// on at another node only, and nobody here can say what its tokens carry.
    pub spared: &'a [String],
    /// Why.
    pub reason: EndReason,
    /// The address that asked for it.
    pub address: &'a str,
    /// Who did, if not the owner.
    pub actor: Option<&'a Actor>,
}

/// Ends sessions of an account: the first statement returns the ids of those it ended, the second writes
/// an event for each. Both belong into one batch, in this order, behind the statement that changes the account:
/// a sign-in that was being written holds the account's row, and only a statement that begins after it was
/// committed finds its session.
#[must_use]
pub fn end_of_account(ending: &Ending<'_>, realm: &Realm, now: Timestamp) -> [Statement; 2] {
    let except = ending.except.map(|id| id.to_string()).unwrap_or_default();
    let mut parameters = params![ending.account.as_str(), now.0, ending.reason.as_str(), except.as_str()];
    let mut which = String::new();
    if !ending.spared.is_empty() {
        let places: Vec<String> = (5..5 + ending.spared.len()).map(|n| format!("${n}")).collect();
        which = format!(" and mount not in ({})", places.join(", "));
        parameters.extend(ending.spared.iter().map(|mount| mount.as_str().into()));
    }
    let end = format!(
        "update session set ended_at = $2, ended_reason = $3 \
         where account_id = $1 and ended_at is null and expires_at > $2 and id <> $4{which} returning id"
    );
    let note = Statement::new(
        "insert into event (at, kind, realm, account_id, session_id, address, detail, actor) \
         select $2, $4, $5, account_id, id, $6, $3, $8 from session \
         where account_id = $1 and ended_at = $2 and ended_reason = $3 and id <> $7",
        params![
            ending.account.as_str(),
            now.0,
            ending.reason.as_str(),
            EventKind::SessionEnded.as_str(),
            realm.as_str(),
            ending.address,
            except,
            ending.actor.map(Actor::to_text)
        ],
    );
    [Statement::new(end, parameters), note]
}

/// The ids that the first statement of [`end_of_account`] returned.
///
/// # Errors
/// [`Fault`] if they are no ids.
pub fn ended_ids(rows: &[Row]) -> Result<Vec<SessionId>, Fault> {
    rows.iter().map(|row| Ok(id(&row.text(0)?))).collect()
}

/// Ends every session that has not ended: the second statement writes an event for each that the first one ended.
#[must_use]
pub fn end_every(reason: EndReason, actor: &Actor, now: Timestamp) -> [Statement; 2] {
    let end = Statement::new(
        "update session set ended_at = $1, ended_reason = $2 where ended_at is null and expires_at > $1",
        params![now.0, reason.as_str()],
    );
    let note = Statement::new(
        "insert into event (at, kind, realm, account_id, session_id, address, detail, actor) \
         select $1, $3, realm, account_id, id, '', $2, $4 from session where ended_at = $1 and ended_reason = $2",
        params![now.0, reason.as_str(), EventKind::SessionEnded.as_str(), actor.to_text()],
    );
    [end, note]
}

/// Sessions whose time was over by themselves after one time and up to another, those first that were over first; up to
/// `limit`, and all that were over in the same microsecond as the last of those.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn expired(
    db: &Database,
    after: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Session>, Fault> {
    let last = "select expires_at from session where ended_at is null and expires_at > $1 and expires_at <= $2 \
                order by expires_at limit 1 offset $3";
    let last = db.query(Statement::new(last, params![after.0, until.0, limit - 1])).await?;
    let until = last.first().map_or(Ok(until.0), |row| row.int(0))?;
    let sql = concat!(
        "select ",
        columns!(),
        " from session where ended_at is null and expires_at > $1 and expires_at <= $2 order by expires_at"
    );
    db.query(Statement::new(sql, params![after.0, until])).await?.iter().map(read).collect()
}

/// The event of one ended session.
#[must_use]
pub fn ended_event(session: &Session, reason: EndReason, now: Timestamp, address: &str) -> Event {
    Event::new(EventKind::SessionEnded, &session.realm, now)
        .of(&session.account)
        .in_session(session.id)
        .from(address)
        .saying(reason.as_str())
}

/// Deletes up to `limit` sessions whose time was over before `before`. It asks twice, because a row may change
/// between being found and being deleted.
#[must_use]
pub fn sweep(before: Timestamp, limit: i64) -> Statement {
    Statement::new(
        "delete from session where id in (select id from session where expires_at < $1 limit $2) \
         and expires_at < $1",
        params![before.0, limit],
    )
}
