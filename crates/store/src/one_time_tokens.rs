//! One-time tokens.

use db::{Database, Fault, Row, Statement, params};
use model::{AccountId, OneTimeKind, OneTimeToken, Realm, Timestamp};

use crate::guard;

macro_rules! columns {
    () => {
        "digest, kind, realm, account_id, slot, payload, tries_left, created_at, expires_at"
    };
}

fn read(kind: OneTimeKind, row: &Row) -> Result<OneTimeToken, Fault> {
    Ok(OneTimeToken {
        digest: row.bytes(0)?,
        kind,
        realm: Realm::new(&row.text(2)?),
        account: row.opt_text(3)?.map(AccountId::from_text),
        slot: row.text(4)?,
        payload: row.text(5)?,
        tries_left: row.int(6)?,
        created_at: Timestamp(row.int(7)?),
        expires_at: Timestamp(row.int(8)?),
    })
}

/// The token with this digest, if it is of this kind and realm and its time is not over.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn live(
    db: &Database,
    kind: OneTimeKind,
    realm: &Realm,
    digest: &[u8],
    now: Timestamp,
) -> Result<Option<OneTimeToken>, Fault> {
    let sql = concat!(
        "select ",
        columns!(),
        " from one_time_token where digest = $1 and kind = $2 and realm = $3 and expires_at > $4"
    );
    let rows = db.query(Statement::new(sql, params![digest, kind.as_str(), realm.as_str(), now.0])).await?;
    rows.first().map(|row| read(kind, row)).transpose()
}

/// The token in a slot, if it is of this kind and its time is not over.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn in_slot(
    db: &Database,
    kind: OneTimeKind,
    slot: &str,
    now: Timestamp,
) -> Result<Option<OneTimeToken>, Fault> {
    let sql = concat!(
        "select ",
        columns!(),
        " from one_time_token where slot = $1 and kind = $2 and expires_at > $3"
    );
    let rows = db.query(Statement::new(sql, params![slot, kind.as_str(), now.0])).await?;
    rows.first().map(|row| read(kind, row)).transpose()
}

/// Up to `limit` tokens of one kind that belong to no account and whose time is not over, oldest first, after so many
/// that are passed over.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn all_live(
    db: &Database,
    kind: OneTimeKind,
    realm: &Realm,
    now: Timestamp,
    limit: i64,
    passed_over: i64,
) -> Result<Vec<OneTimeToken>, Fault> {
    let sql = concat!(
        "select ",
        columns!(),
        " from one_time_token where kind = $1 and realm = $2 and expires_at > $3 and account_id is null \
         order by created_at limit $4 offset $5"
    );
    let values = params![kind.as_str(), realm.as_str(), now.0, limit, passed_over];
    let rows = db.query(Statement::new(sql, values)).await?;
    rows.iter().map(|row| read(kind, row)).collect()
}

/// A token of an account that was deleted meanwhile is not put anywhere, nor one whose digest stands in another
/// slot.
const INSERT: &str = "insert into one_time_token (digest, kind, realm, account_id, slot, payload, tries_left, \
     created_at, expires_at) select $1, $2, $3, $4, $5, $6, $7, $8, $9 \
     where (cast($4 as text) is null or exists (select 1 from account where id = $4)) \
     and not exists (select 1 from one_time_token other where other.digest = $1 and other.slot <> $5)";

const ON_CONFLICT_REPLACE: &str = " on conflict (slot) do update set digest = excluded.digest, kind = excluded.kind, \
     realm = excluded.realm, account_id = excluded.account_id, payload = excluded.payload, \
     tries_left = excluded.tries_left, created_at = excluded.created_at, expires_at = excluded.expires_at";

fn parameters(token: &OneTimeToken) -> Vec<db::Value> {
    params![
        token.digest.as_slice(),
        token.kind.as_str(),
        token.realm.as_str(),
        token.account.as_ref().map(AccountId::as_str),
        token.slot.as_str(),
        token.payload.as_str(),
        token.tries_left,
        token.created_at.0,
        token.expires_at.0
    ]
}

/// Puts a token into its slot; whatever stood there is worth nothing from now on.
#[must_use]
pub fn put(token: &OneTimeToken) -> Statement {
    Statement::new(format!("{INSERT}{ON_CONFLICT_REPLACE}"), parameters(token))
}

/// Puts a token into its slot if nothing live stands there and its digest in no other: short codes come up again.
/// Guard [`guard::SLOT_FREE`].
#[must_use]
pub fn claim_slot(token: &OneTimeToken) -> Statement {
    let sql = format!("{INSERT}{ON_CONFLICT_REPLACE} where one_time_token.expires_at <= excluded.created_at");
    Statement::new(sql, parameters(token)).touching(1, guard::SLOT_FREE)
}

/// Makes room for a digest whose former holder's time is over: short codes come up again.
#[must_use]
pub fn clear_expired(token: &OneTimeToken) -> Statement {
    Statement::new(
        "delete from one_time_token where digest = $1 and expires_at <= $2",
        params![token.digest.as_slice(), token.created_at.0],
    )
}

/// Uses a token up. Guard [`guard::TOKEN_UNUSED`]: nobody did before, and its time is not over.
#[must_use]
pub fn redeem(token: &OneTimeToken, now: Timestamp) -> Statement {
    Statement::new(
        "delete from one_time_token where digest = $1 and kind = $2 and expires_at > $3",
        params![token.digest.as_slice(), token.kind.as_str(), now.0],
    )
    .touching(1, guard::TOKEN_UNUSED)
}

/// Takes one of the token's tries before an answer is looked at.
/// Guard [`guard::TOKEN_UNUSED`]: one was left.
#[must_use]
pub fn take_try(token: &OneTimeToken, now: Timestamp) -> Statement {
    Statement::new(
        "update one_time_token set tries_left = tries_left - 1 \
         where digest = $1 and kind = $2 and expires_at > $3 and tries_left > 0",
        params![token.digest.as_slice(), token.kind.as_str(), now.0],
    )
    .touching(1, guard::TOKEN_UNUSED)
}

/// Takes every token of these kinds away from an account.
#[must_use]
pub fn delete_of(account: &AccountId, kind: OneTimeKind) -> Statement {
    Statement::new(
        "delete from one_time_token where account_id = $1 and kind = $2",
        params![account.as_str(), kind.as_str()],
    )
}

/// Takes every token away, of whatever kind.
#[must_use]
pub fn delete_every() -> Statement {
    Statement::new("delete from one_time_token", params![])
}

/// Deletes up to `limit` tokens whose time is over. It asks twice, because a row may change between being found
/// and being deleted.
#[must_use]
pub fn sweep(now: Timestamp, limit: i64) -> Statement {
    Statement::new(
        "delete from one_time_token where digest in \
         (select digest from one_time_token where expires_at <= $1 limit $2) and expires_at <= $1",
        params![now.0, limit],
    )
}
