//! Signing keys that cannot be derived from the master secret.

use db::{Database, Fault, Statement, params};
use model::{Realm, Timestamp};

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
    /// The sealed private key, PKCS #8.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it only verifies.
    pub retired_at: Option<Timestamp>,
}

/// All keys of a mount for an algorithm, newest first.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn of_mount(
    db: &Database,
    realm: &Realm,
    mount: &str,
    algorithm: &str,
) -> Result<Vec<SigningKeyRow>, Fault> {
    let sql = "select id, sealed, created_at, retired_at from signing_key \
               where realm = $1 and mount = $2 and algorithm = $3 order by created_at desc, id desc";
    let rows = db.query(Statement::new(sql, params![realm.as_str(), mount, algorithm])).await?;
    rows.iter()
        .map(|row| {
            Ok(SigningKeyRow {
                id: row.text(0)?,
                realm: realm.clone(),
                mount: mount.to_owned(),
                algorithm: algorithm.to_owned(),
                sealed: row.bytes(1)?,
                created_at: Timestamp(row.int(2)?),
                retired_at: row.opt_int(3)?.map(Timestamp),
            })
        })
        .collect()
}

/// Adds the first key of a mount for its algorithm; a second one that comes at the same time is dropped,
/// because both have the id that `row` says.
#[must_use]
pub fn insert(row: &SigningKeyRow) -> Statement {
    Statement::new(
        "insert into signing_key (id, realm, mount, algorithm, sealed, created_at) \
         values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing",
        params![
            row.id.as_str(),
            row.realm.as_str(),
            row.mount.as_str(),
            row.algorithm.as_str(),
            row.sealed.as_slice(),
            row.created_at.0
        ],
    )
}
