//! What an administrator does from outside the contracts.

use db::{Batch, WriteError};
use model::{
    Account, AccountId, Actor, EndReason, Event, EventKind, OneTimeKind, Permissions, Realm, Session,
    SessionId, Timestamp, TwoFactor,
};
use secrecy::SecretString;
use store::sessions::Ending;

use crate::accounts::{Accounts, Core};
use crate::invite::ALL;
use crate::passwords::Owner;
use crate::refusal::{Failure, Refusal};
use crate::register::usable_names;

/// An account that an administrator makes.
#[derive(Clone, Debug)]
pub struct CreateAccount<'a> {
    /// The realm it belongs to.
    pub realm: &'a Realm,
    /// As typed.
    pub username: &'a str,
    /// As typed.
    pub email: Option<&'a str>,
    /// Whether the address counts as confirmed.
    pub email_confirmed: bool,
    /// As typed.
    pub password: SecretString,
    /// What it may do; none = what a newcomer may.
    pub permissions: Option<Permissions>,
}

/// An invite code that waits to be used. The code itself is known only to whoever made it.
#[derive(Clone, Debug)]
pub struct InviteListed {
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
}

impl Accounts {
    /// Makes an account, whatever the registration policy.
    ///
    /// # Errors
    /// [`Refusal::UsernameUnusable`], [`Refusal::EmailUnusable`], [`Refusal::PasswordTooShort`],
    /// [`Refusal::PasswordTooLong`], [`Refusal::PasswordTooCommon`], [`Refusal::NameTaken`].
    pub async fn create(&self, command: CreateAccount<'_>) -> Result<Account, Failure> {
        let core = &self.core;
        usable_names(command.username, command.email)?;
        let owner = Owner::new(command.username, command.email);
        core.usable_password(command.realm, &command.password, owner)?;
        if core.taken(command.realm, command.username, command.email).await? {
            return Err(Refusal::NameTaken.into());
        }
        let now = core.clock.now();
        let account = Account {
            id: core.new_account_id(),
            realm: command.realm.clone(),
            username: command.username.to_owned(),
            email: command.email.map(str::to_owned),
            email_confirmed: command.email.is_some() && command.email_confirmed,
            password: Some(core.pool.hash(command.password).await?),
            permissions: command.permissions.unwrap_or_else(Permissions::of_a_newcomer),
            disabled: false,
            two_factor: TwoFactor::default(),
            version: 0,
            created_at: now,
            updated_at: now,
            last_sign_in_at: None,
        };
        let event = core.ordered(EventKind::AccountCreated, &account);
        let batch = Batch::new().with(store::accounts::insert(&account)).with(store::events::append(&event));
        match core.db.write(batch).await {
            Ok(_) => Ok(account),
            Err(WriteError::Guard(_)) => Err(Refusal::NameTaken.into()),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// The account that a name means: a username, an e-mail address or an id. `username:`, `email:` and `id:`
    /// in front say which.
    ///
    /// # Errors
    /// [`Refusal::NameAmbiguous`] if it means several accounts: whoever registers may take somebody's address
    /// or id for a username.
    pub async fn find(&self, realm: &Realm, name: &str) -> Result<Option<Account>, Failure> {
        self.core.find(realm, name).await
    }

    /// Up to `limit` accounts of a realm, oldest first, after the one that ended the page before.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn page(
        &self,
        realm: &Realm,
        after: Option<&Account>,
        limit: i64,
    ) -> Result<Vec<Account>, Failure> {
        let after = after.map(|account| (account.created_at, &account.id));
        Ok(store::accounts::page(&self.core.db, realm, after, limit).await?)
    }

    /// Sets a password and ends every session of the account.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`], [`Refusal::PasswordTooShort`], [`Refusal::PasswordTooLong`],
    /// [`Refusal::PasswordTooCommon`].
    pub async fn set_password(
        &self,
        realm: &Realm,
        name: &str,
        password: SecretString,
    ) -> Result<Account, Failure> {
        let account = self.find(realm, name).await?.ok_or(Refusal::AccountUnknown)?;
        self.core.usable_password(realm, &password, Owner::of(&account))?;
        let hash = self.core.pool.hash(password).await?;
        let change = |account: &mut Account| account.password = Some(hash.clone());
        self.change_and_end(realm, name, EventKind::PasswordSet, EndReason::EndedByAdministrator, change)
            .await
    }

    /// Disables an account: it signs in nowhere, and its sessions end now.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`].
    pub async fn disable(&self, realm: &Realm, name: &str) -> Result<Account, Failure> {
        let change = |account: &mut Account| account.disabled = true;
        self.change_and_end(realm, name, EventKind::AccountDisabled, EndReason::AccountDisabled, change).await
    }

    /// Takes the second factor off, for an owner who lost it, and ends every session of the account.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`], [`Refusal::TwoFactorNotInitialised`] if it has none.
    pub async fn remove_two_factor(&self, realm: &Realm, name: &str) -> Result<Account, Failure> {
        let account = self.find(realm, name).await?.ok_or(Refusal::AccountUnknown)?;
        if !account.two_factor.enabled() {
            return Err(Refusal::TwoFactorNotInitialised.into());
        }
        let change = |account: &mut Account| {
            account.two_factor.secret = None;
            account.two_factor.pending = None;
        };
        let name = format!("id:{}", account.id);
        self.change_and_end(
            realm,
            &name,
            EventKind::TwoFactorDisabled,
            EndReason::EndedByAdministrator,
            change,
        )
        .await
    }

    /// Lets a disabled account sign in again. Its former sessions stay ended.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`].
    pub async fn enable(&self, realm: &Realm, name: &str) -> Result<Account, Failure> {
        let account = self.find(realm, name).await?.ok_or(Refusal::AccountUnknown)?;
        if !account.disabled {
            return Ok(account);
        }
        let change = |account: &mut Account| account.disabled = false;
        self.change_and_end(realm, name, EventKind::AccountEnabled, EndReason::AccountDisabled, change).await
    }

    /// Deletes an account with everything of it but its events.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`].
    pub async fn delete(&self, realm: &Realm, name: &str) -> Result<Account, Failure> {
        loop {
            let account = self.find(realm, name).await?.ok_or(Refusal::AccountUnknown)?;
            let event = self.core.ordered(EventKind::AccountDeleted, &account);
            let event = event.saying(account.username.clone());
            let batch =
                Batch::new().with(store::accounts::delete(&account)).with(store::events::append(&event));
            match self.core.db.write(batch).await {
                Ok(_) => {
                    self.core.memory.changed(&account.id);
                    return Ok(account);
                }
                // Changed meanwhile: read it again.
                Err(WriteError::Guard(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
    }

    /// Changes an account and ends every session of it in the same batch.
    async fn change_and_end(
        &self,
        realm: &Realm,
        name: &str,
        kind: EventKind,
        reason: EndReason,
        change: impl Fn(&mut Account),
    ) -> Result<Account, Failure> {
        let core = &self.core;
        loop {
            let mut account = self.find(realm, name).await?.ok_or(Refusal::AccountUnknown)?;
            change(&mut account);
            let now = core.clock.now();
            let ending = Ending {
                account: &account.id,
                except: None,
                spared: &[],
                reason,
                address: "",
                actor: Some(&Actor::CommandLine),
            };
            let mut batch = Batch::new()
                .with(store::accounts::update(&account, now))
                .with(store::one_time_tokens::delete_of(&account.id, OneTimeKind::SecondStep))
                .with(store::one_time_tokens::delete_of(&account.id, OneTimeKind::PasswordReset))
                // Whoever had the old password may have asked for another address.
                .with(store::one_time_tokens::delete_of(&account.id, OneTimeKind::EmailChange))
                .with(store::events::append(&core.ordered(kind, &account)));
            let ended = batch.len();
            batch.extend(store::sessions::end_of_account(&ending, realm, now));
            if !account.two_factor.enabled() {
                batch.push(store::backup_codes::delete_of(&account.id));
            }
            match core.db.write(batch).await {
                Ok(written) => {
                    core.note_ended(&written, ended, &account)?;
                    return Ok(account);
                }
                // Changed meanwhile: read it again.
                Err(WriteError::Guard(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
    }

    /// The newest sessions of an account, newest first, ended ones too.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn sessions(&self, account: &Account, limit: i64) -> Result<Vec<Session>, Failure> {
        Ok(store::sessions::of_account(&self.core.db, &account.id, limit).await?)
    }

    /// Ends a session; whether it had not ended before.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn end_session(&self, id: SessionId) -> Result<bool, Failure> {
        let by = Some(Actor::CommandLine);
        self.core.end_session(id, EndReason::EndedByAdministrator, "", by).await
    }

    /// Makes an invite code.
    ///
    /// # Errors
    /// [`Refusal::TooManyInvites`].
    pub async fn create_invite(&self, realm: &Realm) -> Result<String, Failure> {
        let event = Event::new(EventKind::InviteCreated, realm, self.core.clock.now()).by(Actor::CommandLine);
        self.core.new_invite(realm, &event).await
    }

    /// The invite codes that wait to be used.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn invites(&self, realm: &Realm) -> Result<Vec<InviteListed>, Failure> {
        let now = self.core.clock.now();
        let live =
            store::one_time_tokens::all_live(&self.core.db, OneTimeKind::Invite, realm, now, ALL, 0).await?;
        Ok(live
            .into_iter()
            .map(|token| InviteListed { created_at: token.created_at, expires_at: token.expires_at })
            .collect())
    }
}

impl Core {
    /// See [`Accounts::find`].
    pub(crate) async fn find(&self, realm: &Realm, name: &str) -> Result<Option<Account>, Failure> {
        let (by, text) = match name.split_once(':') {
            Some((by @ ("username" | "email" | "id"), text)) => (Some(by), text),
            _ => (None, name),
        };
        let asked = |kind: &str| by.is_none_or(|by| by == kind);
        let mut found: Vec<Account> = Vec::new();
        if asked("username") {
            found.extend(store::accounts::by_username(&self.db, realm, text).await?);
        }
        if asked("email") {
            found.extend(store::accounts::by_email(&self.db, realm, text).await?);
        }
        if asked("id") {
            let account = store::accounts::by_id(&self.db, &AccountId::from_text(text)).await?;
            found.extend(account.filter(|account| account.realm == *realm));
        }
        found.dedup_by(|one, other| one.id == other.id);
        if found.len() > 1 { Err(Refusal::NameAmbiguous.into()) } else { Ok(found.pop()) }
    }
}
