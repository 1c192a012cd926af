//! Noting which sessions ended by themselves, so that the event list has an answer for whoever asks why.

use db::{Batch, WriteError};
use model::{Event, EventKind, Realm, Session, Span, Timestamp};

use crate::accounts::Accounts;
use crate::refusal::Failure;
use crate::restore::REALM;
use crate::sweep::{AT_ONCE, PAUSE};

/// The setting with the time, in microseconds since the epoch, up to which expired sessions were noted.
const NOTED: &str = "sessions_expired";
/// So long after its end a session is noted: the clock of another process may be behind, and it may be refreshed
/// there until then.
const AFTER: Span = Span::minutes(1);

impl Accounts {
    /// Writes an event for each session whose time was over since this was last done. Of several processes one does
    /// it.
    pub(crate) async fn note_expired(&self) -> Result<(), Failure> {
        let core = &self.core;
        let realm = Realm::new(REALM);
        let noted = store::settings::get(&core.db, &realm, NOTED).await?;
        let noted = noted.and_then(|micros| micros.parse().ok()).map(Timestamp);
        let until = core.clock.now() - AFTER;
        // What was over before anybody noted anything is left alone.
        let mut from = noted.unwrap_or(until);
        loop {
            let expired = store::sessions::expired(&core.db, from, until, AT_ONCE).await?;
            let whole = i64::try_from(expired.len()).is_ok_and(|count| count < AT_ONCE);
            let reached = if whole { until } else { expired.last().map_or(until, |last| last.expires_at) };
            if noted == Some(reached) || reached < from {
                return Ok(());
            }
            let events: Vec<Event> = expired.iter().map(|session| self.expired_event(session)).collect();
            let batch = Batch::new().with(self.sweeping()).with(store::settings::put(
                &realm,
                NOTED,
                &reached.0.to_string(),
            ));
            match core.db.write(batch.into_iter().chain(store::events::append_all(&events)).collect()).await {
                Ok(_) if whole => return Ok(()),
                Ok(_) => from = reached,
                // Another process does it.
                Err(WriteError::Guard(_)) => return Ok(()),
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn expired_event(&self, session: &Session) -> Event {
        let limit = session.created_at + self.core.rules().sessions.longest;
        let why = if session.expires_at >= limit { "sessions.longest was reached" } else { "not renewed" };
        Event::new(EventKind::SessionExpired, &session.realm, self.core.clock.now())
            .of(&session.account)
            .in_session(session.id)
            .by(model::Actor::Server)
            .saying(format!("{}: {why} by {}", session.mount, session.expires_at))
    }
}
