//! The signing keys that Tessera made itself.

use db::{Database, Fault, Row, Statement, params};
use model::{Realm, Timestamp};

use crate::guard;

/// One key as it stands in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeyRow {
    /// The key's id, `kid` in tokens and key sets.
    pub id: String,
    /// The realm of the mount.
    pub realm: Realm,
    /// The mount it signs for.
    pub mount: String,
    /// The algorithm's name (RFC 7518, section 3.1).
    pub algorithm: String,
    /// The sealed key: a private key as PKCS #8, or a secret. Empty once it is retired.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its turn to sign begins; none = before that of every other key.
    pub signs_from: Option<Timestamp>,
    /// Until when tokens of it can be in time; none = it signs, will sign, or that is not known yet.
    pub accepted_until: Option<Timestamp>,
    /// From when on it is not believed any more.
    pub retired_at: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "id, realm, mount, algorithm, sealed, created_at, signs_from, accepted_until, retired_at"
    };
}

fn read(row: &Row) -> Result<SigningKeyRow, Fault> {
    Ok(SigningKeyRow {
        id: row.text(0)?,
        realm: Realm::new(&row.text(1)?),
        mount: row.text(2)?,
        algorithm: row.text(3)?,
        sealed: row.bytes(4)?,
        created_at: Timestamp(row.int(5)?),
        signs_from: row.opt_int(6)?.map(Timestamp),
        accepted_until: row.opt_int(7)?.map(Timestamp),
        retired_at: row.opt_int(8)?.map(Timestamp),
    })
}

/// All keys of a mount for an algorithm, newest first, retired ones too.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn of_mount(
    db: &Database,
    realm: &Realm,
    mount: &str,
    algorithm: &str,
) -> Result<Vec<SigningKeyRow>, Fault> {
    let sql = concat!(
        "select ",
        columns!(),
        " from signing_key where realm = $1 and mount = $2 and algorithm = $3 order by created_at desc, id desc"
    );
    let statement = Statement::new(sql, params![realm.as_str(), mount, algorithm]);
    db.query(statement).await?.iter().map(read).collect()
}

/// All keys of all mounts, newest first, retired ones too.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn all(db: &Database) -> Result<Vec<SigningKeyRow>, Fault> {
    let sql = concat!("select ", columns!(), " from signing_key order by created_at desc, id desc");
    db.query(Statement::new(sql, params![])).await?.iter().map(read).collect()
}

/// Adds a key of a mount for its algorithm; a second one that comes at the same time is dropped, because both
/// have the id that `row` says.
#[must_use]
pub fn insert(row: &SigningKeyRow) -> Statement {
    Statement::new(
        "insert into signing_key (id, realm, mount, algorithm, sealed, created_at, signs_from) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
        params![
            row.id.as_str(),
            row.realm.as_str(),
            row.mount.as_str(),
            row.algorithm.as_str(),
            row.sealed.as_slice(),
            row.created_at.0,
            row.signs_from.map(|from| from.0)
        ],
    )
}

/// The same for a key that follows on others. Guard [`guard::KEY_NEW`]: it was not dropped.
#[must_use]
pub fn insert_next(row: &SigningKeyRow) -> Statement {
    insert(row).touching(1, guard::KEY_NEW)
}

/// Gives a key another turn than it had when it was read. Guard [`guard::KEY_UNCHANGED`]: it is not retired,
/// and still has the turn that `row` says.
#[must_use]
pub fn change_turn(row: &SigningKeyRow, signs_from: Option<Timestamp>) -> Statement {
    Statement::new(
        "update signing_key set signs_from = $2 \
         where id = $1 and signs_from is not distinct from $3 and retired_at is null",
        params![row.id.as_str(), signs_from.map(|from| from.0), row.signs_from.map(|from| from.0)],
    )
    .touching(1, guard::KEY_UNCHANGED)
}

/// Notes until when tokens of a key that signs no more can be in time, unless that is noted already.
#[must_use]
pub fn settle(id: &str, accepted_until: Timestamp) -> Statement {
    Statement::new(
        "update signing_key set accepted_until = $2 where id = $1 and accepted_until is null",
        params![id, accepted_until.0],
    )
}

/// Ends the belief in a key and throws away what it signed with. Guard [`guard::KEY_UNCHANGED`]: it is not
/// retired, and still has the turn that `row` says.
#[must_use]
pub fn retire(row: &SigningKeyRow, now: Timestamp) -> Statement {
    Statement::new(
        "update signing_key set retired_at = $2, sealed = $3 \
         where id = $1 and signs_from is not distinct from $4 and retired_at is null",
        params![row.id.as_str(), now.0, &[][..], row.signs_from.map(|from| from.0)],
    )
    .touching(1, guard::KEY_UNCHANGED)
}

/// The same for every key, whatever its turn.
#[must_use]
pub fn retire_every(now: Timestamp) -> Statement {
    Statement::new(
        "update signing_key set retired_at = $1, sealed = $2 where retired_at is null",
        params![now.0, &[][..]],
    )
}
