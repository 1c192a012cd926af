//! Accounts.

use db::{Database, Fault, Row, Statement, Value, params};
use model::{Account, AccountId, Permissions, Realm, Timestamp, TwoFactor, email_key, name_key};

use crate::{guard, rows};

/// The columns that [`read`] reads, in its order.
macro_rules! columns {
    () => {
        "id, realm, username, email, email_confirmed, password, permissions, disabled, totp_secret, \
         totp_last_step, totp_pending, version, created_at, updated_at, last_sign_in_at"
    };
}
pub(crate) use columns;

pub(crate) fn read(row: &Row) -> Result<Account, Fault> {
    Ok(Account {
        id: AccountId::from_text(row.text(0)?),
        realm: Realm::new(&row.text(1)?),
        username: row.text(2)?,
        email: row.opt_text(3)?,
        email_confirmed: row.boolean(4)?,
        password: row.opt_text(5)?,
        permissions: Permissions::from_json(&row.text(6)?),
        disabled: row.boolean(7)?,
        two_factor: TwoFactor {
            secret: row.opt_bytes(8)?,
            last_step: row.int(9)?,
            pending: row.opt_bytes(10)?,
        },
        version: row.int(11)?,
        created_at: Timestamp(row.int(12)?),
        updated_at: Timestamp(row.int(13)?),
        last_sign_in_at: row.opt_int(14)?.map(Timestamp),
    })
}

macro_rules! insert_into {
    () => {
        "insert into account (id, realm, username, username_key, email, email_key, email_confirmed, password, \
         permissions, disabled, totp_last_step, profile, version, created_at, updated_at, last_sign_in_at, \
         administrator) values "
    };
}

async fn one(db: &Database, statement: Statement) -> Result<Option<Account>, Fault> {
    db.query(statement).await?.first().map(read).transpose()
}

/// The id that such a query answers. Nobody's is answered like anybody's: with a row or without takes another time.
async fn only_id(
    db: &Database,
    sql: &'static str,
    realm: &Realm,
    key: String,
) -> Result<Option<AccountId>, Fault> {
    let nobody = AccountId::nobody();
    let rows = db.query(Statement::new(sql, params![realm.as_str(), key, nobody.as_str()])).await?;
    let id = rows.first().map(|row| row.text(0).map(AccountId::from_text)).transpose()?;
    Ok(id.filter(|id| *id != nobody))
}

/// The account with this id.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn by_id(db: &Database, id: &AccountId) -> Result<Option<Account>, Fault> {
    one(
        db,
        Statement::new(concat!("select ", columns!(), " from account where id = $1"), params![id.as_str()]),
    )
    .await
}

/// Some account, if there is any: reading it takes as long as reading the one that was asked for.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn somebody(db: &Database) -> Result<Option<Account>, Fault> {
    one(db, Statement::new(concat!("select ", columns!(), " from account order by id limit 1"), params![]))
        .await
}

/// The account with this username, in any spelling of it.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn by_username(db: &Database, realm: &Realm, username: &str) -> Result<Option<Account>, Fault> {
    let sql = concat!("select ", columns!(), " from account where realm = $1 and username_key = $2");
    one(db, Statement::new(sql, params![realm.as_str(), name_key(username)])).await
}

/// The account with this e-mail address, in any spelling of it.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn by_email(db: &Database, realm: &Realm, email: &str) -> Result<Option<Account>, Fault> {
    let sql = concat!("select ", columns!(), " from account where realm = $1 and email_key = $2");
    one(db, Statement::new(sql, params![realm.as_str(), email_key(email)])).await
}

/// The id of the account with this username, in any spelling of it.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn id_by_username(
    db: &Database,
    realm: &Realm,
    username: &str,
) -> Result<Option<AccountId>, Fault> {
    let sql =
        "select coalesce((select id from account where realm = $1 and username_key = $2), cast($3 as text))";
    only_id(db, sql, realm, name_key(username)).await
}

/// The id of the account with this e-mail address, in any spelling of it.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn id_by_email(db: &Database, realm: &Realm, email: &str) -> Result<Option<AccountId>, Fault> {
    let sql =
        "select coalesce((select id from account where realm = $1 and email_key = $2), cast($3 as text))";
    only_id(db, sql, realm, email_key(email)).await
}

/// Up to `limit` accounts of a realm, oldest first, after the one that ended the page before.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn page(
    db: &Database,
    realm: &Realm,
    after: Option<(Timestamp, &AccountId)>,
    limit: i64,
) -> Result<Vec<Account>, Fault> {
    let sql = concat!(
        "select ",
        columns!(),
        " from account where realm = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4"
    );
    let (at, id) = after.map_or((i64::MIN, ""), |(at, id)| (at.0, id.as_str()));
    db.query(Statement::new(sql, params![realm.as_str(), at, id, limit])).await?.iter().map(read).collect()
}

/// The accounts that keep any of these from being made: who has one of the ids, in whatever realm, one of
/// the usernames or one of the e-mail addresses. One may come twice, and they come in no order.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn in_the_way(db: &Database, realm: &Realm, wanted: &[&Account]) -> Result<Vec<Account>, Fault> {
    let ids = wanted.iter().map(|account| account.id.as_str().into()).collect();
    let names = wanted.iter().map(|account| name_key(&account.username).into()).collect();
    let emails = wanted.iter().filter_map(|account| account.email.as_deref().map(email_key));
    let emails = emails.map(Value::from).collect();
    let mut found = Vec::new();
    for (sql, mut parameters, values) in [
        (concat!("select ", columns!(), " from account where id in "), params![], ids),
        (
            concat!("select ", columns!(), " from account where realm = $1 and username_key in "),
            params![realm.as_str()],
            names,
        ),
        (
            concat!("select ", columns!(), " from account where realm = $1 and email_key in "),
            params![realm.as_str()],
            emails,
        ),
    ] {
        let values: Vec<Value> = values;
        if values.is_empty() {
            continue;
        }
        let places = rows::numbered(parameters.len() + 1, values.len());
        parameters.extend(values);
        let statement = Statement::new(format!("{sql}({places})"), parameters);
        for row in &db.query(statement).await? {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

/// Checks in a batch that somebody else administers the realm. Guard [`guard::ADMINISTRATOR_LEFT`].
///
/// Two administrators who take each other's place at once change two rows, and neither statement would see what
/// the other batch is about to do. So the first statement writes a row that the whole realm has in common: the
/// second batch waits there for the first, and its check then sees what that one did.
#[must_use]
pub fn administrator_left(account: &Account) -> [Statement; 2] {
    let left = Statement::new(
        "update account set version = version where id = $1 and exists (select 1 from account other \
         where other.realm = $2 and other.administrator and not other.disabled and other.id <> $1)",
        params![account.id.as_str(), account.realm.as_str()],
    )
    .touching(1, guard::ADMINISTRATOR_LEFT);
    // Settings of mounts have a full stop in their names, so none is called that.
    [crate::settings::put(&account.realm, "administrators", ""), left]
}

/// Makes an account. Guard [`guard::NAME_FREE`]: neither its username nor its e-mail address is taken.
#[must_use]
pub fn insert(account: &Account) -> Statement {
    Statement::new(
        concat!(
            insert_into!(),
            "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
            " on conflict do nothing"
        ),
        values(account),
    )
    .touching(1, guard::NAME_FREE)
}

/// Makes many at once. Guard [`guard::NAME_FREE`]: none of their usernames and e-mail addresses is taken.
#[must_use]
pub fn insert_all(accounts: &[&Account]) -> Vec<Statement> {
    let all = accounts.iter().map(|account| values(account)).collect();
    rows::inserts(all, insert_into!(), " on conflict do nothing", Some(guard::NAME_FREE))
}

/// What [`insert_into`] asks for.
fn values(account: &Account) -> Vec<Value> {
    params![
        account.id.as_str(),
        account.realm.as_str(),
        account.username.as_str(),
        name_key(&account.username),
        account.email.as_deref(),
        account.email.as_deref().map(email_key),
        account.email_confirmed,
        account.password.as_deref(),
        account.permissions.to_json(),
        account.disabled,
        account.two_factor.last_step,
        "{}",
        account.version,
        account.created_at.0,
        account.updated_at.0,
        account.last_sign_in_at.map(|at| at.0),
        account.permissions.administrate()
    ]
}

/// Replaces everything that can change of an account by what `changed` says, and counts its version up.
/// Guard [`guard::ACCOUNT_UNCHANGED`]: the stored version is still the one that `changed` was read with.
///
/// A changed username must be free: see [`name_is_free`]. The last time step is not written: it only ever
/// grows, by [`use_totp_step`].
#[must_use]
pub fn update(changed: &Account, now: Timestamp) -> Statement {
    Statement::new(
        "update account set username = $3, username_key = $4, email = $5, email_key = $6, email_confirmed = $7, \
         password = $8, permissions = $9, disabled = $10, totp_secret = $11, totp_pending = $12, \
         version = version + 1, updated_at = $13, administrator = $14 where id = $1 and version = $2",
        params![
            changed.id.as_str(),
            changed.version,
            changed.username.as_str(),
            name_key(&changed.username),
            changed.email.as_deref(),
            changed.email.as_deref().map(email_key),
            changed.email_confirmed,
            changed.password.as_deref(),
            changed.permissions.to_json(),
            changed.disabled,
            changed.two_factor.secret.as_deref(),
            changed.two_factor.pending.as_deref(),
            now.0,
            changed.permissions.administrate()
        ],
    )
    .touching(1, guard::ACCOUNT_UNCHANGED)
}

/// Checks in a batch that nobody but this account has its username. Guard [`guard::NAME_FREE`].
#[must_use]
pub fn name_is_free(account: &Account) -> Statement {
    Statement::new(
        "update account set version = version where id = $1 and not exists \
         (select 1 from account other where other.realm = $2 and other.username_key = $3 and other.id <> $1)",
        params![account.id.as_str(), account.realm.as_str(), name_key(&account.username)],
    )
    .touching(1, guard::NAME_FREE)
}

/// Checks in a batch that nobody but this account has its e-mail address. Guard [`guard::NAME_FREE`].
#[must_use]
pub fn email_is_free(account: &Account) -> Statement {
    Statement::new(
        "update account set version = version where id = $1 and not exists \
         (select 1 from account other where other.realm = $2 and other.email_key = $3 and other.id <> $1)",
        params![account.id.as_str(), account.realm.as_str(), account.email.as_deref().map(email_key)],
    )
    .touching(1, guard::NAME_FREE)
}

/// Notes a sign-in. Guard [`guard::ACCOUNT_UNCHANGED`]: the account is as it was when its password was
/// checked, so that a password changed in between opens nothing.
#[must_use]
pub fn signed_in(account: &Account, now: Timestamp) -> Statement {
    Statement::new(
        "update account set last_sign_in_at = $3 where id = $1 and version = $2",
        params![account.id.as_str(), account.version, now.0],
    )
    .touching(1, guard::ACCOUNT_UNCHANGED)
}

/// Uses up a time step of the second factor. Guard [`guard::STEP_UNUSED`]: it is later than the last.
#[must_use]
pub fn use_totp_step(id: &AccountId, step: i64) -> Statement {
    Statement::new(
        "update account set totp_last_step = $2 where id = $1 and totp_last_step < $2 and totp_secret is not null",
        params![id.as_str(), step],
    )
    .touching(1, guard::STEP_UNUSED)
}

/// Uses up the time steps of every second factor up to this one.
#[must_use]
pub fn use_totp_steps(step: i64) -> Statement {
    Statement::new(
        "update account set totp_last_step = $1 where totp_last_step < $1 and totp_secret is not null",
        params![step],
    )
}

/// How many accounts there are, in all realms.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn count(db: &Database) -> Result<i64, Fault> {
    let rows = db.query(Statement::new("select cast(count(*) as bigint) from account", params![])).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// Deletes an account with its sessions, tokens and codes. Guard [`guard::ACCOUNT_UNCHANGED`]: it is as it was
/// when it was judged.
#[must_use]
pub fn delete(account: &Account) -> Statement {
    Statement::new(
        "delete from account where id = $1 and version = $2",
        params![account.id.as_str(), account.version],
    )
    .touching(1, guard::ACCOUNT_UNCHANGED)
}
