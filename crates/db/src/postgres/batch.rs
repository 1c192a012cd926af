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
        (None, _) => run(session, statement).await?,
        // There is nothing to undo.
        (Some(guard), "select" | "values") => held(0, guard, run(session, statement).await?)?,
        (Some(guard), "insert" | "update" | "delete") => match guarded(session, statement, guard).await? {
            Some(outcome) => held(0, guard, outcome)?,
            None => return together(session, std::slice::from_ref(statement)).await,
        },
        _ => return together(session, std::slice::from_ref(statement)).await,
    };
    Ok(vec![outcome])
}

async fn run(session: &mut Session, statement: &Statement) -> Result<Outcome, Failure> {
    let (sql, params) = (&*statement.sql, &*statement.params);
    let prepared = &session.prepare(&[sql]).await?[0];
    value::check(prepared, params, sql)?;
    let outcome = session.alone(Request::Run { prepared, params, sql }, false).await?;
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
    let (sql, params) = (&*statement.sql, &*statement.params);
    let returns_rows = {
        let plain = &session.prepare(&[sql]).await?[0];
        value::check(plain, params, sql)?;
        !plain.columns().is_empty()
    };
    let checked = checked(sql, returns_rows, guard.rows);
    let prepared = match session.prepare(&[&checked]).await {
        Ok(prepared) => prepared,
        // Not every statement can be put into another one.
        Err(failure) if failure.remedy == Remedy::None => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let run = Request::Run { prepared: &prepared[0], params, sql };
    let outcome = match session.alone(run, false).await {
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
    let mut requests = vec![Request::Control("begin read write")];
    for (prepared, statement) in prepared.iter().zip(statements) {
        let (sql, params) = (&*statement.sql, &*statement.params);
        if value::check(prepared, params, sql).is_err() {
            return step_by_step(session, statements).await;
        }
        requests.push(Request::Run { prepared, params, sql });
    }
    let mut answers = session.burst(requests).await?.into_iter();
    // Answers to statements mean nothing outside of the transaction.
    answers.next().transpose()?;
    let checked = answers.zip(statements).enumerate().map(|(index, (answer, statement))| {
        let outcome = answer?;
        match statement.guard {
            Some(guard) => Ok(held(index, guard, outcome)?),
            None => Ok(outcome),
        }
    });
    let outcomes = checked.collect();
    conclude(session, outcomes).await
}

/// The same with a round trip or two for each statement.
async fn step_by_step(session: &mut Session, statements: &[Statement]) -> Result<Vec<Outcome>, Refused> {
    session.control("begin read write").await?;
    let mut outcomes = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        match step(session, index, statement).await {
            Ok(outcome) => outcomes.push(outcome),
            Err(refused) => return conclude(session, Err(refused)).await,
        }
    }
    conclude(session, Ok(outcomes)).await
}

async fn step(session: &mut Session, index: usize, statement: &Statement) -> Result<Outcome, Refused> {
    let (sql, params) = (&*statement.sql, &*statement.params);
    let prepared = &session.prepare(&[sql]).await?[0];
    value::check(prepared, params, sql)?;
    let answers = session.burst([Request::Run { prepared, params, sql }]).await?;
    let outcome = answers.into_iter().next().unwrap_or_else(|| Err(Failure::broken("no answer")))?;
    match statement.guard {
        Some(guard) => Ok(held(index, guard, outcome)?),
        None => Ok(outcome),
    }
}

/// Commits, or undoes what was refused.
async fn conclude(
    session: &mut Session,
    outcomes: Result<Vec<Outcome>, Refused>,
) -> Result<Vec<Outcome>, Refused> {
    match &outcomes {
        Ok(_) => {
            session.control("commit").await?;
            confirmed(session)?;
        }
        Err(Refused::Failure(failure)) if failure.remedy == Remedy::Disconnect => {}
        // If this fails, the session is spoilt and ends, and so does its transaction.
        Err(_) => _ = session.control("rollback").await,
    }
    outcomes
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

fn held(index: usize, guard: Guard, outcome: Outcome) -> Result<Outcome, Refused> {
    let touched = outcome.touched;
    if guard.rows == touched {
        return Ok(outcome);
    }
    Err(Refused::Guard(GuardFailed { index, name: guard.name, touched }))
}
