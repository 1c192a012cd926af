//! One connection with what is prepared on it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement as Prepared};

use super::failure::{Failure, Remedy};
use super::value;
use super::wire::{Wire, all};
use crate::lexer::{controls_transaction, is_blank};
use crate::written::Outcome;
use crate::{Statement, Value};

/// Statements kept prepared per connection; more than the program has.
const PREPARED: usize = 256;

/// What statements outside of a transaction can do.
const READ_ONLY: &str = "set default_transaction_read_only = on";
const READ_WRITE: &str = "set default_transaction_read_only = off";

/// One request of a burst.
#[derive(Clone, Copy)]
pub(super) enum Request<'a> {
    /// A command of our own that has no answer.
    Control(&'a str),
    /// A prepared statement whose parameters were checked.
    Run { prepared: &'a Prepared, params: &'a [Value], sql: &'a str },
}

impl<'a> Request<'a> {
    /// A statement, or the one that it was prepared as.
    pub(super) fn run(prepared: &'a Prepared, statement: &'a Statement) -> Self {
        Self::Run { prepared, params: &statement.params, sql: &statement.sql }
    }
}

/// A connection, used by one call at a time. A call that leaves in the middle takes the session with it.
pub(super) struct Session {
    client: Client,
    wire: Wire,
    statements: HashMap<Box<str>, Kept>,
    /// Counts the uses, to know which statement was used last.
    age: u64,
    /// Whether statements outside of a transaction can only read; unknown at first.
    reading: Option<bool>,
    /// Whether it must not be used again.
    spoilt: bool,
    _counted: Counted,
}

/// Counts a session for as long as there is one.
pub(super) struct Counted(Arc<AtomicUsize>);

impl Counted {
    pub(super) fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Kept {
    prepared: Prepared,
    used: u64,
}

impl Session {
    pub(super) fn new(client: Client, wire: Wire, counted: Counted) -> Self {
        let statements = HashMap::new();
        Self { client, wire, statements, age: 0, reading: None, spoilt: false, _counted: counted }
    }

    /// Whether statements outside of a transaction can only read.
    pub(super) fn is_reading(&self) -> bool {
        self.reading == Some(true)
    }

    /// Whether it may be used for another call: nothing is under way, and the server is there as far as can be
    /// known without asking it.
    pub(super) fn is_fit(&mut self) -> bool {
        !self.spoilt && self.wire.is_open()
    }

    /// Sends all requests together; their answers, in order. Fails if the connection does.
    async fn burst<'a>(
        &mut self,
        requests: impl IntoIterator<Item = Request<'a>>,
    ) -> Result<Vec<Result<Outcome, Failure>>, Failure> {
        let client = &self.client;
        let asked = requests.into_iter().map(|request| answer(client, request));
        let answers = self.wire.drive(async { Ok(all(asked).await) }).await;
        self.spoilt |= match &answers {
            Ok(answers) => answers.iter().any(|answer| answer.as_ref().is_err_and(Failure::spoils)),
            Err(_) => true,
        };
        answers
    }

    /// Sends one command of our own.
    pub(super) async fn control(&mut self, sql: &str) -> Result<(), Failure> {
        self.one(Request::Control(sql)).await.map(drop)
    }

    /// Sends one request.
    pub(super) async fn one(&mut self, request: Request<'_>) -> Result<Outcome, Failure> {
        only(self.burst([request]).await?)
    }

    /// Runs one statement by itself, in one round trip: `reading` if it must not write.
    pub(super) async fn alone(&mut self, run: Request<'_>, reading: bool) -> Result<Outcome, Failure> {
        only(self.burst_set(reading, vec![run]).await?)
    }

    /// Begins a transaction and runs statements in it, all sent together; their answers.
    ///
    /// If it is not begun, the statements that are on their way find themselves outside of it. They do nothing
    /// there, because what is outside can only read.
    pub(super) async fn begin_with(
        &mut self,
        mut runs: Vec<Request<'_>>,
    ) -> Result<Vec<Result<Outcome, Failure>>, Failure> {
        runs.insert(0, Request::Control("begin read write"));
        let mut answers = self.burst_set(true, runs).await?;
        if answers.is_empty() {
            return Ok(answers);
        }
        if let Err(failure) = answers.remove(0) {
            // It can hardly be at fault itself. A copy of another server says this.
            self.spoilt = true;
            return Err(Failure::lost(failure.fault.to_string()));
        }
        Ok(answers)
    }

    /// Sends all requests together, outside of a transaction, having set what such statements can do.
    async fn burst_set<'a>(
        &mut self,
        reading: bool,
        mut requests: Vec<Request<'a>>,
    ) -> Result<Vec<Result<Outcome, Failure>>, Failure> {
        if self.reading == Some(reading) {
            return self.burst(requests).await;
        }
        self.reading = None;
        requests.insert(0, Request::Control(if reading { READ_ONLY } else { READ_WRITE }));
        let mut answers = self.burst(requests).await?;
        if answers.is_empty() || answers.remove(0).is_err() {
            // What came after it may have begun a transaction.
            self.spoilt = true;
            return Err(Failure::lost("it cannot be set to only read, or to write"));
        }
        self.reading = Some(reading);
        Ok(answers)
    }

    /// Lets nobody use it again.
    pub(super) fn spoil(&mut self) {
        self.spoilt = true;
    }

    /// Whether the server warned in the last burst that it did not wait for its copies.
    pub(super) fn warned(&self) -> bool {
        self.wire.warned()
    }

    /// The statement, prepared on this connection and fit for its parameters.
    pub(super) async fn prepare_one(&mut self, statement: &Statement) -> Result<Prepared, Failure> {
        let mut prepared = self.prepare(&[&statement.sql]).await?;
        let prepared = prepared.pop().ok_or_else(|| Failure::broken("nothing was prepared"))?;
        value::check(&prepared, &statement.params, &statement.sql)?;
        Ok(prepared)
    }

    /// Each text, prepared on this connection: those that were not are, in one round trip.
    pub(super) async fn prepare(&mut self, texts: &[&str]) -> Result<Vec<Prepared>, Failure> {
        self.age += 1;
        let mut missing: Vec<&str> = Vec::new();
        for sql in texts {
            refuse_what_is_none(sql)?;
            match self.statements.get_mut(*sql) {
                Some(kept) => kept.used = self.age,
                None if missing.contains(sql) => {}
                None => missing.push(sql),
            }
        }
        if !missing.is_empty() {
            self.prepare_now(&missing).await?;
        }
        let prepared = texts.iter().map(|sql| self.statements.get(*sql).map(|kept| kept.prepared.clone()));
        let prepared: Option<_> = prepared.collect();
        prepared.ok_or_else(|| Failure::broken("a batch of more statements than can be kept prepared"))
    }

    async fn prepare_now(&mut self, texts: &[&str]) -> Result<(), Failure> {
        let client = &self.client;
        let asked = texts
            .iter()
            .map(|sql| async { client.prepare(sql).await.map_err(|error| Failure::of(&error, sql)) });
        let answers = self.wire.drive(async { Ok(all(asked).await) }).await;
        self.spoilt |= answers.is_err();
        for (sql, answer) in texts.iter().zip(answers?) {
            let prepared = answer.inspect_err(|failure| self.spoilt |= failure.spoils())?;
            self.keep(sql, prepared);
        }
        Ok(())
    }

    fn keep(&mut self, sql: &str, prepared: Prepared) {
        if self.statements.len() >= PREPARED {
            let oldest = self.statements.iter().min_by_key(|(_, kept)| kept.used);
            if let Some(oldest) = oldest.map(|(sql, _)| sql.clone()) {
                self.statements.remove(&oldest);
            }
        }
        self.statements.insert(sql.into(), Kept { prepared, used: self.age });
    }

    /// Forgets what is prepared, and how the session is set.
    pub(super) fn forget(&mut self) {
        self.statements.clear();
        self.reading = None;
    }

    /// Says goodbye.
    pub(super) async fn finish(self) {
        drop(self.client);
        drop(self.statements);
        self.wire.finish().await;
    }
}

impl Failure {
    /// Whether the connection must not be used again.
    fn spoils(&self) -> bool {
        matches!(self.remedy, Remedy::Disconnect | Remedy::ReadOnly)
    }
}

/// The one answer of a burst of one.
fn only(mut answers: Vec<Result<Outcome, Failure>>) -> Result<Outcome, Failure> {
    answers.pop().unwrap_or_else(|| Err(Failure::broken("a request without an answer")))
}

async fn answer(client: &Client, request: Request<'_>) -> Result<Outcome, Failure> {
    match request {
        Request::Control(sql) => {
            client.batch_execute(sql).await.map_err(|error| Failure::of(&error, sql))?;
            Ok(Outcome { rows: Vec::new(), touched: 0 })
        }
        Request::Run { prepared, params, sql } => {
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
            if prepared.columns().is_empty() {
                let touched =
                    client.execute(prepared, &params).await.map_err(|error| Failure::of(&error, sql))?;
                return Ok(Outcome { rows: Vec::new(), touched });
            }
            let found = client.query(prepared, &params).await.map_err(|error| Failure::of(&error, sql))?;
            let rows = value::rows(&found, sql)?;
            let touched = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            Ok(Outcome { rows, touched })
        }
    }
}

/// Refuses what the server would take for a command to itself, or for nothing at all.
fn refuse_what_is_none(sql: &str) -> Result<(), Failure> {
    if controls_transaction(sql) {
        return Err(Failure::broken(format!("a statement must not control transactions: {sql}")));
    }
    if sql.contains('\0') || is_blank(sql) {
        return Err(Failure::broken(format!("a statement is empty or holds a NUL: {sql}")));
    }
    Ok(())
}
