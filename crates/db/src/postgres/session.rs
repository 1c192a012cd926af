//! One connection with what is prepared on it.

use std::collections::HashMap;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement as Prepared};

use super::failure::{Failure, Remedy};
use super::value;
use super::wire::{Wire, all};
use crate::Value;
use crate::lexer::{controls_transaction, is_blank};
use crate::written::Outcome;

/// Statements kept prepared per connection; more than the program has.
const PREPARED: usize = 256;

/// One request of a burst.
#[derive(Clone, Copy)]
pub(super) enum Request<'a> {
    /// A command of our own that has no answer.
    Control(&'a str),
    /// A prepared statement whose parameters were checked.
    Run { prepared: &'a Prepared, params: &'a [Value], sql: &'a str },
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
}

struct Kept {
    prepared: Prepared,
    used: u64,
}

impl Session {
    pub(super) fn new(client: Client, wire: Wire) -> Self {
        Self { client, wire, statements: HashMap::new(), age: 0, reading: None, spoilt: false }
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
    pub(super) async fn burst<'a>(
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
        only(self.burst([Request::Control(sql)]).await?).map(drop)
    }

    /// Runs one statement by itself, in one round trip: `reading` if it must not write.
    pub(super) async fn alone(&mut self, run: Request<'_>, reading: bool) -> Result<Outcome, Failure> {
        if self.reading == Some(reading) {
            return only(self.burst([run]).await?);
        }
        let switch = if reading {
            "set default_transaction_read_only = on"
        } else {
            "set default_transaction_read_only = off"
        };
        let mut answers = self.burst([Request::Control(switch), run]).await?;
        let outcome = answers.pop();
        only(answers)?;
        self.reading = Some(reading);
        only(outcome.into_iter().collect())
    }

    /// Whether the server warned in the last burst that it did not wait for its copies.
    pub(super) fn warned(&self) -> bool {
        self.wire.warned()
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
