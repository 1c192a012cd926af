//! The root secret, wrapped under the master secret: one row.

use db::{Database, Fault, Statement, params};
use model::{AccountId, Timestamp};

use crate::guard;

/// The wrapped root secret, if the installation keeps one.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn get(db: &Database) -> Result<Option<Vec<u8>>, Fault> {
    let rows = db.query(Statement::new("select wrapped from root_secret where id = 1", params![])).await?;
    rows.first().map(|row| row.bytes(0)).transpose()
}

/// Keeps the first one; one that is there stays.
#[must_use]
pub fn keep(wrapped: &[u8], now: Timestamp) -> Statement {
    Statement::new(
        "insert into root_secret (id, wrapped, changed_at) values (1, $1, $2) on conflict (id) do nothing",
        params![wrapped, now.0],
    )
}

/// Puts it in another wrapping. Guard [`guard::ROOT_UNCHANGED`]: it is wrapped as it was read.
#[must_use]
pub fn rewrap(from: &[u8], to: &[u8], now: Timestamp) -> Statement {
    Statement::new(
        "update root_secret set wrapped = $2, changed_at = $3 where id = 1 and wrapped = $1",
        params![from, to, now.0],
    )
    .touching(1, guard::ROOT_UNCHANGED)
}

/// Something that the root secret sealed, if anything is there: the second factor of any account.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn a_sealed_second_factor(db: &Database) -> Result<Option<(AccountId, Vec<u8>)>, Fault> {
    let sql = "select id, totp_secret from account where totp_secret is not null limit 1";
    let rows = db.query(Statement::new(sql, params![])).await?;
    rows.first().map(|row| Ok((AccountId::from_text(row.text(0)?), row.bytes(1)?))).transpose()
}
