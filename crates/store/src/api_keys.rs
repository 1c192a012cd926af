//! API keys.

use db::{Database, Fault, Row, Statement, params};
use model::{AccountId, ApiKey, Permissions, Timestamp};

use crate::guard;

macro_rules! columns {
    () => {
        "id, account_id, name, digest, preview, permissions, last_used_at, expires_at, created_at, updated_at"
    };
}

fn read(row: &Row) -> Result<ApiKey, Fault> {
    Ok(ApiKey {
        id: row.text(0)?,
        account: AccountId::from_text(row.text(1)?),
        name: row.text(2)?,
        digest: row.bytes(3)?,
        preview: row.text(4)?,
        permissions: Permissions::from_json(&row.text(5)?),
        last_used_at: row.opt_int(6)?.map(Timestamp),
        expires_at: row.opt_int(7)?.map(Timestamp),
        created_at: Timestamp(row.int(8)?),
        updated_at: Timestamp(row.int(9)?),
    })
}

/// The key with this digest.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn by_digest(db: &Database, digest: &[u8]) -> Result<Option<ApiKey>, Fault> {
    let sql = concat!("select ", columns!(), " from api_key where digest = $1");
    db.query(Statement::new(sql, params![digest])).await?.first().map(read).transpose()
}

/// The key with this id.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn by_id(db: &Database, id: &str) -> Result<Option<ApiKey>, Fault> {
    let sql = concat!("select ", columns!(), " from api_key where id = $1");
    db.query(Statement::new(sql, params![id])).await?.first().map(read).transpose()
}

/// Up to `limit` keys of an account, oldest first.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn of_account(db: &Database, account: &AccountId, limit: i64) -> Result<Vec<ApiKey>, Fault> {
    let sql = concat!(
        "select ",
        columns!(),
        " from api_key where account_id = $1 order by created_at, id limit $2"
    );
    db.query(Statement::new(sql, params![account.as_str(), limit])).await?.iter().map(read).collect()
}

/// Adds a key. Guard [`guard::ACCOUNT_UNCHANGED`]: its account was not deleted meanwhile.
#[must_use]
pub fn insert(key: &ApiKey) -> Statement {
    Statement::new(
        "insert into api_key (id, account_id, name, digest, preview, permissions, expires_at, created_at, updated_at) \
         select $1, $2, $3, $4, $5, $6, $7, $8, $9 from account where id = $2",
        params![
            key.id.as_str(),
            key.account.as_str(),
            key.name.as_str(),
            key.digest.as_slice(),
            key.preview.as_str(),
            key.permissions.to_json(),
            key.expires_at.map(|at| at.0),
            key.created_at.0,
            key.updated_at.0
        ],
    )
    .touching(1, guard::ACCOUNT_UNCHANGED)
}

/// Replaces what the owner says about a key. Its text stays as it is, also if it is renewed meanwhile.
/// Guard [`guard::API_KEY_EXISTS`].
#[must_use]
pub fn update(key: &ApiKey) -> Statement {
    Statement::new(
        "update api_key set name = $2, permissions = $3, expires_at = $4, updated_at = $5 where id = $1",
        params![
            key.id.as_str(),
            key.name.as_str(),
            key.permissions.to_json(),
            key.expires_at.map(|at| at.0),
            key.updated_at.0
        ],
    )
    .touching(1, guard::API_KEY_EXISTS)
}

/// Gives a key another text and changes nothing else of it. Guard [`guard::API_KEY_EXISTS`].
#[must_use]
pub fn renew(key: &ApiKey) -> Statement {
    Statement::new(
        "update api_key set digest = $2, preview = $3, updated_at = $4 where id = $1",
        params![key.id.as_str(), key.digest.as_slice(), key.preview.as_str(), key.updated_at.0],
    )
    .touching(1, guard::API_KEY_EXISTS)
}

/// Notes that a key was used.
#[must_use]
pub fn used(id: &str, now: Timestamp) -> Statement {
    Statement::new("update api_key set last_used_at = $2 where id = $1", params![id, now.0])
}

/// Deletes a key. Guard [`guard::API_KEY_EXISTS`].
#[must_use]
pub fn delete(id: &str) -> Statement {
    Statement::new("delete from api_key where id = $1", params![id]).touching(1, guard::API_KEY_EXISTS)
}

#[cfg(test)]
mod tests {
    use db::{Batch, DatabaseUrl, Options};
    use model::{Account, Realm, TwoFactor};

    use super::*;

    fn owner() -> Account {
        Account {
            id: AccountId::from_text("a"),
            realm: Realm::new("default"),
            username: "ada".into(),
            email: None,
            email_confirmed: false,
            password: None,
            permissions: Permissions::default(),
            disabled: false,
            two_factor: TwoFactor::default(),
            version: 0,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
            last_sign_in_at: None,
        }
    }

    #[tokio::test]
    async fn a_change_begun_before_a_key_was_renewed_does_not_bring_its_old_text_back() {
        let url = DatabaseUrl::parse("sqlite::memory:").unwrap();
        let db = Database::open(&url, Options::default()).await.unwrap();
        db.migrate(crate::migrations::ALL, 0).await.unwrap();
        let key = ApiKey {
            id: "k".into(),
            account: AccountId::from_text("a"),
            name: "old".into(),
            digest: vec![1],
            preview: "1".into(),
            permissions: Permissions::of_a_newcomer(),
            last_used_at: None,
            expires_at: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        };
        let begin = Batch::new().with(crate::accounts::insert(&owner())).with(insert(&key));
        db.write(begin).await.unwrap();
        let renewed = ApiKey { digest: vec![2], preview: "2".into(), ..key.clone() };
        db.write(Batch::new().with(renew(&renewed))).await.unwrap();
        let permissions = Permissions::default();
        let expires_at = Some(Timestamp(9));
        let changed = ApiKey { name: "new".into(), permissions, expires_at, ..key.clone() };
        db.write(Batch::new().with(update(&changed))).await.unwrap();
        assert!(by_digest(&db, &[1]).await.unwrap().is_none());
        let stored = by_digest(&db, &[2]).await.unwrap().unwrap();
        assert!(stored == ApiKey { digest: vec![2], preview: "2".into(), ..changed });
        // Neither the other way round.
        db.write(Batch::new().with(renew(&ApiKey { digest: vec![3], ..key }))).await.unwrap();
        assert_eq!(by_id(&db, "k").await.unwrap().unwrap().name, "new");
    }
}
