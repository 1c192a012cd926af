//! Reading the event list: the newest of it, and what comes to it from now on.

use std::sync::Arc;

use model::{AccountId, Event, EventFilter, EventKind, Realm, Timestamp};

use crate::accounts::{Accounts, Core};
use crate::check::Caller;
use crate::gaps::{self, Gaps, WATCHED};
use crate::mount::Mount;
use crate::refusal::{Failure, Refusal};

/// Which events of a realm somebody wants to see; what says nothing asks for nothing.
#[derive(Clone, Debug, Default)]
pub struct EventQuery<'a> {
    /// About this account: a username, an e-mail address or an id, and of an account that was deleted `id:` and its
    /// id.
    pub account: Option<&'a str>,
    /// Of one of these kinds; none = of any.
    pub kinds: Vec<EventKind>,
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this place in the list.
    pub before: Option<i64>,
}

/// How far back empty places are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HowFar {
    /// Among the newest places: a millisecond, however many events there were a while ago.
    Newest,
    /// As far back as one can still be filled: half a second for a million events.
    All,
}

/// How many places [`HowFar::Newest`] are.
const NEWEST: i64 = 1_000;

/// Somebody who reads the list as it grows. Nothing that is committed is missed, also what comes into sight late;
/// such an event comes late, and out of order.
pub struct EventTail {
    core: Arc<Core>,
    wanted: EventFilter,
    gaps: Gaps,
}

impl Accounts {
    /// The newest events of a realm, newest first.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`] and [`Refusal::NameAmbiguous`] if it asks for an account.
    pub async fn events(
        &self,
        realm: &Realm,
        query: EventQuery<'_>,
        limit: i64,
    ) -> Result<Vec<Event>, Failure> {
        let wanted = self.core.wanted(realm, query).await?;
        Ok(store::events::newest(&self.core.db, &wanted, limit).await?)
    }

    /// The newest events of a realm, newest first, and a reader of those that come after them.
    ///
    /// # Errors
    /// As [`Accounts::events`].
    pub async fn events_and_on(
        &self,
        realm: &Realm,
        query: EventQuery<'_>,
        limit: i64,
    ) -> Result<(Vec<Event>, EventTail), Failure> {
        let core = &self.core;
        let mut wanted = core.wanted(realm, query).await?;
        let gaps = core.gaps_now(HowFar::All).await?;
        wanted.before = Some(gaps.end() + 1);
        let newest = store::events::newest(&core.db, &wanted, limit).await?;
        wanted.before = None;
        Ok((newest, EventTail { core: Arc::clone(core), wanted, gaps }))
    }
}

impl Mount {
    /// The newest events of the realm, newest first, for an administrator of it.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`]; [`Refusal::AccountUnknown`] and [`Refusal::NameAmbiguous`] if it asks for an
    /// account.
    pub async fn events(
        &self,
        caller: &Caller,
        query: EventQuery<'_>,
        limit: i64,
    ) -> Result<Vec<Event>, Failure> {
        caller.must_administer()?;
        let wanted = self.core.wanted(self.realm(), query).await?;
        Ok(store::events::newest(&self.core.db, &wanted, limit).await?)
    }
}

impl EventTail {
    /// What has come to the list since this was last asked.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer. What was found before that comes with the next answer.
    pub async fn next(&mut self) -> Result<Vec<Event>, Failure> {
        let now = self.core.clock.elapsed();
        let (mut found, wanted) = (Vec::new(), &self.wanted);
        let mut take = |event: &Event| {
            if wanted.takes(event) {
                found.push(event.clone());
            }
        };
        self.core.read_late(&mut self.gaps, now, &mut take).await?;
        self.core.read_on(&mut self.gaps, now, &mut take).await?;
        Ok(found)
    }
}

impl Core {
    async fn wanted(&self, realm: &Realm, query: EventQuery<'_>) -> Result<EventFilter, Failure> {
        let EventQuery { account, kinds, since, before } = query;
        let account = match account {
            Some(name) => Some(self.whose(realm, name).await?),
            None => None,
        };
        Ok(EventFilter { realm: Some(realm.clone()), account, kinds, since, before })
    }

    /// The id of whom a name means. Events outlive their account, so an id that says that it is one will do.
    async fn whose(&self, realm: &Realm, name: &str) -> Result<AccountId, Failure> {
        match (self.find(realm, name).await?, name.strip_prefix("id:")) {
            (Some(account), _) => Ok(account.id),
            (None, Some(id)) => Ok(AccountId::from_text(id)),
            (None, None) => Err(Refusal::AccountUnknown.into()),
        }
    }

    /// Where the list ends now, and the empty places before that may still be filled.
    pub(crate) async fn gaps_now(&self, how_far: HowFar) -> Result<Gaps, Failure> {
        let (now, began) = (self.clock.now(), self.clock.elapsed());
        let end = store::events::last_sequence(&self.db).await?;
        let start = match how_far {
            HowFar::Newest => end.saturating_sub(NEWEST).max(0),
            HowFar::All => 0,
        };
        // One more than are remembered, so that giving one up is noticed.
        let limit = i64::try_from(gaps::AT_MOST + 1).unwrap_or(i64::MAX);
        let holes = store::events::holes(&self.db, now - WATCHED, (start, end), limit).await?;
        Ok(Gaps::new(end, holes, began))
    }
}
