//! What an administrator does to accounts through a contract.

use db::{Batch, WriteError};
use model::{Account, AccountId, EndReason, EventKind, OneTimeKind, Permissions, Span, usable_name};
use secrecy::SecretString;
use store::sessions::Ending;

use crate::accounts::ATTEMPTS;
use crate::check::Caller;
use crate::mount::{Mount, MountPolicy};
use crate::passwords::Owner;
use crate::refusal::{Failure, Refusal};
use crate::throttle::Client;

/// As many accounts as one answer lists.
pub(crate) const LISTED: i64 = 10_000;

/// What is changed of an account; none = as it is.
#[derive(Clone, Debug, Default)]
pub struct UpdateMember<'a> {
    /// The new username.
    pub username: Option<&'a str>,
    /// The new password; the contract's own rules were applied.
    pub password: Option<SecretString>,
    /// All its permissions from now on. Only an administrator changes them.
    pub permissions: Option<Permissions>,
}

impl Mount {
    /// The accounts of the realm, oldest first.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`].
    pub async fn members(&self, caller: &Caller) -> Result<Vec<Account>, Failure> {
        caller.must_administer()?;
        Ok(store::accounts::page(&self.core.db, self.realm(), None, LISTED).await?)
    }

    /// An account of the realm.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`].
    pub async fn member(&self, id: &AccountId) -> Result<Account, Failure> {
        let account = store::accounts::by_id(&self.core.db, id).await?;
        Ok(account.filter(|account| account.realm == *self.realm()).ok_or(Refusal::AccountUnknown)?)
    }

    /// The account of the realm with this username.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`].
    pub async fn member_named(&self, username: &str) -> Result<Account, Failure> {
        let account = store::accounts::by_username(&self.core.db, self.realm(), username).await?;
        Ok(account.ok_or(Refusal::AccountUnknown)?)
    }

    /// Changes one's own account, or any account of the realm as an administrator, without the current
    /// password (melon.md 3 has no field for it). A new password ends all its sessions and tells the owner;
    /// a new name or new permissions end those whose tokens carry them.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`], [`Refusal::AccountUnknown`], [`Refusal::NameTaken`],
    /// [`Refusal::UsernameUnusable`], [`Refusal::PasswordTooShort`], [`Refusal::PasswordTooLong`],
    /// [`Refusal::PasswordTooCommon`], [`Refusal::LastAdministrator`].
    pub async fn update_member(
        &self,
        caller: &Caller,
        id: &AccountId,
        change: UpdateMember<'_>,
        client: &Client,
    ) -> Result<Account, Failure> {
        if caller.account.id != *id || change.permissions.is_some() || caller.is_api_key() {
            caller.must_administer()?;
        }
        if let Some(name) = change.username {
            usable_name(name).map_err(|_| Refusal::UsernameUnusable)?;
        }
        let hash = match &change.password {
            Some(password) => {
                let account = self.member(id).await?;
                let owner = Owner::of(&account).called(change.username.unwrap_or(&account.username));
                self.usable_password(password, owner)?;
                Some(self.core.pool.hash(password.clone()).await?)
            }
            None => None,
        };
        for _ in 0..ATTEMPTS {
            let account = self.member(id).await?;
            let mut changed = account.clone();
            if let Some(name) = change.username {
                name.clone_into(&mut changed.username);
            }
            changed.password = hash.clone().or(changed.password);
            changed.permissions = change.permissions.clone().unwrap_or(changed.permissions);
            changed.updated_at = self.now();
            if self.write_member(caller, &account, &changed, client).await? {
                return Ok(changed);
            }
        }
        Err(Failure::Overloaded { retry_after: Span::seconds(1) })
    }

    /// Deletes an account of the realm with everything of it but its events.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`], [`Refusal::AccountUnknown`], [`Refusal::LastAdministrator`].
    pub async fn delete_member(
        &self,
        caller: &Caller,
        id: &AccountId,
        client: &Client,
    ) -> Result<(), Failure> {
        caller.must_administer()?;
        for _ in 0..ATTEMPTS {
            let account = self.member(id).await?;
            let mut batch = Batch::new();
            if account.permissions.administrate() {
                batch.extend(store::accounts::administrator_left(&account));
            }
            batch.push(store::accounts::delete(&account));
            let event = self.event_by(caller, EventKind::AccountDeleted, id, client);
            batch.push(store::events::append(&event.saying(account.username.clone())));
            match self.core.db.write(batch).await {
                Ok(_) => {
                    self.core.memory.changed(&account.id);
                    return Ok(());
                }
                Err(WriteError::Guard(lost)) => {
                    if let Some(refusal) = self.lost(lost.name) {
                        return Err(refusal.into());
                    }
                    // Changed meanwhile, perhaps into an administrator: read it again.
                }
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(Failure::Overloaded { retry_after: Span::seconds(1) })
    }

    /// Writes a changed account; false if it changed meanwhile.
    async fn write_member(
        &self,
        caller: &Caller,
        account: &Account,
        changed: &Account,
        client: &Client,
    ) -> Result<bool, Failure> {
        let mut batch = Batch::new();
        if account.permissions.administrate() && !changed.permissions.administrate() {
            batch.extend(store::accounts::administrator_left(account));
        }
        if account.username != changed.username {
            batch.push(store::accounts::name_is_free(changed));
        }
        batch.push(store::accounts::update(changed, changed.updated_at));
        let ended = batch.len();
        batch.extend(self.ending_for(caller, account, changed, client));
        if account.username != changed.username {
            let event = self.event_by(caller, EventKind::UsernameChanged, &account.id, client);
            batch.push(store::events::append(&event.saying(account.username.clone())));
        }
        let mut mailed = false;
        if account.password != changed.password {
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::PasswordReset));
            // Whoever had the old password may have asked for another address.
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::EmailChange));
            batch.push(store::one_time_tokens::delete_of(&account.id, OneTimeKind::SecondStep));
            let own = caller.account.id == account.id;
            let kind = if own { EventKind::PasswordChanged } else { EventKind::PasswordSet };
            batch.push(store::events::append(&self.event_by(caller, kind, &account.id, client)));
            mailed = self.owe_changed_notice(changed, client, &mut batch).await?;
        }
        if account.permissions != changed.permissions {
            let event = self.event_by(caller, EventKind::PermissionsChanged, &account.id, client);
            batch.push(store::events::append(&event.saying(changed.permissions.to_json())));
        }
        match self.core.db.write(batch).await {
            Ok(written) => {
                self.core.note_ended(&written, ended, account)?;
                self.core.ring_if(mailed);
                Ok(true)
            }
            Err(WriteError::Guard(lost)) => {
                self.lost(lost.name).map_or(Ok(false), |refusal| Err(refusal.into()))
            }
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    fn lost(&self, guard: &str) -> Option<Refusal> {
        match guard {
            store::guard::NAME_FREE => Some(Refusal::NameTaken),
            store::guard::ADMINISTRATOR_LEFT => Some(Refusal::LastAdministrator),
            _ => None,
        }
    }

    /// Ends the sessions that a change of the account leaves no right to.
    fn ending_for(&self, caller: &Caller, account: &Account, changed: &Account, client: &Client) -> Batch {
        let named = account.username != changed.username;
        let differs =
            |claimed: &&str| account.permissions.holds(claimed) != changed.permissions.holds(claimed);
        let carries = |policy: &MountPolicy| {
            (named && policy.claims_username) || policy.claims_permissions.iter().any(differs)
        };
        let spared = || self.core.mounts_spared(self.realm(), carries);
        let (spared, reason) = match (account.password == changed.password, named) {
            (false, _) => (Vec::new(), EndReason::PasswordChanged),
            (true, true) => (spared(), EndReason::UsernameChanged),
            // Nobody's tokens carry what did not change, whatever the mount.
            (true, false) if account.permissions == changed.permissions => return Batch::new(),
            (true, false) => (spared(), EndReason::PermissionsChanged),
        };
        let (address, actor) = (client.address_text(), caller.actor(&account.id));
        let ending = Ending {
            account: &account.id,
            except: None,
            spared: &spared,
            reason,
            address: &address,
            actor: actor.as_ref(),
        };
        store::sessions::end_of_account(&ending, self.realm(), self.now()).into_iter().collect()
    }
}
