//! Learning what other processes did, from the event list.

use std::time::Duration;

use model::{Event, EventKind};

use crate::accounts::{Accounts, Core};
use crate::refusal::Failure;

/// How often the end of the list is looked at. A command on the command line takes effect on a running
/// server within this time.
const EVERY: Duration = Duration::from_millis(200);
const AT_ONCE: i64 = 1_000;

impl Accounts {
    /// Follows the event list from where the memory was loaded, for ever.
    pub async fn follow_events(&self) {
        let mut seen = self.core.loaded_at;
        loop {
            match self.follow_once(seen).await {
                Ok(last) if last - seen >= AT_ONCE => seen = last,
                Ok(last) => {
                    seen = last;
                    tokio::time::sleep(EVERY).await;
                }
                // Logged where it arose.
                Err(_) => tokio::time::sleep(EVERY * 5).await,
            }
        }
    }

    /// Takes in what was written after a place in the list, and says where it ends now.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn follow_once(&self, seen: i64) -> Result<i64, Failure> {
        let events = store::events::after(&self.core.db, seen, AT_ONCE).await?;
        events.iter().for_each(|event| self.core.learn(event));
        self.reload_changed_keys().await?;
        Ok(events.last().map_or(seen, |event| event.sequence))
    }
}

impl Core {
    /// Loads what ended before this process began, as far as tokens from before can still be in time.
    pub(crate) async fn remember_ends(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        for (session, live_generation) in
            store::sessions::floors_since(&self.db, self.memory.horizon(now)).await?
        {
            match live_generation {
                Some(generation) => self.memory.rotated(session, generation, now),
                None => self.memory.end(session, now),
            }
        }
        Ok(())
    }

    fn learn(&self, event: &Event) {
        let now = self.clock.now();
        match (event.kind, event.session, &event.account) {
            (EventKind::SignedIn | EventKind::SignInRefused | EventKind::SecondStepAwaited, ..) => {}
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
