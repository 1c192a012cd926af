//! SQLite without a server around it: the same statements on one connection.

use std::path::Path;
use std::time::{Duration, Instant};

use db::Value;
use model::{
    Account, AccountId, Event, EventKind, Permissions, Realm, Session, SessionId, Timestamp, TwoFactor,
};
use rusqlite::{Connection, Statement};

use crate::Problem;
use crate::stats::as_f64;
use crate::stock::username;

/// Statements that are made before they are timed.
const AHEAD: usize = 10_000;

/// Opens a database as durable, and with as much memory, as the server's writer.
pub(crate) fn open(path: &Path) -> Result<Connection, Problem> {
    let connection = Connection::open(path)?;
    connection.query_row("pragma journal_mode = wal", [], |_| Ok(()))?;
    connection.execute_batch(
        "pragma synchronous = full; pragma fullfsync = on; pragma foreign_keys = on; \
         pragma temp_store = memory; pragma cache_size = -16384;",
    )?;
    Ok(connection)
}

/// A statement of the store, prepared once.
struct Prepared<'c> {
    statement: Statement<'c>,
    /// For each of SQLite's places the parameter that belongs there: places count by first appearance.
    order: Vec<usize>,
}

impl<'c> Prepared<'c> {
    fn new(connection: &'c Connection, sql: &str) -> Result<Self, Problem> {
        let statement = connection.prepare(sql)?;
        let number = |place| statement.parameter_name(place)?.strip_prefix('$')?.parse::<usize>().ok();
        let order: Option<Vec<usize>> = (1..=statement.parameter_count()).map(number).collect();
        let order = order.ok_or("a parameter without a number")?;
        Ok(Self { statement, order })
    }

    fn run(&mut self, params: &[Value]) -> rusqlite::Result<usize> {
        for (place, number) in (1..).zip(&self.order) {
            self.statement.raw_bind_parameter(place, &params[number - 1])?;
        }
        self.statement.raw_execute()
    }

    /// Reads the one row that is found, whole.
    fn find(&mut self, id: &str) -> rusqlite::Result<usize> {
        let columns = self.statement.column_count();
        let read = |row: &rusqlite::Row<'_>| {
            (0..columns).try_fold(0, |length, column| {
                let value: rusqlite::types::Value = row.get(column)?;
                Ok(length + usize::from(value != rusqlite::types::Value::Null))
            })
        };
        self.statement.query_row([id], read)
    }
}

/// Refreshes sessions in groups of one transaction each, for a while; how many in a second.
pub(crate) fn refreshes(
    connection: &Connection,
    sessions: &mut [Session],
    group: usize,
    time: Duration,
) -> Result<f64, Problem> {
    let sql = "select * from (select * from session where id = $1 limit 1) as one \
               join account on account.id = one.account_id";
    let mut with_account = Prepared::new(connection, sql)?;
    let first = sessions.first().ok_or("there are no sessions")?;
    let mut rotate = Prepared::new(connection, store::sessions::rotate(first, 0).sql())?;
    let mut append = Prepared::new(connection, store::events::append(&refreshed(first)).sql())?;
    let mut count = 0;
    let began = Instant::now();
    while began.elapsed() < time {
        connection.execute_batch("begin immediate")?;
        for _ in 0..group {
            let place = count % sessions.len();
            let session = &mut sessions[place];
            with_account.find(&session.id.to_string())?;
            let before = session.generation;
            session.generation += 1;
            if rotate.run(store::sessions::rotate(session, before).params())? != 1 {
                return Err("a session was not as it was read".into());
            }
            append.run(store::events::append(&refreshed(session)).params())?;
            count += 1;
        }
        connection.execute_batch("commit")?;
    }
    Ok(as_f64(count) / began.elapsed().as_secs_f64())
}

fn refreshed(session: &Session) -> Event {
    Event::new(EventKind::SessionRefreshed, &session.realm, session.rotated_at)
        .of(&session.account)
        .in_session(session.id)
        .from(&session.address)
        .saying(session.generation.to_string())
}

/// The live sessions in a database.
pub(crate) fn sessions(connection: &Connection) -> Result<Vec<Session>, Problem> {
    let mut statement = connection.prepare(
        "select id, realm, account_id, mount, generation, address, user_agent, created_at, rotated_at, \
         expires_at from session where ended_at is null",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Session {
            id: SessionId::parse(&row.get::<_, String>(0)?).unwrap_or(SessionId::from_bytes([0; 16])),
            realm: Realm::new(&row.get::<_, String>(1)?),
            account: AccountId::from_text(row.get::<_, String>(2)?),
            mount: row.get(3)?,
            generation: row.get(4)?,
            address: row.get(5)?,
            user_agent: row.get(6)?,
            created_at: Timestamp(row.get(7)?),
            rotated_at: Timestamp(row.get(8)?),
            expires_at: Timestamp(row.get(9)?),
            ended: None,
            refreshes_empty_at: None,
        })
    };
    Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// Inserts accounts, each with its event, and commits after every `together`; how many in a second. Only the work of the database
/// is timed.
pub(crate) fn insertions(
    connection: &Connection,
    accounts: usize,
    together: usize,
    stored: &str,
) -> Result<f64, Problem> {
    let rows = |number: usize| {
        let account = account(number, stored);
        let event = Event::new(EventKind::AccountCreated, &account.realm, account.created_at);
        [store::accounts::insert(&account), store::events::append(&event.of(&account.id).saying("imported"))]
    };
    let [insert, append] = rows(0);
    let mut insert = Prepared::new(connection, insert.sql())?;
    let mut append = Prepared::new(connection, append.sql())?;
    let mut took = Duration::ZERO;
    for first in (0..accounts).step_by(AHEAD) {
        let ahead: Vec<_> = (first..accounts.min(first + AHEAD)).map(rows).collect();
        let began = Instant::now();
        for (number, [account, event]) in (first..).zip(&ahead) {
            if number % together == 0 {
                if number > 0 {
                    connection.execute_batch("commit")?;
                }
                connection.execute_batch("begin immediate")?;
            }
            insert.run(account.params())?;
            append.run(event.params())?;
        }
        took += began.elapsed();
    }
    let began = Instant::now();
    connection.execute_batch("commit")?;
    took += began.elapsed();
    Ok(as_f64(accounts) / took.as_secs_f64())
}

/// The account that the line with this number of an import file is about.
fn account(number: usize, stored: &str) -> Account {
    let now = Timestamp(1_800_000_000_000_000);
    let name = username(number);
    // Ids that differ as those of accounts made one after the other do.
    let random = u64::try_from(number).unwrap_or_default().wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    let [a, b, c, d, e, f, g, h] = random;
    Account {
        id: AccountId::new(
            now + model::Span(i64::try_from(number).unwrap_or_default() * 20),
            [a, b, c, d, e, f, g, h, 0, 0],
        ),
        realm: Realm::new("default"),
        email: Some(format!("{name}@example.com")),
        username: name,
        email_confirmed: true,
        password: Some(stored.to_owned()),
        permissions: Permissions::of_a_newcomer(),
        disabled: false,
        two_factor: TwoFactor::default(),
        version: 0,
        created_at: now,
        updated_at: now,
        last_sign_in_at: None,
    }
}
