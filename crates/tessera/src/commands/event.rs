//! `tessera event`.

use std::time::Duration;

use accounts::{Accounts, EventQuery, EventTail, Failure, Refusal};
use model::{Clock, Event as Happened, Realm, SystemClock};

use crate::audit::shown;
use crate::cli::Event;
use crate::compose::Problem;
use crate::output::{self, Record};

/// How often the end of the list is looked at.
const EVERY: Duration = Duration::from_millis(500);

pub(super) async fn run(
    command: Event,
    accounts: &Accounts,
    realm: &Realm,
    json: bool,
) -> Result<(), Problem> {
    let Event::List { account, kinds, since, limit, follow } = command;
    let since = since.map(|since| since.seen_from(SystemClock.now()));
    let query = EventQuery { account: account.as_deref(), kinds, since, before: None };
    let named = |failure| named(account.as_deref(), failure);
    if !follow {
        let events = accounts.events(realm, query, limit.into()).await.map_err(named)?;
        return output::list(json, &records(&events));
    }
    let (mut events, tail) = accounts.events_and_on(realm, query, limit.into()).await.map_err(named)?;
    events.reverse();
    say(&events, json)?;
    go_on(tail, json).await
}

/// Until whoever reads it hangs up, or interrupts it.
async fn go_on(mut tail: EventTail, json: bool) -> Result<(), Problem> {
    let mut answers = true;
    loop {
        let next = tail.next().await;
        match &next {
            Err(_) if answers => output::aside("the database does not answer; going on as soon as it does"),
            Ok(_) if !answers => output::aside("the database answers again"),
            _ => {}
        }
        answers = next.is_ok();
        say(&next.unwrap_or_default(), json)?;
        tokio::time::sleep(EVERY).await;
    }
}

fn say(events: &[Happened], json: bool) -> Result<(), Problem> {
    match json {
        true => records(events).iter().try_for_each(output::json),
        false => records(events).iter().try_for_each(output::row),
    }
}

fn records(events: &[Happened]) -> Vec<Record> {
    events.iter().map(shown).collect()
}

/// Says what to do where a name leads nowhere.
fn named(account: Option<&str>, failure: Failure) -> Problem {
    match (account, failure) {
        (Some(name), Failure::Refused(Refusal::AccountUnknown)) => format!(
            "no account is called {name}. If it was deleted, `tessera event list --kind account_deleted` shows its \
             id; then say --account id:ID"
        )
        .into(),
        (_, failure) => failure.into(),
    }
}
