//! Choosing a new password by way of a mailed link.

use std::fmt;

use db::{Batch, WriteError, Written};
use mail::Notice;
use model::{Account, EndReason, EventKind, OneTimeKind, SessionId};
use secrecy::SecretString;
use store::sessions::Ending;

use crate::asked::Wanted;
use crate::mount::Mount;
use crate::passwords::Owner;
use crate::refusal::{Failure, Fault, Refusal};
use crate::throttle::{Bucket, Client};

/// A new password that is asked for with a mailed token.
#[derive(Clone)]
pub struct ResetPassword<'a> {
    /// What was mailed.
    pub token: &'a str,
    /// As typed; the contract's own rules were applied.
    pub password: SecretString,
    /// From where.
    pub client: Client,
}

impl fmt::Debug for ResetPassword<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResetPassword").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Mount {
    /// Mails a link to choose a new password, which ends the one before. Nothing tells whether there is
    /// such an account or whether it was mailed too often (contracts/README 9).
    ///
    /// # Errors
    /// [`Refusal::Throttled`] if the caller's address asked too often.
    pub async fn send_reset(&self, email: &str, client: &Client) -> Result<(), Failure> {
        self.ask(Wanted::Reset, email, client).await
    }

    /// Owes somebody the mail that resets the password; whether there is one to send.
    pub(crate) fn owe_reset(
        &self,
        account: &Account,
        client: &Client,
        batch: &mut Batch,
    ) -> Result<bool, Failure> {
        let (Some(form), Some(email)) = (&self.policy().reset, &account.email) else { return Ok(false) };
        let token = self.core.new_mailed(OneTimeKind::PasswordReset, account, form, email);
        let link = mail::link(&form.link, &token.secret).map_err(|error| Fault::logged(&error))?;
        let address = client.address_text();
        let notice = Notice::PasswordReset {
            site: &self.policy().site,
            username: &account.username,
            link: &link,
            minutes: form.lifetime.whole_seconds() / 60,
            address: &address,
        };
        batch.push(store::one_time_tokens::put(&token.row));
        batch.push(store::events::append(&self.event(EventKind::ResetSent, account, client)));
        self.core.owe(batch, self.realm(), EventKind::ResetSent, email, &notice)?;
        Ok(true)
    }

    /// Whether a mailed token could be used now. It is not used by asking.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn reset_is_live(&self, secret: &str) -> Result<bool, Failure> {
        Ok(self.core.find_mailed(OneTimeKind::PasswordReset, self.realm(), secret).await?.is_some())
    }

    /// Sets a new password with a mailed token. It ends every session everywhere and confirms the address,
    /// but opens no session and leaves the second factor as it is.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::PasswordTooShort`], [`Refusal::PasswordTooLong`],
    /// [`Refusal::PasswordTooCommon`].
    pub async fn reset_password(&self, command: ResetPassword<'_>) -> Result<(), Failure> {
        let core = &self.core;
        self.password_fits(&command.password)?;
        let find = || core.find_mailed(OneTimeKind::PasswordReset, self.realm(), command.token);
        let (_, account) = find().await?.ok_or(Refusal::TokenUnknown)?;
        self.usable_password(&command.password, Owner::of(&account))?;
        let hash = core.pool.hash(command.password.clone()).await?;
        loop {
            let (token, mut account) = find().await?.ok_or(Refusal::TokenUnknown)?;
            account.password = Some(hash.clone());
            account.email_confirmed = true;
            let now = self.now();
            let mut batch = Batch::new()
                .with(store::one_time_tokens::redeem(&token, now))
                .with(store::accounts::update(&account, now));
            let ended = batch.len();
            batch.extend(self.ending(&account, None, EndReason::PasswordReset, &command.client));
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::SecondStep));
            // Whoever had the old password may have asked for another address.
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::EmailChange));
            batch.push(store::events::append(&self.event(
                EventKind::PasswordReset,
                &account,
                &command.client,
            )));
            batch.extend(Bucket::passwords(core, self.realm(), Some(&account.id), "").clear());
            let mailed = self.owe_changed_notice(&account, &command.client, &mut batch).await?;
            match core.db.write(batch).await {
                Ok(written) => {
                    core.note_ended(&written, ended, &account)?;
                    core.ring_if(mailed);
                    return Ok(());
                }
                Err(WriteError::Guard(lost)) if lost.name == store::guard::ACCOUNT_UNCHANGED => {}
                Err(WriteError::Guard(_)) => return Err(Refusal::TokenUnknown.into()),
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
    }

    /// Ends every session of an account, but for one, on every mount.
    pub(crate) fn ending(
        &self,
        account: &Account,
        except: Option<SessionId>,
        reason: EndReason,
        client: &Client,
    ) -> Batch {
        let address = client.address_text();
        let ending =
            Ending { account: &account.id, except, spared: &[], reason, address: &address, actor: None };
        let statements = store::sessions::end_of_account(&ending, self.realm(), self.now());
        statements.into_iter().collect()
    }

    /// Tells the owner that the password is another now; see [`Mount::tell`].
    pub(crate) async fn owe_changed_notice(
        &self,
        account: &Account,
        client: &Client,
        batch: &mut Batch,
    ) -> Result<bool, Failure> {
        let address = client.address_text();
        let notice = Notice::PasswordChanged {
            site: &self.policy().site,
            username: &account.username,
            address: &address,
        };
        self.tell(account, EventKind::PasswordChanged, &notice, batch).await
    }
}

impl crate::accounts::Core {
    /// Tells memory of an account that changed and of the sessions that ended by the statement with this index
    /// (see [`store::sessions::end_of_account`]).
    pub(crate) fn note_ended(
        &self,
        written: &Written,
        ended: usize,
        account: &Account,
    ) -> Result<(), Failure> {
        for session in store::sessions::ended_ids(written.rows(ended))? {
            self.memory.end(session, self.clock.now());
        }
        self.memory.changed(&account.id);
        Ok(())
    }
}
