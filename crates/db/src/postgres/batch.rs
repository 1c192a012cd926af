//! Applies one batch as a whole or not at all, in as few round trips as can be.
//!
//! | batch | round trips |
//! |---|---|
//! | one statement, with a guard or without | 1 |
//! | more | 2: `begin` and all statements, then `commit` or `rollback` |
//!
//! Statements that a connection sees for the first time are prepared in one more.

use super::failure::{Failure, Remedy};
use super::session::{Request, Session};
use super::value;
use crate::lexer::first_word;
use crate::statement::Guard;
use crate::written::Outcome;
use crate::{GuardFailed, Statement, Written};

/// Why a batch was not applied.
pub(super) enum Refused {
    Guard(GuardFailed),
    Failure(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Applies the statements once.
pub(super) async fn apply(session: &mut Session, statements: &[Statement]) -> Result<Written, Refused> {
    let outcomes = match statements {
        [] => Vec::new(),
        [statement] => alone(session, statement).await?,
        _ => together(session, statements).await?,
    };
    Ok(Written { outcomes })
}

/// One statement, which is a transaction by itself.
async fn alone(session: &mut Session, statement: &Statement) -> Result<Vec<Outcome>, Refused> {
    let sql = &*statement.sql;
    let word = first_word(sql).unwrap_or_default().to_ascii_lowercase();
    let outcome = match (statement.guard, word.as_str()) {
        // If it only reads, there is nothing to undo.
        (None, _) | (Some(_), "select" | "values") => run(session, statement).await?,
        (Some(guard), "insert" | "update" | "delete") => match guarded(session, statement, guard).await? {
            Some(outcome) => outcome,
            None => return together(session, std::slice::from_ref(statement)).await,
        },
        _ => return together(session, std::slice::from_ref(statement)).await,
    };
    let outcome = held(0, statement, outcome)?;
    Ok(vec![outcome])
}

async fn run(session: &mut Session, statement: &Statement) -> Result<Outcome, Failure> {
    let prepared = session.prepare_one(statement).await?;
    let outcome = session.alone(Request::run(&prepared, statement), false).await?;
    confirmed(session)?;
    Ok(outcome)
}

/// A guarded statement by itself. If it touches nothing, there is nothing to undo. If it touches what it
/// should, all is well. If neither, the server itself undoes it by an error, and it takes a transaction to
/// count what it would have touched: `None`.
async fn guarded(
    session: &mut Session,
    statement: &Statement,
    guard: Guard,
) -> Result<Option<Outcome>, Failure> {
    let returns_rows = !session.prepare_one(statement).await?.columns().is_empty();
    let checked = checked(&statement.sql, returns_rows, guard.rows);
    let prepared = match session.prepare(&[&checked]).await {
        Ok(prepared) => prepared,
        // Not every statement can be put into another one.
        Err(failure) if failure.remedy == Remedy::None => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let outcome = match session.alone(Request::run(&prepared[0], statement), false).await {
        Ok(outcome) => outcome,
        Err(failure) if failure.remedy == Remedy::Recount => return Ok(None),
        Err(failure) => return Err(failure),
    };
    confirmed(session)?;
    if returns_rows {
        return Ok(Some(outcome));
    }
    let touched = outcome.rows.first().map_or(Ok(0), |row| row.int(0));
    let touched = touched.map_err(|fault| Failure::broken(fault.to_string()))?;
    Ok(Some(Outcome { rows: Vec::new(), touched: u64::try_from(touched).unwrap_or(0) }))
}

/// The statement inside of one that divides by zero if the count is neither none nor `rows`.
fn checked(sql: &str, returns_rows: bool, rows: u64) -> String {
    let divisor = format!("case when count(*) in (0, {rows}) then 1 else 0 end");
    if returns_rows {
        format!(
            "with touched as ({sql}\n) select * from touched where 1 / (select {divisor} from touched) = 1"
        )
    } else {
        format!(
            "with touched as ({sql}\n returning 1) select cast(count(*) as bigint) from touched \
             having 1 / {divisor} = 1"
        )
    }
}

/// Several statements in one transaction. All are sent at once; the first that is not as it should be decides,
/// and those after it are undone with it.
async fn together(session: &mut Session, statements: &[Statement]) -> Result<Vec<Outcome>, Refused> {
    let texts: Vec<&str> = statements.iter().map(|statement| &*statement.sql).collect();
    let prepared = match session.prepare(&texts).await {
        Ok(prepared) => prepared,
        // One may be wrong, or only wrong as long as those before it have not run.
        Err(failure) if failure.remedy == Remedy::None => return step_by_step(session, statements).await,
        Err(failure) => return Err(failure.into()),
    };
    let mut runs = Vec::new();
    for (prepared, statement) in prepared.iter().zip(statements) {
        if value::check(prepared, &statement.params, &statement.sql).is_err() {
            return step_by_step(session, statements).await;
        }
        runs.push(Request::run(prepared, statement));
    }
    let answers = session.begin_with(runs).await?;
    let checked = answers.into_iter().zip(statements).enumerate().map(|(index, (answer, statement))| {
        let outcome = answer?;
        held(index, statement, outcome)
    });
    let outcomes = checked.collect();
    conclude(session, outcomes).await
}

/// The same with a round trip or two for each statement.
async fn step_by_step(session: &mut Session, statements: &[Statement]) -> Result<Vec<Outcome>, Refused> {
    session.begin_with(Vec::new()).await?;
    let mut outcomes = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        match step(session, index, statement).await {
            Ok(outcome) => outcomes.push(outcome),
            Err(refused) => return conclude(session, Err(refused)).await,
        }
    }
    conclude(session, Ok(outcomes)).await
}

/// What a batch would come to, and nothing of it done: for `Defect::AnswerBeforeCommit`.
pub(super) async fn rehearse(session: &mut Session, statements: &[Statement]) -> Result<Written, Refused> {
    session.begin_with(Vec::new()).await?;
    let mut outcomes = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        match step(session, index, statement).await {
            Ok(outcome) => outcomes.push(outcome),
            Err(refused) => {
                undo(session).await;
                return Err(refused);
            }
        }
    }
    undo(session).await;
    Ok(Written { outcomes })
}

async fn step(session: &mut Session, index: usize, statement: &Statement) -> Result<Outcome, Refused> {
    let prepared = session.prepare_one(statement).await?;
    let outcome = session.one(Request::run(&prepared, statement)).await?;
    held(index, statement, outcome)
}

/// Commits, or undoes what was refused.
async fn conclude(
    session: &mut Session,
    outcomes: Result<Vec<Outcome>, Refused>,
) -> Result<Vec<Outcome>, Refused> {
    match &outcomes {
        Ok(_) => {
            let committed = session.control("commit").await;
            if committed.is_err() {
                undo(session).await;
            }
            committed?;
            confirmed(session)?;
        }
        Err(Refused::Failure(failure)) if failure.remedy == Remedy::Disconnect => {}
        Err(_) => undo(session).await,
    }
    outcomes
}

/// Leaves the session without a transaction, or for nobody.
async fn undo(session: &mut Session) {
    if session.control("rollback").await.is_err() {
        session.spoil();
    }
}

/// A server that is told to have its copies write a commit too may give up waiting for them, and answers then
/// with a warning. That is less than was promised.
fn confirmed(session: &Session) -> Result<(), Failure> {
    if session.warned() {
        Err(Failure::lost("a commit was answered before the server's copies had it"))
    } else {
        Ok(())
    }
}

/// The outcome, if the statement's guard holds.
fn held(index: usize, statement: &Statement, outcome: Outcome) -> Result<Outcome, Refused> {
    let touched = outcome.touched;
    match statement.guard {
        Some(guard) if guard.rows != touched => {
            Err(Refused::Guard(GuardFailed { index, name: guard.name, touched }))
        }
        _ => Ok(outcome),
    }
}
