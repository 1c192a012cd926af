//! Backup codes of the second factor: a digest to find one by, and the sealed code to show it again.

use db::{Database, Fault, Statement, params};
use model::AccountId;

use crate::guard;

/// The sealed codes that are left.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn sealed_of(db: &Database, account: &AccountId) -> Result<Vec<Vec<u8>>, Fault> {
    let sql = "select sealed from backup_code where account_id = $1 order by digest";
    db.query(Statement::new(sql, params![account.as_str()])).await?.iter().map(|row| row.bytes(0)).collect()
}

/// Whether the account has this code left.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn exists(db: &Database, account: &AccountId, digest: &[u8]) -> Result<bool, Fault> {
    let sql = "select account_id from backup_code where account_id = $1 and digest = $2";
    Ok(!db.query(Statement::new(sql, params![account.as_str(), digest])).await?.is_empty())
}

/// Gives the account one more code.
#[must_use]
pub fn insert(account: &AccountId, digest: &[u8], sealed: &[u8]) -> Statement {
    Statement::new(
        "insert into backup_code (account_id, digest, sealed) values ($1, $2, $3)",
        params![account.as_str(), digest, sealed],
    )
}

/// Uses one up. Guard [`guard::BACKUP_CODE_UNUSED`]: it was left.
#[must_use]
pub fn redeem(account: &AccountId, digest: &[u8]) -> Statement {
    Statement::new(
        "delete from backup_code where account_id = $1 and digest = $2",
        params![account.as_str(), digest],
    )
    .touching(1, guard::BACKUP_CODE_UNUSED)
}

/// Takes all of them away.
#[must_use]
pub fn delete_of(account: &AccountId) -> Statement {
    Statement::new("delete from backup_code where account_id = $1", params![account.as_str()])
}
