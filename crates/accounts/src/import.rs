//! Taking over accounts from another system, one line of JSON each.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use db::{Batch, WriteError};
use model::{
    Account, AccountId, Event, EventKind, Permissions, Realm, Span, Timestamp, TwoFactor, email_key,
    name_key, usable_email, usable_name,
};
use serde::Deserialize;
use serde_json::Value;

use crate::accounts::{ATTEMPTS, Accounts, Core};
use crate::refusal::Failure;

/// The longest id that is taken over.
const MAX_ID: usize = 64;
/// The most permissions of one account.
const MAX_PERMISSIONS: usize = 100;

/// Accounts whose statements are put together at once.
const TOGETHER: usize = 64;

/// What a line may say, and in which form.
const FIELDS: [(&str, &str); 8] = [
    ("id", "a string"),
    ("username", "a string"),
    ("email", "a string"),
    ("email_confirmed", "true or false"),
    ("password", "a string"),
    ("permissions", "an array of strings"),
    ("disabled", "true or false"),
    ("created_at", "a string"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    id: Option<String>,
    username: String,
    email: Option<String>,
    email_confirmed: Option<bool>,
    password: Option<String>,
    permissions: Option<Vec<String>>,
    disabled: Option<bool>,
    created_at: Option<String>,
}

/// Why a line is no account. No value of the line is repeated: it may be a hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unimportable {
    /// Not JSON, or a field stands in it twice.
    #[error("not a JSON object with each field once (column {column})")]
    NotJson {
        /// Where reading ended, from 1; 0 if it is not known.
        column: usize,
    },
    /// No such field is known.
    #[error("there is no field {0:?}")]
    FieldUnknown(String),
    /// A field has another form.
    #[error("{0} has to be {1}")]
    FieldForm(&'static str, &'static str),
    /// There is no username.
    #[error("username is missing")]
    UsernameMissing,
    /// No account can have this username.
    #[error("no account can have this username")]
    UsernameUnusable,
    /// No account can have this e-mail address.
    #[error("no account can have this e-mail address")]
    EmailUnusable,
    /// Nothing can be confirmed without an address.
    #[error("email_confirmed without an e-mail address")]
    NothingConfirmed,
    /// No password can be compared with this hash.
    #[error(
        "password has to be a hash: argon2id or pbkdf2-sha512 as a PHC string, or bcrypt, of a bearable cost"
    )]
    HashUnusable,
    /// A permission that nobody could have.
    #[error(
        "permissions have to be at most {MAX_PERMISSIONS} texts that are not empty and hold no control characters"
    )]
    PermissionsUnusable,
    /// An id that could not stand in an address.
    #[error("id has to be 1 to {MAX_ID} letters, digits, - or _, and not the nil UUID")]
    IdUnusable,
    /// Not a time, or one that is still to come.
    #[error("created_at has to be a past time as in RFC 3339, 2026-01-31T12:00:00Z")]
    TimeUnusable,
}

/// Accounts of one realm that are to be stored together, each known by the number of its line.
pub struct ImportBatch {
    core: Arc<Core>,
    realm: Realm,
    lines: Vec<Line>,
    /// What stores the first of them, put together while the others are read.
    writes: Batch,
}

impl fmt::Debug for ImportBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportBatch").field("lines", &self.lines.len()).finish_non_exhaustive()
    }
}

struct Line {
    number: u64,
    account: Account,
    /// Whether the id is the old system's.
    id_given: bool,
}

/// What is done when a name, an address or an id is somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Nothing of the batch is stored.
    Fail,
    /// The others of the batch are stored.
    Skip,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Accounts that were made, or would be.
    pub created: usize,
    /// Accounts that were there already, by an earlier run.
    pub present: usize,
    /// The lines whose account cannot be made, in order.
    pub conflicts: Vec<Conflict>,
}

/// A line whose account cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Its number.
    pub line: u64,
    /// What it has in common with another account.
    pub what: Common,
}

/// What two accounts cannot both have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Common {
    /// The id, in whatever realm.
    #[error("another account has this id")]
    Id,
    /// The username, in whatever spelling.
    #[error("the username is taken")]
    Username,
    /// The e-mail address, in whatever spelling.
    #[error("the e-mail address is taken")]
    Email,
}

impl ImportBatch {
    /// Reads one account and adds it: a JSON object with `username` and, if the old system knows them, `email`,
    /// `email_confirmed`, `password` (a hash that [`crypto::scheme_of`] knows; none = nobody signs in by
    /// password), `permissions` (none = a newcomer's), `disabled`, `created_at` (RFC 3339; none = now) and `id`
    /// (none = a new one).
    ///
    /// # Errors
    /// [`Unimportable`]; the batch is as it was before.
    pub fn read(&mut self, number: u64, text: &[u8]) -> Result<(), Unimportable> {
        let fields: Fields = serde_json::from_slice(text).map_err(|error| explained(text, &error))?;
        let line = Line { number, id_given: fields.id.is_some(), account: self.account(fields)? };
        self.lines.push(line);
        if self.lines.len().is_multiple_of(TOGETHER) {
            let these = &self.lines[self.lines.len() - TOGETHER..];
            self.writes.extend(self.core.insertions(these.iter().map(|line| &line.account)));
        }
        Ok(())
    }

    /// How many accounts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn account(&self, fields: Fields) -> Result<Account, Unimportable> {
        let now = self.core.clock.now();
        usable_name(&fields.username).map_err(|_| Unimportable::UsernameUnusable)?;
        fields.email.as_deref().map_or(Ok(()), usable_email).map_err(|_| Unimportable::EmailUnusable)?;
        let email_confirmed = fields.email_confirmed.unwrap_or(false);
        if email_confirmed && fields.email.is_none() {
            return Err(Unimportable::NothingConfirmed);
        }
        if fields.password.as_deref().is_some_and(|hash| crypto::scheme_of(hash).is_none()) {
            return Err(Unimportable::HashUnusable);
        }
        let permissions = fields.permissions.map_or(Ok(Permissions::of_a_newcomer()), permissions)?;
        let id = fields.id.map_or_else(|| Ok(self.core.new_account_id()), id)?;
        let created_at = fields.created_at.map_or(Ok(now), |text| time(&text, now))?;
        Ok(Account {
            id,
            realm: self.realm.clone(),
            username: fields.username,
            email: fields.email,
            email_confirmed,
            password: fields.password,
            permissions,
            disabled: fields.disabled.unwrap_or(false),
            two_factor: TwoFactor::default(),
            version: 0,
            created_at,
            updated_at: created_at,
            last_sign_in_at: None,
        })
    }
}

fn permissions(list: Vec<String>) -> Result<Permissions, Unimportable> {
    let usable = |one: &String| !one.is_empty() && !one.chars().any(char::is_control);
    if list.len() <= MAX_PERMISSIONS && list.iter().all(usable) {
        Ok(Permissions::new(list))
    } else {
        Err(Unimportable::PermissionsUnusable)
    }
}

fn id(text: String) -> Result<AccountId, Unimportable> {
    let fits = (1..=MAX_ID).contains(&text.len());
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let id = AccountId::from_text(text);
    if fits && plain && id != AccountId::nobody() { Ok(id) } else { Err(Unimportable::IdUnusable) }
}

fn time(text: &str, now: Timestamp) -> Result<Timestamp, Unimportable> {
    Timestamp::parse_rfc3339(text).filter(|at| *at <= now).ok_or(Unimportable::TimeUnusable)
}

/// Why a line could not be read. The reader's own words are not used: they repeat values.
fn explained(text: &[u8], error: &serde_json::Error) -> Unimportable {
    let Ok(Value::Object(object)) = serde_json::from_slice(text) else {
        return Unimportable::NotJson { column: error.column() };
    };
    for (name, value) in &object {
        let Some((name, form)) = FIELDS.into_iter().find(|(known, _)| known == name) else {
            return Unimportable::FieldUnknown(name.chars().take(MAX_ID).collect());
        };
        let fits = match form {
            "a string" => value.is_string(),
            "true or false" => value.is_boolean(),
            _ => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
        };
        if !fits && (name == "username" || !value.is_null()) {
            return Unimportable::FieldForm(name, form);
        }
    }
    if object.contains_key("username") {
        Unimportable::NotJson { column: error.column() }
    } else {
        Unimportable::UsernameMissing
    }
}

impl Accounts {
    /// An empty batch of accounts of this realm.
    #[must_use]
    pub fn import_batch(&self, realm: &Realm) -> ImportBatch {
        ImportBatch {
            core: Arc::clone(&self.core),
            realm: realm.clone(),
            lines: Vec::new(),
            writes: Batch::new(),
        }
    }

    /// Stores the accounts of a batch, each with its event: all that can be made, or with [`OnConflict::Fail`]
    /// none if one of them cannot.
    ///
    /// An account is there already, and no conflict, if one of the same name has the id that the line gives;
    /// or, if it gives none, the same spelling, address and password. So an import that was interrupted can
    /// be run again from the start.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer, [`Failure::Overloaded`] if others make accounts of
    /// these names all the time: nothing was stored.
    pub async fn import(&self, batch: ImportBatch, on_conflict: OnConflict) -> Result<Imported, Failure> {
        let ImportBatch { realm, lines, mut writes, .. } = batch;
        let (_, rest) = lines.as_chunks::<TOGETHER>();
        writes.extend(self.core.insertions(rest.iter().map(|line| &line.account)));
        // Almost always every name is free: nobody is asked before.
        if self.core.made(writes).await? {
            return Ok(Imported { created: lines.len(), ..Imported::default() });
        }
        for _ in 0..ATTEMPTS {
            let (free, mut imported) = self.core.compared(&realm, &lines).await?;
            if on_conflict == OnConflict::Fail && !imported.conflicts.is_empty() {
                imported.created = 0;
                return Ok(imported);
            }
            if self.core.made(self.core.insertions(free.iter().copied())).await? {
                return Ok(imported);
            }
        }
        Err(Failure::Overloaded { retry_after: Span::seconds(1) })
    }

    /// What [`Accounts::import`] would do, with [`OnConflict::Skip`]. Nothing is stored.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn import_preview(&self, batch: &ImportBatch) -> Result<Imported, Failure> {
        Ok(self.core.compared(&batch.realm, &batch.lines).await?.1)
    }
}

impl Core {
    /// The statements that make accounts.
    fn insertions<'a>(&self, accounts: impl Iterator<Item = &'a Account>) -> Batch {
        let accounts: Vec<&Account> = accounts.collect();
        let event = |account: &&Account| self.ordered(EventKind::AccountCreated, account).saying("imported");
        let events: Vec<Event> = accounts.iter().map(event).collect();
        let made = store::accounts::insert_all(&accounts);
        made.into_iter().chain(store::events::append_all(&events)).collect()
    }

    /// Writes insertions; false if a name was not free, and then nothing is written.
    async fn made(&self, writes: Batch) -> Result<bool, Failure> {
        if writes.is_empty() {
            return Ok(true);
        }
        match self.db.write(writes).await {
            Ok(_) => Ok(true),
            Err(WriteError::Guard(_)) => Ok(false),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// The accounts that can be made, and what storing them would do.
    async fn compared<'a>(
        &self,
        realm: &Realm,
        lines: &'a [Line],
    ) -> Result<(Vec<&'a Account>, Imported), Failure> {
        let wanted: Vec<&Account> = lines.iter().map(|line| &line.account).collect();
        let found = store::accounts::in_the_way(&self.db, realm, &wanted).await?;
        let mut known = Known::default();
        found.iter().for_each(|account| known.add(account, realm));
        let (mut free, mut imported) = (Vec::new(), Imported::default());
        for line in lines {
            match known.meets(&line.account) {
                None => {
                    known.add(&line.account, realm);
                    free.push(&line.account);
                }
                Some((other, _)) if line.is(other, realm) => imported.present += 1,
                Some((_, what)) => imported.conflicts.push(Conflict { line: line.number, what }),
            }
        }
        imported.created = free.len();
        Ok((free, imported))
    }
}

impl Line {
    /// Whether this is the account that the line is about, made before.
    fn is(&self, other: &Account, realm: &Realm) -> bool {
        let own = &self.account;
        let same = if self.id_given {
            own.id == other.id && name_key(&own.username) == name_key(&other.username)
        } else {
            own.username == other.username && own.email == other.email && own.password == other.password
        };
        same && other.realm == *realm
    }
}

/// Accounts by all that no other may have.
#[derive(Default)]
struct Known<'a> {
    ids: HashMap<&'a str, &'a Account>,
    names: HashMap<String, &'a Account>,
    emails: HashMap<String, &'a Account>,
}

impl<'a> Known<'a> {
    /// An account of another realm is in the way by its id only.
    fn add(&mut self, account: &'a Account, realm: &Realm) {
        self.ids.insert(account.id.as_str(), account);
        if account.realm == *realm {
            self.names.insert(name_key(&account.username), account);
            self.emails.extend(account.email.as_deref().map(|email| (email_key(email), account)));
        }
    }

    /// The account that this one has something in common with.
    fn meets(&self, account: &Account) -> Option<(&'a Account, Common)> {
        let id = self.ids.get(account.id.as_str()).map(|other| (*other, Common::Id));
        let name = || self.names.get(&name_key(&account.username)).map(|other| (*other, Common::Username));
        let email = || {
            let key = account.email.as_deref().map(email_key)?;
            self.emails.get(&key).map(|other| (*other, Common::Email))
        };
        id.or_else(name).or_else(email)
    }
}
