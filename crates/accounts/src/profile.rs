//! Changing one's own name or password.

use std::sync::Arc;

use crypto::Verdict;
use db::{Batch, WriteError};
use model::{Account, EndReason, EventKind, OneTimeKind, Session, Span, usable_name};
use secrecy::SecretString;
use store::sessions::Ending;

use crate::accounts::{ATTEMPTS, Core};
use crate::check::Caller;
use crate::memory::AccountState;
use crate::mount::Mount;
use crate::passwords::Owner;
use crate::refusal::{CheckRefused, Failure, Refusal};
use crate::sessions::Grant;
use crate::throttle::{Bucket, Client};

/// What somebody wants changed of their own account; all of it or nothing.
#[derive(Clone, Debug)]
pub struct ChangeProfile<'a> {
    /// The new username.
    pub username: Option<&'a str>,
    /// The new password.
    pub password: Option<PasswordChange>,
    /// From where.
    pub client: Client,
}

/// A new password, with the current one as proof.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The current one.
    pub current: SecretString,
    /// The new one; the contract's own rules were applied.
    pub new: SecretString,
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum ProfileChanged {
    /// Nothing differed.
    Unchanged,
    /// It was changed. The caller's session goes on with new tokens; its earlier ones are not believed.
    Changed(Grant),
}

impl Mount {
    /// Changes the caller's name, password or both in one batch.
    ///
    /// A new password ends every other session of the account. A new name ends those whose tokens carry it.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::UsernameUnusable`], [`Refusal::CurrentPasswordWrong`],
    /// [`Refusal::PasswordTooShort`], [`Refusal::PasswordTooLong`], [`Refusal::PasswordTooCommon`],
    /// [`Refusal::Throttled`].
    pub async fn change_profile(
        &self,
        caller: &Caller,
        command: ChangeProfile<'_>,
    ) -> Result<ProfileChanged, Failure> {
        let bucket = Bucket::changes(&caller.account);
        self.take(&[&bucket], Some(&caller.account.id), &command.client).await?;
        for _ in 0..ATTEMPTS {
            if let Some(done) = self.try_change_profile(caller, &command).await? {
                return Ok(done);
            }
        }
        Err(Failure::Overloaded { retry_after: Span::seconds(1) })
    }

    /// One attempt; none if the account or the session changed under it.
    async fn try_change_profile(
        &self,
        caller: &Caller,
        command: &ChangeProfile<'_>,
    ) -> Result<Option<ProfileChanged>, Failure> {
        let core = &self.core;
        let account = core.account_of(caller).await?;
        let mut changed = account.clone();
        if let Some(name) = command.username.filter(|name| *name != account.username) {
            usable_name(name).map_err(|_| Refusal::UsernameUnusable)?;
            let holder = store::accounts::by_username(&core.db, self.realm(), name).await?;
            if holder.is_some_and(|holder| holder.id != account.id) {
                return Err(Refusal::NameTaken.into());
            }
            name.clone_into(&mut changed.username);
        }
        if let Some(change) = &command.password {
            changed.password = Some(self.rehash(&account, &changed.username, change, &command.client).await?);
        }
        if changed == account {
            return Ok(Some(ProfileChanged::Unchanged));
        }
        self.write_profile(caller, &account, &changed, &command.client).await
    }

    /// Whether a password is the caller's, checked and counted as at a sign-in. Nothing is changed.
    ///
    /// # Errors
    /// [`Refusal::CurrentPasswordWrong`], [`Refusal::Throttled`].
    pub async fn prove_password(
        &self,
        caller: &Caller,
        current: &SecretString,
        client: &Client,
    ) -> Result<(), Failure> {
        caller.session()?;
        let account = self.core.account_of(caller).await?;
        self.prove(&account, current, client).await
    }

    /// Checks the current password as a sign-in would, and hashes the new one.
    async fn rehash(
        &self,
        account: &Account,
        username: &str,
        change: &PasswordChange,
        client: &Client,
    ) -> Result<String, Failure> {
        self.usable_password(&change.new, Owner::of(account).called(username))?;
        self.prove(account, &change.current, client).await?;
        Ok(self.core.pool.hash(change.new.clone()).await?)
    }

    async fn prove(&self, account: &Account, current: &SecretString, client: &Client) -> Result<(), Failure> {
        let core = &self.core;
        let turn = core.pool.turn()?;
        let guess = self.guess(Some(&account.id), "", client).await?;
        match turn.verify(account.password.clone(), current.clone()).await {
            Ok(Verdict::Right { .. }) => core.take_back(&guess).await,
            Ok(Verdict::Wrong) => {
                let event = self.event(EventKind::PasswordRefused, account, client);
                core.write(Batch::new().with(store::events::append(&event))).await?;
                Err(Refusal::CurrentPasswordWrong.into())
            }
            Err(overloaded) => {
                core.take_back(&guess).await?;
                Err(overloaded.into())
            }
        }
    }

    async fn write_profile(
        &self,
        caller: &Caller,
        account: &Account,
        changed: &Account,
        client: &Client,
    ) -> Result<Option<ProfileChanged>, Failure> {
        let core = &self.core;
        let session = store::sessions::by_id(&core.db, caller.session()?).await?;
        let session =
            session.filter(|session| session.is_live(self.now())).ok_or(CheckRefused::SessionEnded)?;
        // Two steps: a copied refresh token must not get the new tokens as its successor.
        let (rotated, rotation) = self.rotation(&session, client, 2)?;
        let mut batch = Batch::new();
        if account.username != changed.username {
            batch.push(store::accounts::name_is_free(changed));
        }
        batch.push(store::accounts::update(changed, self.now()));
        let ended = batch.len();
        batch.extend(self.ending_others(&session, account, changed, client));
        batch.extend(rotation);
        batch.extend(self.profile_events(account, changed, client));
        let mailed = account.password != changed.password
            && self.owe_changed_notice(changed, client, &mut batch).await?;
        match core.db.write(batch).await {
            Ok(written) => {
                core.note_ended(&written, ended, account)?;
                core.memory.rotated(rotated.id, rotated.generation, rotated.rotated_at);
                core.ring_if(mailed);
                Ok(Some(ProfileChanged::Changed(self.grant(Arc::new(AccountState::from(changed)), &rotated))))
            }
            Err(WriteError::Guard(lost)) if lost.name == store::guard::NAME_FREE => {
                Err(Refusal::NameTaken.into())
            }
            Err(WriteError::Guard(_)) => Ok(None),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Ends the sessions that the change leaves no right to.
    fn ending_others(
        &self,
        session: &Session,
        account: &Account,
        changed: &Account,
        client: &Client,
    ) -> Batch {
        let (spared, reason) = if account.password == changed.password {
            let spared = self.core.mounts_spared(self.realm(), |policy| policy.claims_username);
            (spared, EndReason::UsernameChanged)
        } else {
            (Vec::new(), EndReason::PasswordChanged)
        };
        let address = client.address_text();
        let ending = Ending {
            account: &account.id,
            except: Some(session.id),
            spared: &spared,
            reason,
            address: &address,
            actor: None,
        };
        let statements = store::sessions::end_of_account(&ending, self.realm(), self.now());
        statements.into_iter().collect()
    }

    fn profile_events(&self, account: &Account, changed: &Account, client: &Client) -> Batch {
        let mut batch = Batch::new();
        if account.username != changed.username {
            let event =
                self.event(EventKind::UsernameChanged, account, client).saying(account.username.clone());
            batch.push(store::events::append(&event));
        }
        if account.password != changed.password {
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::PasswordReset));
            // Whoever had the old password may have asked for another address.
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::EmailChange));
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::SecondStep));
            batch.push(store::events::append(&self.event(EventKind::PasswordChanged, account, client)));
        }
        batch
    }
}

impl Core {
    /// The caller's account as it is stored now.
    pub(crate) async fn account_of(&self, caller: &Caller) -> Result<Account, Failure> {
        let account = store::accounts::by_id(&self.db, &caller.account.id).await?;
        Ok(account.filter(|account| !account.disabled).ok_or(CheckRefused::AccountGone)?)
    }

    /// Changes the caller's account by a function that says what else is written with it. The function may
    /// be called again when the account changed meanwhile.
    pub(crate) async fn change(
        &self,
        caller: &Caller,
        by: impl Fn(&mut Account) -> Result<Batch, Failure>,
    ) -> Result<Account, Failure> {
        for _ in 0..ATTEMPTS {
            let mut account = self.account_of(caller).await?;
            let mut batch = by(&mut account)?;
            batch.push(store::accounts::update(&account, self.clock.now()));
            match self.db.write(batch).await {
                Ok(_) => {
                    self.memory.changed(&account.id);
                    return Ok(account);
                }
                Err(WriteError::Guard(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(Failure::Overloaded { retry_after: Span::seconds(1) })
    }
}
