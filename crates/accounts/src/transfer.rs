//! Moving a whole installation to another database.
//!
//! Rows are copied in the order of the source's keys, page by page; a mark in the target, moved in the same batch
//! as each page is written, says how far it is. So whatever ends it, it goes on from there, and nobody opens the
//! target before all of it was compared with the source.

use crypto::{MasterSecret, RootSecret, hex, sha256};
use db::{Batch, Database, MigrateError, Value, WriteError};
use model::{Clock, Timestamp};
use serde::{Deserialize, Serialize};
use store::migrations::ALL;
use store::transfer::{TABLES, Table, Values};

use crate::root::{self, MasterRefused};

/// Rows that are read and written at once; what is in memory at a time is two or three pages.
const PAGE: i64 = 1_000;

/// From where to where. Nobody else may use either database meanwhile.
pub struct Transfer<'a> {
    /// The installation as it is; it is only read.
    pub from: &'a Database,
    /// Opens it, here and there.
    pub master: &'a MasterSecret,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// What a table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its name.
    pub table: &'static str,
    /// How many rows.
    pub rows: u64,
    /// What all of its rows come to, as hexadecimal digits: the same for the same rows in whatever database.
    pub checksum: String,
}

/// What is being done, and with how many rows of which table so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// They are written.
    Copied(&'static str, u64),
    /// They are compared.
    Compared(&'static str, u64),
}

/// Why an installation is not moved, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum TransferRefused {
    /// The source's schema is not this program's.
    #[error(
        "the source has the schema of an older version, and is not changed here: start a server of this version on \
         it once, stop it, and try again"
    )]
    Older,
    /// Nobody has ever started a server on the source.
    #[error("the source holds no installation")]
    NoInstallation,
    /// A transfer into the source has not ended.
    #[error("the source holds only a part of an installation: a transfer into it has not ended")]
    SourceUnfinished,
    /// A server uses the source.
    #[error(
        "a server runs on the source, or was killed there: stop every server first; after the end of one that was \
         killed, wait until {}", until.rfc3339()
    )]
    InUse {
        /// Until then it counts as running.
        until: Timestamp,
    },
    /// The target is somebody's.
    #[error("the target is not empty, and holds no part of this installation that waits to be finished")]
    NotEmpty,
    /// The target holds a part of another installation.
    #[error("the target holds a part of another installation: finish that, or take an empty database")]
    OtherSource,
    /// Somebody else writes to the target.
    #[error("another transfer into the target runs, or something else was written there")]
    Meanwhile,
    /// The copy is not what the source is.
    #[error(
        "these tables differ: {0}. The source was changed meanwhile, or rows were damaged; the target stays unusable. \
         See that no server runs, and begin again with an empty database"
    )]
    Different(String),
    /// The master secret opens nothing here.
    #[error(transparent)]
    Master(#[from] MasterRefused),
    /// A schema could not be looked at or made.
    #[error(transparent)]
    Schema(#[from] MigrateError),
    /// A database failed.
    #[error(transparent)]
    Fault(#[from] db::Fault),
}

impl From<WriteError> for TransferRefused {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Guard(guard) if guard.name == store::guard::DATABASE_EMPTY => Self::NotEmpty,
            WriteError::Guard(_) => Self::Meanwhile,
            WriteError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// How far a transfer is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Mark {
    /// Which installation is moved.
    source: String,
    /// The table that is being copied; those before it are done.
    table: String,
    /// The key of its last row that was copied.
    after: Vec<Key>,
    /// How many rows of it were copied.
    rows: u64,
}

/// A part of a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Int(value) => value.into(),
            Key::Text(value) => value.into(),
            Key::Bytes(value) => value.into(),
        }
    }
}

impl Mark {
    fn written(&self) -> Result<String, TransferRefused> {
        serde_json::to_string(self).map_err(|_| TransferRefused::Meanwhile)
    }

    /// The same with this row as the last one of `rows` in all.
    fn after(&self, table: &Table, row: &Values, rows: u64) -> Self {
        let key = row.iter().take(table.key).filter_map(|value| match value {
            Value::Int(value) => Some(Key::Int(*value)),
            Value::Text(value) => Some(Key::Text(value.clone())),
            Value::Bytes(value) => Some(Key::Bytes(value.clone())),
            // No key is one of these.
            Value::Null | Value::Bool(_) => None,
        });
        Self { source: self.source.clone(), table: table.name.to_owned(), after: key.collect(), rows }
    }
}

impl Transfer<'_> {
    /// What the source holds, table by table. Changes nothing.
    ///
    /// # Errors
    /// [`TransferRefused`], as far as it is about the source.
    pub async fn look(&self, seen: &mut dyn FnMut(Step)) -> Result<Vec<Moved>, TransferRefused> {
        self.source().await?;
        let mut all = Vec::new();
        for table in TABLES {
            let mut sum = Sum::new(table);
            while sum.go_on(self.from).await? {
                seen(Step::Compared(table.name, sum.rows));
            }
            all.push(sum.moved());
        }
        Ok(all)
    }

    /// Copies everything to `to`, an empty database or one where this was begun before, and compares.
    ///
    /// # Errors
    /// [`TransferRefused`]; if anything was written, it goes on from there the next time.
    pub async fn run(
        &self,
        to: &Database,
        seen: &mut dyn FnMut(Step),
    ) -> Result<Vec<Moved>, TransferRefused> {
        let source = self.source().await?;
        self.prepare(to).await?;
        let mut mark = begin(to, &source).await?;
        let first = TABLES.iter().position(|table| table.name == mark.table);
        let first = first.ok_or(TransferRefused::Meanwhile)?;
        for table in &TABLES[first..] {
            if mark.table != table.name {
                let next = Mark { table: table.name.to_owned(), after: Vec::new(), rows: 0, ..mark.clone() };
                to.write(store::transfer::go_on(&mark.written()?, &next.written()?).into()).await?;
                mark = next;
            }
            mark = self.copy(to, table, mark, seen).await?;
        }
        for table in TABLES.iter().filter(|table| table.generated) {
            to.continue_identity(table.name, table.columns[0].0).await?;
        }
        let moved = self.compare(to, seen).await?;
        self.stopped().await?;
        if root::kept(to, self.master).await?.is_none() {
            return Err(TransferRefused::Different("root_secret".to_owned()));
        }
        to.write(store::transfer::finish(&mark.written()?).into()).await?;
        Ok(moved)
    }

    /// Whether the source can be moved, and what tells it from others.
    async fn source(&self) -> Result<String, TransferRefused> {
        let missing = self.from.missing(ALL).await?;
        if missing.len() == ALL.len() {
            return Err(TransferRefused::NoInstallation);
        }
        if !missing.is_empty() {
            return Err(TransferRefused::Older);
        }
        if store::transfer::mark(self.from).await?.is_some() {
            return Err(TransferRefused::SourceUnfinished);
        }
        self.stopped().await?;
        match root::kept(self.from, self.master).await? {
            Some(root) => Ok(name(&root)),
            // A server that begins on it makes the root secret, of the older version's master secret if need be.
            None if store::transfer::inhabited(self.from).await? => Err(TransferRefused::Older),
            None => Err(TransferRefused::NoInstallation),
        }
    }

    /// Refuses a source that a server uses.
    async fn stopped(&self) -> Result<(), TransferRefused> {
        let held = store::leases::held_until(self.from).await?;
        match held.filter(|until| *until > self.clock.now()) {
            Some(until) => Err(TransferRefused::InUse { until }),
            None => Ok(()),
        }
    }

    /// Gives the target this program's schema, unless something else lives there.
    async fn prepare(&self, to: &Database) -> Result<(), TransferRefused> {
        let missing = to.missing(ALL).await?;
        if missing.is_empty() {
            return Ok(());
        }
        if missing.len() < ALL.len() && store::transfer::inhabited(to).await? {
            return Err(TransferRefused::NotEmpty);
        }
        to.migrate(ALL, self.clock.now().0).await?;
        Ok(())
    }

    /// Copies what is left of a table.
    async fn copy(
        &self,
        to: &Database,
        table: &Table,
        mut mark: Mark,
        seen: &mut dyn FnMut(Step),
    ) -> Result<Mark, TransferRefused> {
        let after: Values = mark.after.iter().cloned().map(Value::from).collect();
        let mut page = store::transfer::page(self.from, table, &after, PAGE).await?;
        while let Some(last) = page.last() {
            let rows = mark.rows + page.len() as u64;
            let next = mark.after(table, last, rows);
            let mut batch = Batch::from(store::transfer::go_on(&mark.written()?, &next.written()?));
            batch.extend(store::transfer::insert(table, &page));
            let key = &last[..table.key];
            // The next page is read while this one is written.
            let (written, following) =
                tokio::join!(to.write(batch), store::transfer::page(self.from, table, key, PAGE));
            written?;
            page = following?;
            mark = next;
            seen(Step::Copied(table.name, rows));
        }
        Ok(mark)
    }

    /// Reads both sides anew, at once.
    async fn compare(
        &self,
        to: &Database,
        seen: &mut dyn FnMut(Step),
    ) -> Result<Vec<Moved>, TransferRefused> {
        let (mut moved, mut different) = (Vec::new(), Vec::new());
        for table in TABLES {
            let (mut here, mut there) = (Sum::new(table), Sum::new(table));
            loop {
                let (more_here, more_there) = tokio::join!(here.go_on(self.from), there.go_on(to));
                if !(more_here? | more_there?) {
                    break;
                }
                seen(Step::Compared(table.name, here.rows));
            }
            let (here, there) = (here.moved(), there.moved());
            if here != there {
                different.push(format!("{} ({} rows, {} in the target)", table.name, here.rows, there.rows));
            }
            moved.push(there);
        }
        if different.is_empty() { Ok(moved) } else { Err(TransferRefused::Different(different.join(", "))) }
    }
}

/// Marks the target, or finds the mark of what was begun before.
async fn begin(to: &Database, source: &str) -> Result<Mark, TransferRefused> {
    let Some(found) = store::transfer::mark(to).await? else {
        let first = TABLES.first().map(|table| table.name).unwrap_or_default();
        let mark = Mark { source: source.to_owned(), table: first.to_owned(), after: Vec::new(), rows: 0 };
        to.write(store::transfer::begin(&mark.written()?).into()).await?;
        return Ok(mark);
    };
    let mark: Mark = serde_json::from_str(&found).map_err(|_| TransferRefused::OtherSource)?;
    if mark.source == source { Ok(mark) } else { Err(TransferRefused::OtherSource) }
}

/// What tells an installation from every other, and tells nothing of its secrets.
fn name(root: &RootSecret) -> String {
    hex(&sha256(root.derive("name of the installation").as_bytes()))
}

/// The sum of the SHA-256 of all rows, as numbers of 256 bits: it does not depend on the order, which is not the
/// same in every database.
struct Sum {
    table: &'static Table,
    after: Values,
    rows: u64,
    limbs: [u64; 4],
    ended: bool,
}

impl Sum {
    fn new(table: &'static Table) -> Self {
        Self { table, after: Values::new(), rows: 0, limbs: [0; 4], ended: false }
    }

    /// Adds one more page; whether there was one.
    async fn go_on(&mut self, db: &Database) -> Result<bool, db::Fault> {
        if self.ended {
            return Ok(false);
        }
        let page = store::transfer::page(db, self.table, &self.after, PAGE).await?;
        page.iter().for_each(|row| self.add(row));
        match page.last() {
            Some(last) => self.after = last[..self.table.key].to_vec(),
            None => self.ended = true,
        }
        Ok(!self.ended)
    }

    fn add(&mut self, row: &Values) {
        let digest = sha256(&canonical(row));
        let mut carry = false;
        for (limb, bytes) in self.limbs.iter_mut().zip(digest.chunks_exact(8)) {
            let part = bytes.iter().fold(0, |part, byte| part << 8 | u64::from(*byte));
            let (sum, over) = limb.overflowing_add(part);
            let (sum, over_again) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, over || over_again);
        }
        self.rows += 1;
    }

    /// Its end: the digest of the sum with what the rows belong to.
    fn moved(&self) -> Moved {
        let mut all = self.table.name.as_bytes().to_vec();
        all.extend([self.rows].iter().chain(&self.limbs).flat_map(|number| number.to_be_bytes()));
        Moved { table: self.table.name, rows: self.rows, checksum: hex(&sha256(&all)) }
    }
}

/// The bytes of a row: of each value its kind, and its length where that may differ, so that no two rows have the
/// same.
fn canonical(row: &Values) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut sized = |kind: u8, content: &[u8]| {
        bytes.push(kind);
        bytes.extend((content.len() as u64).to_be_bytes());
        bytes.extend(content);
    };
    for value in row {
        match value {
            Value::Null => sized(0, &[]),
            Value::Bool(value) => sized(1, &[u8::from(*value)]),
            Value::Int(value) => sized(2, &value.to_be_bytes()),
            Value::Text(value) => sized(3, value.as_bytes()),
            Value::Bytes(value) => sized(4, value),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[Values]) -> Moved {
        let mut sum = Sum::new(&TABLES[0]);
        rows.iter().for_each(|row| sum.add(row));
        sum.moved()
    }

    #[test]
    fn a_sum_knows_every_row_however_they_are_ordered() {
        let rows: Vec<Values> = (0..100).map(|n| vec![n.into(), format!("row {n}").into()]).collect();
        let whole = of(&rows);
        assert_eq!(of(&rows.iter().rev().cloned().collect::<Vec<_>>()), whole);
        let mut others = vec![rows[1..].to_vec()];
        for value in [Value::Null, Value::Bool(true), Value::Int(5), "row 6".into(), b"row 5"[..].into()] {
            let mut changed = rows.clone();
            changed[5][1] = value;
            others.push(changed);
        }
        let (mut twice, mut pairs) = (rows.clone(), rows.clone());
        twice.push(rows[3].clone());
        pairs[8] = rows[9].clone();
        others.extend([twice, pairs]);
        for other in others {
            assert_ne!(of(&other).checksum, whole.checksum);
        }
    }

    #[test]
    fn no_two_rows_read_the_same() {
        let rows: [Values; 6] = [
            vec!["ab".into(), "".into()],
            vec!["a".into(), "b".into()],
            vec!["a".into(), b"b"[..].into()],
            vec!["".into(), "ab".into()],
            vec![Value::Null, "ab".into()],
            vec!["ab".into()],
        ];
        for (at, row) in rows.iter().enumerate() {
            assert!(rows[..at].iter().all(|other| canonical(other) != canonical(row)), "{at}");
        }
    }
}
