//! What products keep with an account.

use db::{Database, Fault, Statement, params};
use model::{AccountId, Profile, Timestamp};

use crate::guard;

/// The account's document, with the account's version; none if there is no such account.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn of(db: &Database, account: &AccountId) -> Result<Option<(Profile, i64)>, Fault> {
    let sql = "select profile, version from account where id = $1";
    let rows = db.query(Statement::new(sql, params![account.as_str()])).await?;
    rows.first().map(|row| Ok((Profile::from_json(&row.text(0)?), row.int(1)?))).transpose()
}

/// Replaces the document. Guard [`guard::ACCOUNT_UNCHANGED`]: the account has still the version that the
/// document was read with.
#[must_use]
pub fn put(account: &AccountId, version: i64, profile: &Profile, now: Timestamp) -> Statement {
    Statement::new(
        "update account set profile = $3, version = version + 1, updated_at = $4 where id = $1 and version = $2",
        params![account.as_str(), version, profile.to_json(), now.0],
    )
    .touching(1, guard::ACCOUNT_UNCHANGED)
}
