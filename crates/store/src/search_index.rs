//! What searches go by: every suffix of a name, so that a part of it is the beginning of one; and whom the products'
//! documents name.
//!
//! It is derived from the rows of `account` after they were written. An account whose `indexed_version` is not its
//! version is not indexed, whoever made or changed it: also a node of the previous release, which knows nothing of an
//! index. Deleting an account leaves its row in `indexed_account` without it, by the foreign key. So nobody who
//! writes accounts has to think of the index, and a search looks through what is not indexed yet besides.
//!
//! Rows are numbered, because a number is much shorter than an id and there is one in every suffix's row.

use std::collections::BTreeSet;

use db::{Database, Fault, Row, Statement, params};
use model::{AccountId, Profile, Timestamp};

use crate::{guard, rows};

/// As much of a suffix as is kept, in bytes.
pub const SUFFIX_BYTES: usize = 32;
/// The longest id.
const ID_BYTES: usize = 64;

/// An account that is not indexed as it is now.
#[derive(Clone, Debug)]
pub struct Unindexed {
    /// Its id.
    pub account: AccountId,
    /// When it was made, by which it has its place among the others.
    pub created_at: Timestamp,
    /// Its number in the index, if it was indexed before.
    pub number: Option<i64>,
    version: i64,
    /// What the index should know.
    now: Content,
    /// What it knows.
    before: Content,
}

/// An account that was deleted and is indexed still.
#[derive(Clone, Debug)]
pub struct Gone(i64, Content);

/// What the index knows of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Content {
    /// An account stays in it.
    realm: String,
    name_key: String,
    mentioned: BTreeSet<String>,
}

impl Content {
    fn read(row: &Row, first: usize) -> Result<Self, Fault> {
        let mentioned = row.text(first + 2)?.lines().map(str::to_owned).collect();
        Ok(Self { realm: row.text(first)?, name_key: row.text(first + 1)?, mentioned })
    }

    /// A line for each.
    fn mentioned(&self) -> String {
        self.mentioned.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    fn suffixes(&self) -> BTreeSet<&[u8]> {
        self.name_key.char_indices().map(|(at, _)| beginning(&self.name_key[at..])).collect()
    }
}

fn may_be_id(text: &str) -> bool {
    (1..=ID_BYTES).contains(&text.len()) && !text.contains(char::is_control)
}

/// The bytes of a text as far as they are kept of a suffix.
pub(crate) fn beginning(text: &str) -> &[u8] {
    &text.as_bytes()[..text.len().min(SUFFIX_BYTES)]
}

/// Up to `limit` accounts that are not indexed, oldest first, after the one at that place.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn unindexed(
    db: &Database,
    after: Option<(Timestamp, &AccountId)>,
    limit: i64,
) -> Result<Vec<Unindexed>, Fault> {
    let sql = "select account.id, account.version, account.realm, account.username_key, account.profile, \
               known.number, known.realm, known.name_key, known.mentioned, account.created_at \
               from account left join indexed_account known on known.account_id = account.id \
               where (indexed_version is null or indexed_version <> version) \
               and (account.created_at, account.id) > ($1, $2) \
               order by account.created_at, account.id limit $3";
    let read = |row: &Row| {
        let (realm, name_key, profile) = (row.text(2)?, row.text(3)?, Profile::from_json(&row.text(4)?));
        let ids = profile.listed().into_iter().filter(|text| may_be_id(text));
        let now = Content { realm, name_key, mentioned: ids.map(str::to_owned).collect() };
        let number = row.opt_int(5)?;
        let before = number.map(|_| Content::read(row, 6)).transpose()?.unwrap_or_default();
        let (account, created_at) = (AccountId::from_text(row.text(0)?), Timestamp(row.int(9)?));
        Ok(Unindexed { account, created_at, number, version: row.int(1)?, now, before })
    };
    let (at, id) = after.map_or((i64::MIN, ""), |(at, id)| (at.0, id.as_str()));
    db.query(Statement::new(sql, params![at, id, limit])).await?.iter().map(read).collect()
}

/// Up to `limit` accounts that were deleted and are indexed still.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn gone(db: &Database, limit: i64) -> Result<Vec<Gone>, Fault> {
    let sql = "select number, realm, name_key, mentioned from indexed_account where account_id is null \
               order by number limit $1";
    let read = |row: &Row| Ok(Gone(row.int(0)?, Content::read(row, 1)?));
    db.query(Statement::new(sql, params![limit])).await?.iter().map(read).collect()
}

/// The largest number in the index; zero if it is empty.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn last_number(db: &Database) -> Result<i64, Fault> {
    let sql = "select coalesce(max(number), 0) from indexed_account";
    db.query(Statement::new(sql, params![])).await?.first().map_or(Ok(0), |row| row.int(0))
}

/// Indexes accounts as they were read. New ones get the numbers after `last`.
///
/// Guards [`guard::ACCOUNT_UNCHANGED`]: none was changed or deleted since; [`guard::INDEX_UNCHANGED`]: nobody else
/// indexed one, and the numbers are free.
#[must_use]
pub fn put(accounts: &[Unindexed], mut last: i64) -> Vec<Statement> {
    // First of all, so that a deleted account fails here and not at a foreign key.
    let mut statements: Vec<Statement> = accounts.iter().map(indexed).collect();
    // In the order of their keys, so that neighbours are written together.
    let (mut suffixes, mut mentions) = (BTreeSet::new(), BTreeSet::new());
    let mut new = Vec::new();
    for Unindexed { account, number, now, before, .. } in accounts {
        let number = if let Some(number) = *number {
            statements.push(changed(number, before, now));
            statements.extend(removed(number, before, now));
            number
        } else {
            last += 1;
            let (id, realm, name_key) = (account.as_str(), now.realm.as_str(), now.name_key.as_str());
            new.push(params![last, id, realm, name_key, now.mentioned()]);
            last
        };
        let added = &now.suffixes() - &before.suffixes();
        suffixes.extend(added.into_iter().map(|suffix| (now.realm.as_str(), suffix, number)));
        mentions.extend(now.mentioned.difference(&before.mentioned).map(|id| (id.as_str(), number)));
    }
    let into = "insert into indexed_account (number, account_id, realm, name_key, mentioned) values ";
    statements.extend(rows::inserts(new, into, IF_NEW, Some(guard::INDEX_UNCHANGED)));
    let into = "insert into name_suffix (realm, suffix, number) values ";
    let all = suffixes.into_iter().map(|(realm, suffix, number)| params![realm, suffix, number]);
    statements.extend(rows::inserts(all.collect(), into, IF_NEW, None));
    let into = "insert into mention (mentioned, number) values ";
    let all = mentions.into_iter().map(|(id, number)| params![id, number]);
    statements.extend(rows::inserts(all.collect(), into, IF_NEW, None));
    statements
}

const IF_NEW: &str = " on conflict do nothing";

/// Takes deleted accounts out. Guard [`guard::INDEX_UNCHANGED`]: nobody else did.
#[must_use]
pub fn forget(accounts: &[Gone]) -> Vec<Statement> {
    let mut statements = Vec::new();
    for Gone(number, content) in accounts {
        // Guarded, because the number may be another account's by now.
        let row = "delete from indexed_account where number = $1 and account_id is null";
        statements.push(Statement::new(row, params![*number]).touching(1, guard::INDEX_UNCHANGED));
        statements.extend(removed(*number, content, &Content::default()));
    }
    statements
}

fn indexed(one: &Unindexed) -> Statement {
    Statement::new(
        "update account set indexed_version = $2 where id = $1 and version = $2",
        params![one.account.as_str(), one.version],
    )
    .touching(1, guard::ACCOUNT_UNCHANGED)
}

fn changed(number: i64, before: &Content, now: &Content) -> Statement {
    Statement::new(
        "update indexed_account set name_key = $2, mentioned = $3 \
         where number = $1 and name_key = $4 and mentioned = $5 and account_id is not null",
        params![number, now.name_key.as_str(), now.mentioned(), before.name_key.as_str(), before.mentioned()],
    )
    .touching(1, guard::INDEX_UNCHANGED)
}

/// Takes out what was, as far as it is no more.
fn removed(number: i64, before: &Content, now: &Content) -> Vec<Statement> {
    let suffix = "delete from name_suffix where realm = $1 and suffix = $2 and number = $3";
    let suffixes = &before.suffixes() - &now.suffixes();
    let suffixes =
        suffixes.into_iter().map(|text| Statement::new(suffix, params![before.realm.as_str(), text, number]));
    let mention = "delete from mention where mentioned = $1 and number = $2";
    let mentions = before
        .mentioned
        .difference(&now.mentioned)
        .map(|id| Statement::new(mention, params![id.as_str(), number]));
    suffixes.chain(mentions).collect()
}
