//! Making an account.

use std::fmt;
use std::sync::Arc;

use db::{Batch, WriteError};
use model::{
    Account, Actor, Event, EventKind, OneTimeKind, OneTimeToken, Permissions, TwoFactor, email_key,
    usable_email, usable_name,
};
use secrecy::SecretString;

use crate::accounts::Core;
use crate::memory::AccountState;
use crate::mount::{Mount, Registration};
use crate::passwords::Owner;
use crate::refusal::{Failure, Refusal};
use crate::sessions::Grant;
use crate::throttle::{Bucket, Client};

/// By what right somebody makes an account.
#[derive(Clone, Copy)]
pub enum Admission<'a> {
    /// By their own wish: the mount's registration policy decides.
    Own,
    /// By the one-time secret that an invite code was exchanged for; see [`Mount::redeem_invite`].
    Invited(&'a str),
    /// By an administrator of the realm.
    Administrator(&'a crate::check::Caller),
}

impl fmt::Debug for Admission<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "Own",
            Self::Invited(_) => "Invited(..)",
            Self::Administrator(_) => "Administrator(..)",
        })
    }
}

/// An account that is asked for.
#[derive(Clone, Debug)]
pub struct Register<'a> {
    /// As typed; the contract's own rules were applied.
    pub username: &'a str,
    /// As typed.
    pub email: Option<&'a str>,
    /// As typed.
    pub password: SecretString,
    /// What it may do; none = what a newcomer may. Only an administrator gives more.
    pub permissions: Option<Permissions>,
    /// By what right.
    pub admission: Admission<'a>,
    /// Whether a session is opened at once.
    pub sign_in: bool,
    /// From where.
    pub client: Client,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The account.
    pub account: Arc<AccountState>,
    /// Its session, if one was asked for.
    pub grant: Option<Grant>,
}

impl Mount {
    /// Makes an account, with its session if asked for and its confirmation mail if the mount sends one, in
    /// one batch.
    ///
    /// # Errors
    /// [`Refusal::RegistrationClosed`], [`Refusal::UsernameUnusable`], [`Refusal::EmailUnusable`],
    /// [`Refusal::PasswordTooShort`], [`Refusal::PasswordTooLong`], [`Refusal::PasswordTooCommon`],
    /// [`Refusal::NameTaken`], [`Refusal::InviteUnknown`], [`Refusal::NotPermitted`], [`Refusal::Throttled`].
    pub async fn register(&self, command: Register<'_>) -> Result<Registered, Failure> {
        // As in a sign-in: a registration that is turned away counts as none.
        let turn = self.core.pool.turn()?;
        let invite = self.admit(&command).await?;
        usable_names(command.username, command.email)?;
        self.usable_password(&command.password, Owner::new(command.username, command.email))?;
        if self.core.taken(self.realm(), command.username, command.email).await? {
            return Err(Refusal::NameTaken.into());
        }
        let hash = turn.hash(command.password.clone()).await?;
        let account = self.newcomer(&command, hash);
        let mut batch = Batch::new().with(store::accounts::insert(&account));
        batch.push(store::events::append(&self.created(&command, &account)));
        if let Some(invite) = &invite {
            batch.push(store::one_time_tokens::redeem(invite, self.now()));
        }
        let mailed = self.owe_confirmation(&account, &command.client, &mut batch)?;
        if let Some(email) = account.email.as_deref().filter(|_| mailed) {
            let bucket = Bucket::mails(&self.core, email);
            batch.extend(bucket.count(&self.core));
        }
        let state = Arc::new(AccountState::from(&account));
        let grant = command.sign_in.then(|| {
            let session = self.new_session(&account, &command.client);
            batch.extend(self.opening(&session));
            self.grant(Arc::clone(&state), &session)
        });
        match self.core.db.write(batch).await {
            Ok(_) => {
                self.core.ring_if(mailed);
                Ok(Registered { account: state, grant })
            }
            Err(WriteError::Guard(lost)) if lost.name == store::guard::NAME_FREE => {
                Err(Refusal::NameTaken.into())
            }
            Err(WriteError::Guard(_)) => Err(Refusal::InviteUnknown.into()),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Whether somebody could register here by their own wish.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn registration_open(&self) -> Result<bool, Failure> {
        Ok(self.registration().await? == Registration::Open)
    }

    /// Applies the registration policy; answers the invite that has to be used up.
    async fn admit(&self, command: &Register<'_>) -> Result<Option<OneTimeToken>, Failure> {
        match command.admission {
            Admission::Own if !self.registration_open().await? => Err(Refusal::RegistrationClosed.into()),
            Admission::Own => {
                let bucket = Bucket::registrations(&self.core, self.realm(), &command.client);
                self.take(&[&bucket], None, &command.client).await?;
                Ok(None)
            }
            Admission::Invited(_) if self.policy().registration == Registration::Closed => {
                Err(Refusal::RegistrationClosed.into())
            }
            Admission::Invited(secret) => {
                let invite = self.core.find_token(OneTimeKind::Server, self.realm(), secret).await?;
                Ok(Some(invite.ok_or(Refusal::InviteUnknown)?))
            }
            Admission::Administrator(caller) => {
                caller.must_administer()?;
                Ok(None)
            }
        }
    }

    /// Says by what right the account was made, if not by the newcomer's own wish.
    fn created(&self, command: &Register<'_>, account: &Account) -> Event {
        match command.admission {
            Admission::Own => self.event(EventKind::AccountCreated, account, &command.client),
            Admission::Invited(_) => {
                let event = self.event(EventKind::AccountCreated, account, &command.client);
                event.saying(format!("{}: invited", self.policy().name))
            }
            Admission::Administrator(caller) => {
                self.event_by(caller, EventKind::AccountCreated, &account.id, &command.client)
            }
        }
    }

    fn newcomer(&self, command: &Register<'_>, hash: String) -> Account {
        let given =
            command.permissions.clone().filter(|_| matches!(command.admission, Admission::Administrator(_)));
        let blank = self.blank(command.username, command.email);
        Account {
            password: Some(hash),
            permissions: given.unwrap_or_else(Permissions::of_a_newcomer),
            last_sign_in_at: command.sign_in.then_some(blank.created_at),
            ..blank
        }
    }

    /// An account that begins now, without password.
    fn blank(&self, username: &str, email: Option<&str>) -> Account {
        let now = self.now();
        Account {
            id: self.core.new_account_id(),
            realm: self.realm().clone(),
            username: username.to_owned(),
            email: email.map(str::to_owned),
            email_confirmed: false,
            password: None,
            permissions: Permissions::of_a_newcomer(),
            disabled: false,
            two_factor: TwoFactor::default(),
            version: 0,
            created_at: now,
            updated_at: now,
            last_sign_in_at: None,
        }
    }
}

/// Whether an account can have these names.
pub(crate) fn usable_names(username: &str, email: Option<&str>) -> Result<(), Refusal> {
    usable_name(username).map_err(|_| Refusal::UsernameUnusable)?;
    email.map_or(Ok(()), usable_email).map_err(|_| Refusal::EmailUnusable)
}

impl Core {
    /// Whether the username or the address belongs to somebody. The guard of the insertion decides; this
    /// spares a hash.
    pub(crate) async fn taken(
        &self,
        realm: &model::Realm,
        username: &str,
        email: Option<&str>,
    ) -> Result<bool, Failure> {
        if store::accounts::by_username(&self.db, realm, username).await?.is_some() {
            return Ok(true);
        }
        match email {
            Some(email) => Ok(store::accounts::by_email(&self.db, realm, &email_key(email)).await?.is_some()),
            None => Ok(false),
        }
    }

    /// An event of what the command line does to an account.
    pub(crate) fn ordered(&self, kind: EventKind, account: &Account) -> Event {
        Event::new(kind, &account.realm, self.clock.now()).of(&account.id).by(Actor::CommandLine)
    }
}
