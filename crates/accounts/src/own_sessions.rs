//! What somebody sees and ends of their own sessions.

use std::sync::Arc;

use db::{Batch, WriteError};
use model::{AccountId, EndReason, EventKind, OneTimeKind, Session, SessionId, Span};
use store::sessions::Ending;

use crate::accounts::ATTEMPTS;
use crate::check::Caller;
use crate::mount::Mount;
use crate::refusal::{Failure, Refusal};
use crate::sessions::Grant;
use crate::throttle::Client;

/// A live session of the caller's account.
#[derive(Clone, Debug)]
pub struct OwnSession {
    /// The session.
    pub session: Session,
    /// Whether the caller's token is of it.
    pub current: bool,
    /// What its present tokens are made of, if it is of this mount: tokens are not stored, but they can be
    /// made again. Not for an API key: it would turn into everything that its owner may.
    pub grant: Option<Grant>,
}

/// As many as anybody looks through.
const LISTED: i64 = 200;
impl Mount {
    /// The caller's live sessions on every mount of the realm, newest first.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn own_sessions(&self, caller: &Caller) -> Result<Vec<OwnSession>, Failure> {
        let present = caller.session().ok();
        let (db, account) = (&self.core.db, &caller.account.id);
        let live = store::sessions::live_of_account(db, account, self.now(), LISTED).await?;
        Ok(live
            .into_iter()
            .map(|session| OwnSession {
                current: present == Some(session.id),
                grant: (present.is_some() && session.mount == self.policy().name)
                    .then(|| self.grant(Arc::clone(&caller.account), &session)),
                session,
            })
            .collect())
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// [`Refusal::SessionUnknown`] if it is somebody else's, has ended, or never was.
    pub async fn end_own_session(
        &self,
        caller: &Caller,
        id: SessionId,
        client: &Client,
    ) -> Result<(), Failure> {
        caller.session()?;
        let session = store::sessions::by_id(&self.core.db, id).await?;
        let own = |session: &Session| session.account == caller.account.id && session.is_live(self.now());
        session.filter(own).ok_or(Refusal::SessionUnknown)?;
        let reason =
            if caller.session().ok() == Some(id) { EndReason::SignedOut } else { EndReason::EndedByOwner };
        let ended = self.core.end_session(id, reason, &client.address_text(), None).await?;
        if ended { Ok(()) } else { Err(Refusal::SessionUnknown.into()) }
    }

    /// Ends all of the caller's sessions, the present one too.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn end_own_sessions(&self, caller: &Caller, client: &Client) -> Result<(), Failure> {
        caller.session()?;
        self.end_sessions_of(&caller.account.id, EndReason::EndedByOwner, client).await
    }

    /// Disables the caller's own account: it signs in nowhere, and its sessions end now, the present one too.
    /// Only an administrator enables it again.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`] if an API key was shown, [`Refusal::LastAdministrator`].
    pub async fn disable_own(&self, caller: &Caller, client: &Client) -> Result<(), Failure> {
        caller.session()?;
        let (core, reason, address) = (&self.core, EndReason::AccountDisabled, client.address_text());
        for _ in 0..ATTEMPTS {
            let mut account = core.account_of(caller).await?;
            account.disabled = true;
            let ending = Ending {
                account: &account.id,
                except: None,
                spared: &[],
                reason,
                address: &address,
                actor: None,
            };
            let mut batch = Batch::new();
            if account.permissions.administrate() {
                batch.extend(store::accounts::administrator_left(&account));
            }
            batch.push(store::accounts::update(&account, self.now()));
            let ended = batch.len();
            batch.extend(store::sessions::end_of_account(&ending, self.realm(), self.now()));
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::SecondStep));
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::PasswordReset));
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::EmailChange));
            batch.push(store::events::append(&self.event(EventKind::AccountDisabled, &account, client)));
            match core.db.write(batch).await {
                Ok(written) => return core.note_ended(&written, ended, &account),
                Err(WriteError::Guard(lost)) if lost.name == store::guard::ADMINISTRATOR_LEFT => {
                    return Err(Refusal::LastAdministrator.into());
                }
                // Changed meanwhile: read it again.
                Err(WriteError::Guard(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(Failure::Overloaded { retry_after: Span::seconds(1) })
    }

    async fn end_sessions_of(
        &self,
        account: &AccountId,
        reason: EndReason,
        client: &Client,
    ) -> Result<(), Failure> {
        let address = client.address_text();
        let ending = Ending { account, except: None, spared: &[], reason, address: &address, actor: None };
        let batch: Batch =
            store::sessions::end_of_account(&ending, self.realm(), self.now()).into_iter().collect();
        let written = self.core.write(batch).await?;
        for session in store::sessions::ended_ids(written.rows(0))? {
            self.core.memory.end(session, self.now());
        }
        Ok(())
    }
}
