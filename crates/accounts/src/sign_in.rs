//! Signing in by password.

use std::fmt;
use std::sync::Arc;

use crypto::Verdict;
use db::{Batch, WriteError};
use defects::{Defect, seeded};
use model::{Account, AccountId, Event, EventKind, OneTimeKind, Span, usable_name};
use secrecy::SecretString;

use crate::accounts::ATTEMPTS;
use crate::check::Caller;
use crate::guess::Guess;
use crate::memory::AccountState;
use crate::mount::Mount;
use crate::one_time::NewToken;
use crate::refusal::{Failure, Refusal};
use crate::second_step;
use crate::sessions::Grant;
use crate::throttle::Client;

/// How the account is named.
#[derive(Clone, Copy, Debug)]
pub enum Login<'a> {
    /// By its username, in any spelling.
    Username(&'a str),
    /// By its e-mail address, in any spelling.
    Email(&'a str),
}

/// A sign-in that is asked for.
#[derive(Clone, Debug)]
pub struct SignIn<'a> {
    /// Who.
    pub login: Login<'a>,
    /// The password as received.
    pub password: SecretString,
    /// From where.
    pub client: Client,
}

/// The stored hash that the password was found to be right for.
struct Right {
    stored: Option<String>,
    outdated: bool,
}

/// A right password.
#[derive(Clone)]
pub enum SignedIn {
    /// A session is open.
    Complete(Grant),
    /// A code of the second factor is awaited, with this ticket.
    SecondStep {
        /// 64 characters `[0-9A-Za-z]`; see [`Mount::second_step`].
        ticket: String,
    },
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete(grant) => f.debug_tuple("Complete").field(grant).finish(),
            Self::SecondStep { .. } => f.debug_struct("SecondStep").finish_non_exhaustive(),
        }
    }
}

impl<'a> Login<'a> {
    fn text(self) -> &'a str {
        match self {
            Self::Username(text) | Self::Email(text) => text,
        }
    }
}

impl Mount {
    /// Signs in.
    ///
    /// An unknown name costs the same as a wrong password: one try of the account's and the address's
    /// counters, one hash, one event.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`], [`Refusal::EmailUnconfirmed`], [`Refusal::Throttled`];
    /// [`Failure::Overloaded`] if the hash would have to wait too long.
    pub async fn sign_in(&self, command: SignIn<'_>) -> Result<SignedIn, Failure> {
        let outcome = self.first_step(command).await;
        self.inner.counts.sign_ins.note(&outcome);
        outcome
    }

    async fn first_step(&self, command: SignIn<'_>) -> Result<SignedIn, Failure> {
        let core = &self.core;
        // Before anything is asked or written: who is turned away shall cost next to nothing.
        let mut turn = Some(core.pool.turn()?);
        let id = self.named(command.login).await?;
        let guess = self.guess(id.as_ref(), command.login.text(), &command.client).await?;
        // Not read before, for a row with all of an account takes longer than none, which whoever is held up could
        // tell. For a name that nobody has, somebody's is read.
        let read = match &id {
            Some(id) => store::accounts::by_id(&core.db, id).await,
            None => store::accounts::somebody(&core.db).await.map(|_| None),
        };
        if read.is_err() {
            // Nothing was compared, so nothing was guessed. What matters to the caller is why.
            let _ = core.take_back(&guess).await;
        }
        let mut account = read?;
        let mut right: Option<Right> = None;
        // The account may change while its password is hashed. Then it is judged again as it is now, and its
        // password compared again if it was replaced: another device may have had an imported one hashed anew.
        for _ in 0..ATTEMPTS {
            let stored = account.as_ref().and_then(|account| account.password.clone());
            if right.as_ref().is_none_or(|right| right.stored != stored) {
                let verdict = match turn.take().map_or_else(|| core.pool.turn(), Ok) {
                    Ok(_) if stored.is_none() && seeded(Defect::DecoyLeftOut) => Ok(Verdict::Wrong),
                    Ok(turn) => turn.verify(stored.clone(), command.password.clone()).await,
                    Err(overloaded) => Err(overloaded),
                };
                if verdict.is_err() {
                    core.take_back(&guess).await?;
                }
                right = match verdict? {
                    Verdict::Right { outdated } => Some(Right { stored, outdated }),
                    Verdict::Wrong => None,
                };
            }
            let (Some(current), Some(Right { outdated, .. })) = (&account, &right) else {
                return self.refuse(account.as_ref(), &command.client, "wrong password").await;
            };
            if let Some(why) = self.barred(current) {
                return self.refuse(Some(current), &command.client, why).await;
            }
            if self.policy().require_confirmed_email && !current.email_confirmed {
                let refused = self.sign_in_refused(Some(current), &command.client, "address not confirmed");
                core.write(guess.give_back().with(store::events::append(&refused))).await?;
                return Err(Refusal::EmailUnconfirmed.into());
            }
            if let Some(done) = self.complete(current, *outdated, &command, &guess).await? {
                return Ok(done);
            }
            account = store::accounts::by_id(&core.db, &current.id).await?;
        }
        Err(Failure::Overloaded { retry_after: Span::seconds(1) })
    }

    async fn named(&self, login: Login<'_>) -> Result<Option<AccountId>, Failure> {
        if usable_name(login.text()).is_err() {
            return Ok(None);
        }
        Ok(match login {
            Login::Username(name) => {
                store::accounts::id_by_username(&self.core.db, self.realm(), name).await?
            }
            Login::Email(email) => store::accounts::id_by_email(&self.core.db, self.realm(), email).await?,
        })
    }

    /// Why this account may not come in here although its password was right.
    pub(crate) fn barred(&self, account: &Account) -> Option<&'static str> {
        if account.disabled {
            Some("account disabled")
        } else if account.two_factor.enabled() && !self.policy().second_step {
            Some("second factor cannot be asked for here")
        } else {
            None
        }
    }

    /// Writes what follows a right password; none if the account changed meanwhile.
    async fn complete(
        &self,
        account: &Account,
        outdated: bool,
        command: &SignIn<'_>,
        guess: &Guess,
    ) -> Result<Option<SignedIn>, Failure> {
        let core = &self.core;
        let mut batch = guess.give_back();
        let mut current = account.clone();
        if outdated {
            // A queue that is full now will have room at the next sign-in.
            if let Ok(hash) = core.pool.hash(command.password.clone()).await {
                current.password = Some(hash);
                batch.push(store::accounts::update(&current, core.clock.now()));
                batch.push(store::events::append(&self.event(
                    EventKind::PasswordRehashed,
                    &current,
                    &command.client,
                )));
                current.version += 1;
            }
        }
        batch.push(store::accounts::signed_in(&current, core.clock.now()));
        let mut mailed = false;
        let done = if current.two_factor.enabled() {
            let ticket = self.ticket(&current);
            batch.push(store::one_time_tokens::put(&ticket.row));
            batch.push(store::events::append(&self.event(
                EventKind::SecondStepAwaited,
                &current,
                &command.client,
            )));
            SignedIn::SecondStep { ticket: ticket.secret }
        } else {
            let session = self.new_session(&current, &command.client);
            mailed = self.owe_new_device(account, &session, &mut batch).await?;
            batch.extend(self.opening(&session));
            SignedIn::Complete(self.grant(Arc::new(AccountState::from(&current)), &session))
        };
        match core.db.write(batch).await {
            Ok(_) => {
                core.ring_if(mailed);
                Ok(Some(done))
            }
            Err(WriteError::Guard(_)) => Ok(None),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    fn ticket(&self, account: &Account) -> NewToken {
        let form = second_step::TICKET;
        // The version binds the ticket to the account as it is: any change makes it worthless.
        self.core
            .new_token(OneTimeKind::SecondStep, self.realm(), form)
            .of(account)
            .saying(account.version.to_string())
    }

    pub(crate) fn event(&self, kind: EventKind, account: &Account, client: &Client) -> Event {
        Event::new(kind, self.realm(), self.now())
            .of(&account.id)
            .from(&client.address_text())
            .saying(&self.policy().name)
    }

    /// An event of what a caller does to an account: to their own, or as an administrator to anybody's.
    pub(crate) fn event_by(
        &self,
        caller: &Caller,
        kind: EventKind,
        account: &AccountId,
        client: &Client,
    ) -> Event {
        let event = Event::new(kind, self.realm(), self.now()).of(account).from(&client.address_text());
        Event { actor: caller.actor(account), ..event.saying(&self.policy().name) }
    }

    /// The event of a refused sign-in.
    pub(crate) fn sign_in_refused(&self, account: Option<&Account>, client: &Client, why: &str) -> Event {
        let mut event = Event::new(EventKind::SignInRefused, self.realm(), self.now())
            .from(&client.address_text())
            .saying(format!("{}: {why}", self.policy().name));
        event.account = account.map(|account| account.id.clone());
        event
    }

    async fn refuse(
        &self,
        account: Option<&Account>,
        client: &Client,
        why: &str,
    ) -> Result<SignedIn, Failure> {
        let event = self.sign_in_refused(account, client, why);
        if account.is_some() && seeded(Defect::KnownSlower) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        self.core.write(Batch::new().with(store::events::append(&event))).await?;
        if account.is_none() && seeded(Defect::NobodyTold) {
            return Err(Refusal::EmailUnconfirmed.into());
        }
        Err(Refusal::WrongCredentials.into())
    }
}
