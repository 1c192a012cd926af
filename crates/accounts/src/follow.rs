//! Learning what other processes did, from the event list, and saying how old that knowledge is.

use std::time::Duration;

use defects::{Defect, seeded};
use model::{Event, EventKind, Span};

use crate::accounts::{Accounts, Core};
use crate::event_list::HowFar;
use crate::gaps::{Gaps, WATCHED};
use crate::refusal::{Failure, Fault};
use crate::restore;

/// How often the end of the list is looked at. A command on the command line takes effect on a running
/// server within this time.
const EVERY: Duration = Duration::from_millis(200);
const AT_ONCE: i64 = 1_000;
/// Ranges of empty places asked for in one question.
const RANGES: usize = 64;

/// What a follower knows of the list.
pub(crate) struct Following {
    gaps: Gaps,
    /// Whether all empty places were looked for when memory was loaded.
    all: bool,
    /// When the last successful look began, by [`model::Clock::elapsed`].
    pub(crate) looked: Span,
}

impl Following {
    /// Nothing was loaded yet.
    pub(crate) fn nowhere() -> Self {
        Self { gaps: Gaps::new(0, [], Span(0)), all: false, looked: Span(0) }
    }
}

impl Accounts {
    /// Follows the event list from where the memory was loaded, for ever. From now on tokens are checked only
    /// while the last look is younger than [`trust_memory_for`](crate::SessionRules::trust_memory_for).
    pub async fn follow_events(&self) {
        let core = &self.core;
        core.vouch_from(core.following.lock().await.looked);
        let mut fresh = true;
        loop {
            let looked = self.follow_once().await;
            if fresh != core.vouches().is_ok() {
                fresh = !fresh;
                if fresh {
                    tracing::info!("the event list was read to its end: tokens are checked again");
                } else {
                    tracing::error!(
                        "the event list was not read for too long: no token is checked until it is"
                    );
                }
            }
            // A failure was logged where it arose.
            tokio::time::sleep(if looked.is_ok() { EVERY } else { EVERY * 5 }).await;
        }
    }

    /// Takes in whatever was committed before this call, up to the end of the list.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer. What was taken in by then is not forgotten.
    pub async fn follow_once(&self) -> Result<(), Failure> {
        let core = &self.core;
        let mut following = core.following.lock().await;
        let began = core.clock.elapsed();
        let too_long = following.gaps.must_load(began) || began - following.looked >= WATCHED;
        if too_long || !following.all || !core.reaches_back() {
            // After so long it is less work, and events of the time between may have been thrown away. Or a start
            // did not look far back. Or the clock was set back, and tokens are in time again that were over.
            let loaded = core.load(HowFar::All).await?;
            core.keys_changed();
            *following = Following { gaps: loaded.gaps.after(&following.gaps, began), ..loaded };
        }
        let mut learn = |event: &Event| core.learn(event);
        core.read_late(&mut following.gaps, began, &mut learn).await?;
        core.read_on(&mut following.gaps, began, &mut learn).await?;
        self.reload_changed_keys().await?;
        following.looked = began;
        core.vouch_from(began);
        Ok(())
    }
}

impl Core {
    /// Loads what must be known of the time before, as far as tokens from then can still be in time: what
    /// ended, and where the list ends.
    ///
    /// What is committed meanwhile is either loaded or learned later: the place in the list and the empty
    /// places before it are taken down first, and accounts are forgotten only then.
    pub(crate) async fn load(&self, how_far: HowFar) -> Result<Following, Failure> {
        let (now, began) = (self.clock.now(), self.clock.elapsed());
        let mark = self.memory.before_loading();
        let gaps = self.gaps_now(how_far).await?;
        self.memory.forget_accounts();
        if let Some(restored) = restore::tokens_from(&self.db).await? {
            self.memory.refuse_before(restored);
        }
        let mut floors = store::sessions::floors_since(&self.db, self.memory.horizon(now)).await?;
        if seeded(Defect::FloorsForgotten) {
            floors.clear();
        }
        for (session, live_generation) in floors {
            match live_generation {
                Some(generation) => self.memory.rotated(session, generation, now),
                None => self.memory.end(session, now),
            }
        }
        self.memory.loaded_since(mark, self.memory.horizon(now));
        Ok(Following { gaps, all: how_far == HowFar::All, looked: began })
    }

    /// Whether what is remembered may be relied on.
    pub(crate) fn vouches(&self) -> Result<(), Fault> {
        if self.memory.vouches(self.clock.elapsed()) { Ok(()) } else { Err(Fault::Unavailable) }
    }

    /// Whether every end is known that a token in time can have. Not so when the clock was ahead meanwhile, until
    /// all is loaded anew.
    pub(crate) fn reaches_back(&self) -> bool {
        seeded(Defect::ClockTrusted) || self.memory.knows_since(self.memory.must_reach(self.clock.now()))
    }

    fn vouch_from(&self, looked: Span) {
        self.looked.at(looked);
        self.memory.vouch_until(looked + self.rules().sessions.trust_memory_for);
    }

    /// Reads what came late.
    pub(crate) async fn read_late(
        &self,
        gaps: &mut Gaps,
        now: Span,
        take: &mut impl FnMut(&Event),
    ) -> Result<(), Failure> {
        for ranges in gaps.due(now).chunks(RANGES) {
            let mut left = ranges.to_vec();
            while !left.is_empty() {
                let events = store::events::within(&self.db, &left, AT_ONCE).await?;
                take_in(&events, gaps, now, take);
                // A full answer says nothing of what lies behind its end.
                let end = match events.last() {
                    Some(event) if is_full(&events) => event.sequence,
                    _ => i64::MAX,
                };
                left =
                    left.into_iter().map(|(first, last)| (first.max(end.saturating_add(1)), last)).collect();
                left.retain(|(first, last)| end < i64::MAX && first <= last);
            }
            ranges.iter().for_each(|range| gaps.answered(*range, now));
        }
        Ok(())
    }

    /// Reads from where the last look ended to the end of the list.
    pub(crate) async fn read_on(
        &self,
        gaps: &mut Gaps,
        now: Span,
        take: &mut impl FnMut(&Event),
    ) -> Result<(), Failure> {
        loop {
            let events = store::events::after(&self.db, gaps.end(), AT_ONCE).await?;
            take_in(&events, gaps, now, take);
            if !is_full(&events) {
                return Ok(());
            }
        }
    }

    fn learn(&self, event: &Event) {
        let now = self.clock.now();
        match (event.kind, event.session, &event.account) {
            // Nothing that is remembered.
            (
                EventKind::SignedIn
                | EventKind::SignInRefused
                | EventKind::SignInThrottled
                | EventKind::SecondStepAwaited
                | EventKind::Throttled
                | EventKind::PasswordRefused
                | EventKind::CodeRefused
                | EventKind::SessionExpired,
                ..,
            ) => {}
            (EventKind::SigningKeyRotated | EventKind::SigningKeyRetired, ..) => self.keys_changed(),
            (EventKind::SessionEnded, Some(session), _) => self.memory.end(session, now),
            (EventKind::SessionRefreshed, Some(session), _) => {
                if let Ok(generation) = event.detail.parse() {
                    self.memory.rotated(session, generation, now);
                }
            }
            // Any other event of an account may have changed it, also one that only a newer version knows.
            (_, _, Some(account)) => self.memory.changed(account),
            (_, _, None) => {}
        }
    }
}

fn take_in(events: &[Event], gaps: &mut Gaps, now: Span, take: &mut impl FnMut(&Event)) {
    for event in events {
        take(event);
        gaps.read(event.sequence, now);
    }
}

/// Whether there may be more than these.
fn is_full(events: &[Event]) -> bool {
    i64::try_from(events.len()).is_ok_and(|count| count >= AT_ONCE)
}
