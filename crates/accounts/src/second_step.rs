//! The second step of a sign-in: a code of the second factor.

use std::fmt;
use std::sync::Arc;

use crypto::{Alphabet, totp_step_of};
use db::{Batch, Statement, WriteError};
use defects::{Defect, seeded};
use mail::Notice;
use model::{Account, EventKind, OneTimeKind, OneTimeToken, Span};

use crate::memory::AccountState;
use crate::mount::Mount;
use crate::one_time::Form;
use crate::refusal::{Failure, Refusal};
use crate::sessions::Grant;
use crate::throttle::{Bucket, Client};
use crate::two_factor;

/// What the first step hands out (wolfpal.md 2.4 and 6.3): good for a quarter of an hour and five tries.
pub(crate) const TICKET: Form =
    Form { alphabet: Alphabet::Alphanumeric, length: 64, lifetime: Span::minutes(15), tries: 5 };

/// After so many wrong codes the owner is told: more than anybody mistypes.
const TOLD: i64 = 5;

/// A second step that is asked for.
#[derive(Clone)]
pub struct SecondStep<'a> {
    /// What the first step handed out.
    pub ticket: &'a str,
    /// Six digits of the authenticator (RFC 6238), or a backup code.
    pub code: &'a str,
    /// From where.
    pub client: Client,
}

impl fmt::Debug for SecondStep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondStep").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Mount {
    /// Completes a sign-in.
    ///
    /// A try of the ticket and of the account is taken before the code is looked at. The session, the used
    /// ticket and the used code are one batch, so of any number of parallel uses one wins.
    ///
    /// # Errors
    /// [`Refusal::TicketUnknown`], [`Refusal::CodeWrong`], [`Refusal::Throttled`].
    pub async fn second_step(&self, command: SecondStep<'_>) -> Result<Grant, Failure> {
        let outcome = self.complete_second_step(command).await;
        self.inner.counts.second_steps.note(&outcome);
        outcome
    }

    async fn complete_second_step(&self, command: SecondStep<'_>) -> Result<Grant, Failure> {
        let core = &self.core;
        let ticket = core.find_token(OneTimeKind::SecondStep, self.realm(), command.ticket).await?;
        let ticket = ticket.ok_or(Refusal::TicketUnknown)?;
        let account = self.holder(&ticket).await?;
        let bucket = Bucket::codes(core, &account);
        self.take_try(&ticket, &account, &bucket, &command.client).await?;
        let Some(used) = self.use_code(&account, &command).await? else {
            return self.wrong_code(&account, &bucket, &command.client).await;
        };
        let session = self.new_session(&account, &command.client);
        let mut batch = Batch::new().with(store::one_time_tokens::redeem(&ticket, self.now()));
        batch.extend(used);
        batch.push(store::accounts::signed_in(&account, self.now()));
        let mailed = self.owe_new_device(&account, &session, &mut batch).await?;
        batch.extend(self.opening(&session));
        // Its own try and no more: else a guesser would get as many again each time that the owner signs in.
        batch.extend(bucket.give_back());
        match core.db.write(batch).await {
            Ok(_) => {
                core.ring_if(mailed);
                Ok(self.grant(Arc::new(AccountState::from(&account)), &session))
            }
            Err(WriteError::Guard(lost)) => Err(match lost.name {
                store::guard::STEP_UNUSED | store::guard::BACKUP_CODE_UNUSED => Refusal::CodeWrong,
                _ => Refusal::TicketUnknown,
            }
            .into()),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// The account of a ticket, if nothing about it changed since the first step.
    async fn holder(&self, ticket: &OneTimeToken) -> Result<Account, Failure> {
        let id = ticket.account.as_ref().ok_or(Refusal::TicketUnknown)?;
        let account = store::accounts::by_id(&self.core.db, id).await?;
        let unchanged =
            |account: &Account| account.version.to_string() == ticket.payload && !account.disabled;
        Ok(account.filter(unchanged).ok_or(Refusal::TicketUnknown)?)
    }

    async fn take_try(
        &self,
        ticket: &OneTimeToken,
        account: &Account,
        bucket: &Bucket,
        client: &Client,
    ) -> Result<(), Failure> {
        self.take(&[bucket], Some(&account.id), client).await?;
        match self
            .core
            .db
            .write(Batch::new().with(store::one_time_tokens::take_try(ticket, self.now())))
            .await
        {
            Ok(_) => Ok(()),
            Err(WriteError::Guard(_)) => Err(Refusal::TicketUnknown.into()),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// The statements that use a right code up; none if it is wrong.
    async fn use_code(&self, account: &Account, command: &SecondStep<'_>) -> Result<Option<Batch>, Failure> {
        if let Some(step) = self.totp_step(account, command.code)? {
            if seeded(Defect::CodesForgotten) {
                return Ok(Some(Batch::new()));
            }
            return Ok(Some(Batch::new().with(store::accounts::use_totp_step(&account.id, step))));
        }
        let digest = two_factor::backup_digest(&self.core, &account.id, command.code);
        if !store::backup_codes::exists(&self.core.db, &account.id, &digest).await? {
            return Ok(None);
        }
        let used: Statement = store::backup_codes::redeem(&account.id, &digest);
        let event = self.event(EventKind::BackupCodeUsed, account, &command.client);
        Ok(Some(Batch::new().with(used).with(store::events::append(&event))))
    }

    /// The time step that a code of the account's second factor belongs to, if it was not used before.
    pub(crate) fn totp_step(&self, account: &Account, code: &str) -> Result<Option<i64>, Failure> {
        let Some(secret) = two_factor::secret(&self.core, account)? else { return Ok(None) };
        let step = totp_step_of(&secret, code, self.now().seconds());
        Ok(step.filter(|step| *step > account.two_factor.last_step))
    }

    /// Several wrong codes after a right password are told to the owner: somebody has the password.
    async fn wrong_code(
        &self,
        account: &Account,
        bucket: &Bucket,
        client: &Client,
    ) -> Result<Grant, Failure> {
        let core = &self.core;
        let event = self.sign_in_refused(Some(account), client, "wrong code");
        let mut batch = Batch::new().with(store::events::append(&event));
        let mut mailed = false;
        if bucket.taken(core).await? >= TOLD && core.try_take(&[&bucket.noted()]).await?.is_none() {
            let (site, address) = (&self.policy().site, client.address_text());
            let notice = Notice::WrongCodes { site, username: &account.username, address: &address };
            mailed = self.tell(account, EventKind::WrongCodesTold, &notice, &mut batch).await?;
            let told = self.event(EventKind::WrongCodesTold, account, client);
            batch.extend(mailed.then(|| store::events::append(&told)));
        }
        core.write(batch).await?;
        core.ring_if(mailed);
        Err(Refusal::CodeWrong.into())
    }
}
