//! Searching for accounts by a part of their name, or by whom their documents name.
//!
//! A search looks through the accounts that are not indexed yet, and only then into the index: whatever is indexed
//! meanwhile is found there, or twice, but never not at all. What it finds is held against the account itself, for
//! the index may be behind. It reads at most `limit` rows of the index, whoever asks for whatever.

use std::collections::BTreeMap;

use db::{Database, Fault, Statement, Value, params};
use model::{Account, AccountId, Profile, Realm, Timestamp, name_key};

use crate::accounts::{columns, read};
use crate::rows;
use crate::search_index::beginning;

/// The most ids in one question.
const AT_ONCE: usize = 256;

/// An account with what products keep with it.
pub type Found = (Account, Profile);

/// Accounts of a realm whose username has `part` in it, in any case: up to `limit`, oldest first. Of more than
/// `limit` it is not said which; of a part longer than [`SUFFIX_BYTES`](crate::search_index::SUFFIX_BYTES) some are
/// missing if more than `limit` begin alike.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn by_name(db: &Database, realm: &Realm, part: &str, limit: i64) -> Result<Vec<Found>, Fault> {
    let key = name_key(part);
    let mut all = All::new(realm, &key, None);
    if key.is_empty() {
        let sql = concat!(
            "select ",
            columns!(),
            ", profile, username_key from account where realm = $1 order by created_at, id limit $2"
        );
        all.add(db, Statement::new(sql, params![realm.as_str(), limit])).await?;
        return Ok(all.first(limit));
    }
    // `coalesce` keeps an engine from going through the whole realm in this order instead of the few not indexed.
    let sql = concat!(
        "select ",
        columns!(),
        ", profile, username_key from account where coalesce(realm, '') = $1 and username_key like $2 escape '!' \
         and (indexed_version is null or indexed_version <> version) order by created_at, id limit $3"
    );
    all.add(db, Statement::new(sql, params![realm.as_str(), containing(&key), limit])).await?;
    let beginning = beginning(&key);
    let indexed = Statement::new(
        "select (select account_id from indexed_account known where known.number = found.number) \
         from (select number from name_suffix where realm = $1 and suffix >= $2 and suffix < $3 \
         order by suffix, number limit $4) as found",
        params![realm.as_str(), beginning, after_all_with(beginning), limit],
    );
    all.add_indexed(db, indexed).await?;
    Ok(all.first(limit))
}

/// The same of the account `id` and those in whose documents it stands in a list.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn by_mention(
    db: &Database,
    realm: &Realm,
    part: &str,
    id: &AccountId,
    limit: i64,
) -> Result<Vec<Found>, Fault> {
    let key = name_key(part);
    let mut all = All::new(realm, &key, Some(id));
    let sql = concat!(
        "select ",
        columns!(),
        ", profile, username_key from account where coalesce(realm, '') = $1 and username_key like $2 escape '!' \
         and (indexed_version is null or indexed_version <> version) \
         and profile like $4 escape '!' order by created_at, id limit $3"
    );
    let parameters = params![realm.as_str(), containing(&key), limit, containing(id.as_str())];
    all.add(db, Statement::new(sql, parameters)).await?;
    let indexed = Statement::new(
        "select (select account_id from indexed_account known where known.number = found.number) \
         from (select number from mention where mentioned = $1 order by number limit $2) as found",
        params![id.as_str(), limit],
    );
    all.add_indexed(db, indexed).await?;
    all.add_ids(db, &[id.as_str().into()]).await?;
    Ok(all.first(limit))
}

/// What a search has found so far.
struct All<'a> {
    realm: &'a Realm,
    key: &'a str,
    about: Option<&'a AccountId>,
    found: BTreeMap<(Timestamp, String), Found>,
}

impl<'a> All<'a> {
    fn new(realm: &'a Realm, key: &'a str, about: Option<&'a AccountId>) -> Self {
        Self { realm, key, about, found: BTreeMap::new() }
    }

    /// Adds those rows that are what was asked for.
    async fn add(&mut self, db: &Database, statement: Statement) -> Result<(), Fault> {
        for row in &db.query(statement).await? {
            let (account, profile) = (read(row)?, Profile::from_json(&row.text(15)?));
            let about =
                self.about.is_none_or(|id| account.id == *id || profile.listed().contains(id.as_str()));
            if about && account.realm == *self.realm && row.text(16)?.contains(self.key) {
                let place = (account.created_at, account.id.to_string());
                self.found.insert(place, (account, profile));
            }
        }
        Ok(())
    }

    /// Adds the accounts whose ids a statement finds; null is one that was deleted.
    async fn add_indexed(&mut self, db: &Database, statement: Statement) -> Result<(), Fault> {
        let found = db.query(statement).await?;
        let ids = found.iter().map(|row| row.opt_text(0)).collect::<Result<Vec<_>, _>>()?;
        let mut ids: Vec<String> = ids.into_iter().flatten().collect();
        // A name may have the part more than once.
        ids.sort_unstable();
        ids.dedup();
        let ids: Vec<Value> = ids.into_iter().map(Value::from).collect();
        self.add_ids(db, &ids).await
    }

    async fn add_ids(&mut self, db: &Database, ids: &[Value]) -> Result<(), Fault> {
        for ids in ids.chunks(AT_ONCE) {
            // A text for each power of two, so that few have to be prepared; the rest is filled up with the first.
            let count = ids.len().next_power_of_two();
            let columns = columns!();
            let places = rows::numbered(1, count);
            let sql = format!("select {columns}, profile, username_key from account where id in ({places})");
            let ids = ids.iter().chain(std::iter::repeat(&ids[0])).take(count).cloned();
            self.add(db, Statement::new(sql, ids.collect())).await?;
        }
        Ok(())
    }

    fn first(self, limit: i64) -> Vec<Found> {
        self.found.into_values().take(usize::try_from(limit).unwrap_or_default()).collect()
    }
}

/// The first bytes after all that begin with these. UTF-8 has no byte that could not be one more.
fn after_all_with(beginning: &[u8]) -> Vec<u8> {
    let mut next = beginning.to_vec();
    if let Some(last) = next.last_mut() {
        *last += 1;
    }
    next
}

/// A pattern for whatever has this text in it, escaped by `!`.
fn containing(text: &str) -> String {
    format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"))
}
