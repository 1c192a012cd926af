//! Exchanging a refresh token for the next pair.

use std::sync::Arc;

use db::{Batch, WriteError};
use defects::{Defect, seeded};
use model::{EndReason, Event, EventKind, Presented, Session, SessionId, Span};

use crate::memory::AccountState;
use crate::mount::Mount;
use crate::refusal::{CheckRefused, Failure, Refusal};
use crate::sessions::Grant;
use crate::throttle::Client;
use crate::token::{PrivateClaims, TokenUse};

/// A refresh token whose signature was believed. Only this crate makes one.
#[derive(Clone, Copy, Debug)]
pub struct RefreshToken {
    session: SessionId,
    generation: u32,
}

impl Mount {
    /// The refresh token of a grant as 64 letters (goscrobble.md 2.5).
    #[must_use]
    pub fn refresh_letters(&self, grant: &Grant) -> String {
        self.inner.refresh_codec.encode(grant.session.to_bytes(), grant.generation)
    }

    /// Reads what [`Mount::refresh_letters`] wrote.
    ///
    /// # Errors
    /// [`Refusal::RefreshRefused`] for anything else.
    pub fn open_refresh_letters(&self, text: &str) -> Result<RefreshToken, Refusal> {
        let (session, generation) = self.inner.refresh_codec.decode(text).ok_or(Refusal::RefreshRefused)?;
        Ok(RefreshToken { session: SessionId::from_bytes(session), generation })
    }

    /// Reads a refresh token that is a JWT with the private claims of a refresh token.
    ///
    /// # Errors
    /// [`CheckRefused`] for anything else.
    pub fn open_refresh_jwt(&self, token: &str) -> Result<RefreshToken, CheckRefused> {
        let claims: PrivateClaims = self.open_token(token, self.now())?;
        if claims.mnt != self.policy().name || claims.purpose != TokenUse::Refresh {
            return Err(CheckRefused::Invalid);
        }
        Ok(RefreshToken { session: claims.sid, generation: claims.generation })
    }

    /// Exchanges a refresh token (RFC 9700, section 4.14.2).
    ///
    /// The current generation begins the next one. The one before, within the grace, gets the same
    /// successor again: a lost answer or two tabs sign nobody out. Anything older was copied: the session
    /// ends and says why.
    ///
    /// How often a session may be refreshed is counted in its own row, which is read and written anyway.
    ///
    /// # Errors
    /// [`Refusal::RefreshRefused`]; [`Refusal::Throttled`] if the session was refreshed too often.
    pub async fn refresh(&self, token: RefreshToken, client: &Client) -> Result<Grant, Failure> {
        loop {
            let session = store::sessions::by_id(&self.core.db, token.session).await?;
            let here =
                |session: &Session| session.mount == self.policy().name && session.realm == *self.realm();
            let session = session.filter(here).ok_or(Refusal::RefreshRefused)?;
            let grace = match seeded(Defect::NoGrace) {
                true => Span(-1),
                false => self.core.rules().sessions.refresh_grace,
            };
            match session.present(token.generation, self.now(), grace) {
                Presented::Current => {
                    self.may_refresh(&session)?;
                    let account = self.refreshing_account(&session).await?;
                    if let Some(rotated) = self.rotate(&session, client).await? {
                        return Ok(self.grant(account, &rotated));
                    }
                    // Somebody else was first: look again at what this token is now.
                }
                Presented::JustRotated => {
                    // Another process may have done it, and what it wrote was not followed yet.
                    self.core.memory.rotated(session.id, session.generation, session.rotated_at);
                    return Ok(self.grant(self.refreshing_account(&session).await?, &session));
                }
                Presented::Reused => {
                    self.end_reused(&session, client).await?;
                    return Err(Refusal::RefreshRefused.into());
                }
                Presented::Unknown | Presented::Ended | Presented::Expired => {
                    return Err(Refusal::RefreshRefused.into());
                }
            }
        }
    }

    /// The account, if it could sign in here now.
    async fn refreshing_account(&self, session: &Session) -> Result<Arc<AccountState>, Failure> {
        let account = store::accounts::by_id(&self.core.db, &session.account).await?;
        let account =
            account.filter(|account| self.barred(account).is_none()).ok_or(Refusal::RefreshRefused)?;
        Ok(Arc::new(AccountState::from(&account)))
    }

    /// Refuses a session that was refreshed too often.
    fn may_refresh(&self, session: &Session) -> Result<(), Refusal> {
        let (Some(throttle), Some(empty_at)) = (self.core.rules().limits.refresh, session.refreshes_empty_at)
        else {
            return Ok(());
        };
        let wait = throttle.wait(empty_at, self.now());
        if wait.0 == 0 { Ok(()) } else { Err(Refusal::Throttled { retry_after: wait.max(Span::seconds(1)) }) }
    }

    async fn rotate(&self, session: &Session, client: &Client) -> Result<Option<Session>, Failure> {
        let mut counted = session.clone();
        if let Some(throttle) = self.core.rules().limits.refresh {
            counted.refreshes_empty_at = Some(throttle.taken(session.refreshes_empty_at, self.now()));
        }
        let (rotated, batch) = self.rotation(&counted, client, 1)?;
        match self.core.db.write(batch).await {
            Ok(_) => {
                self.core.memory.rotated(session.id, rotated.generation, rotated.rotated_at);
                Ok(Some(rotated))
            }
            Err(WriteError::Guard(_)) => Ok(None),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// The generation that comes `steps` after the session's present one, and the statements that begin it.
    /// Whoever writes them tells memory that no earlier token is believed from then on. After two steps no
    /// refresh token from before is within its grace.
    pub(crate) fn rotation(
        &self,
        session: &Session,
        client: &Client,
        steps: u32,
    ) -> Result<(Session, Batch), Failure> {
        let now = self.now();
        let mut rotated = session.clone();
        rotated.generation = session.generation.checked_add(steps).ok_or(Refusal::RefreshRefused)?;
        rotated.rotated_at = now;
        let policy = self.policy();
        let asked = now.whole_second() + policy.refresh.unwrap_or(policy.access);
        rotated.expires_at = asked.min(session.created_at + self.core.rules().sessions.longest);
        rotated.address = client.address_text();
        rotated.user_agent.clone_from(&client.user_agent);
        let event = Event::new(EventKind::SessionRefreshed, &session.realm, now)
            .of(&session.account)
            .in_session(session.id)
            .from(&rotated.address)
            .saying(rotated.generation.to_string());
        let batch = Batch::new()
            .with(store::sessions::rotate(&rotated, session.generation))
            .with(store::events::append(&event));
        Ok((rotated, batch))
    }

    async fn end_reused(&self, session: &Session, client: &Client) -> Result<(), Failure> {
        if seeded(Defect::ReuseForgiven) {
            return Ok(());
        }
        let from = format!(
            "{}; refreshed at {} from {}, presented again from {}",
            EndReason::RefreshReused,
            session.rotated_at,
            session.address,
            client.address_text()
        );
        let now = self.now();
        let reason = EndReason::RefreshReused;
        let event = store::sessions::ended_event(session, reason, now, &client.address_text()).saying(from);
        let batch = Batch::new()
            .with(store::sessions::end(session.id, reason, now))
            .with(store::events::append(&event));
        match self.core.db.write(batch).await {
            Ok(_) => self.core.memory.end(session.id, now),
            // Ended by somebody else: what matters is that it has ended.
            Err(WriteError::Guard(_)) => {}
            Err(WriteError::Fault(fault)) => return Err(fault.into()),
        }
        Ok(())
    }
}
