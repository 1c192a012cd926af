//! Opening and ending sessions, and what is handed out for one.

use std::sync::Arc;

use db::{Batch, WriteError};
use defects::{Defect, seeded};
use model::{Account, Actor, EndReason, Event, EventKind, Session, SessionId, Timestamp};

use crate::accounts::Core;
use crate::check::Caller;
use crate::memory::AccountState;
use crate::mount::Mount;
use crate::refusal::Failure;
use crate::throttle::Client;
use crate::token;

/// The right to a pair of tokens: one generation of one session.
///
/// Everything in it follows from the stored session, so two grants of one generation make the same tokens.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Whose session.
    pub account: Arc<AccountState>,
    pub(crate) session: SessionId,
    pub(crate) generation: u32,
    pub(crate) mount: String,
    pub(crate) rotated_at: Timestamp,
    pub(crate) access_until: Timestamp,
    pub(crate) session_until: Timestamp,
}

impl Mount {
    /// A session that begins now; it is not stored yet.
    pub(crate) fn new_session(&self, account: &Account, client: &Client) -> Session {
        let now = self.now();
        let policy = self.policy();
        Session {
            id: self.core.new_session_id(),
            account: account.id.clone(),
            realm: policy.realm.clone(),
            mount: policy.name.clone(),
            generation: 0,
            address: client.address_text(),
            user_agent: client.user_agent.clone(),
            created_at: now,
            rotated_at: now,
            expires_at: now.whole_second() + policy.refresh.unwrap_or(policy.access),
            refreshes_empty_at: None,
            ended: None,
        }
    }

    /// The statements that open a session, with its event.
    pub(crate) fn opening(&self, session: &Session) -> Batch {
        let event = Event::new(EventKind::SignedIn, &session.realm, session.created_at)
            .of(&session.account)
            .in_session(session.id)
            .from(&session.address)
            .saying(&session.mount);
        Batch::new().with(store::sessions::insert(session)).with(store::events::append(&event))
    }

    /// The grant of a session's current generation.
    pub(crate) fn grant(&self, account: Arc<AccountState>, session: &Session) -> Grant {
        self.core.memory.seen(&account);
        Grant {
            account,
            session: session.id,
            generation: session.generation,
            mount: session.mount.clone(),
            rotated_at: session.rotated_at,
            access_until: token::access_until(session.rotated_at, self.policy().access, session.expires_at),
            session_until: session.expires_at,
        }
    }

    /// Signs out: ends the caller's session.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`] if somebody else ended it first.
    pub async fn sign_out(&self, caller: &Caller, client: &Client) -> Result<(), Failure> {
        let ended = self
            .core
            .end_session(caller.session()?, EndReason::SignedOut, &client.address_text(), None)
            .await?;
        if ended { Ok(()) } else { Err(crate::refusal::CheckRefused::SessionEnded.into()) }
    }
}

impl Core {
    /// Ends a session and says whether it was this call that did.
    pub(crate) async fn end_session(
        &self,
        id: SessionId,
        why: EndReason,
        address: &str,
        actor: Option<Actor>,
    ) -> Result<bool, Failure> {
        let now = self.clock.now();
        let Some(session) = store::sessions::by_id(&self.db, id).await? else { return Ok(false) };
        let event = Event { actor, ..store::sessions::ended_event(&session, why, now, address) };
        let batch = Batch::new().with(store::sessions::end(id, why, now)).with(store::events::append(&event));
        match self.db.write(batch).await {
            Ok(_) => {
                if !seeded(Defect::FloorsLate) {
                    self.memory.end(id, now);
                }
                Ok(true)
            }
            Err(WriteError::Guard(_)) => Ok(false),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }
}
