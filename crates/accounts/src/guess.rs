//! Guesses at a password: every one is counted before anything is compared, whichever way it comes.
//!
//! Strangers share one counter per account, so that they guess no faster from many addresses. Whoever uses it
//! up would lock the owner out; so a place where the account signed in before has a few tries of its own once
//! that happens. With the limits as they are by default, guesses that pass are at most
//!
//! | | in any hour | in any day |
//! |---|---|---|
//! | from all strangers together | 10 + 60/16 = 13 | 10 + 1440/16 = 100 |
//! | more from one place where the account is known | 5 + 1 = 6 | 5 + 24 = 29 |
//!
//! and no success adds to that: it gives back its own try and no more. A place is an address as throttles know
//! it ([`Client::place`]); what a program says of itself is not looked at, since anybody may say it. The
//! address's own counter holds at known places too.

use db::Batch;
use model::{AccountId, Event, EventKind};

use crate::accounts::Core;
use crate::mount::Mount;
use crate::refusal::{Failure, Refusal};
use crate::throttle::{Bucket, Client};

/// A guess that may be made: the tries that were taken for it.
pub(crate) struct Guess([Bucket; 2]);

impl Guess {
    /// The statements of [`Core::take_back`].
    pub(crate) fn give_back(&self) -> Batch {
        self.0.iter().filter_map(Bucket::give_back).collect()
    }
}

impl Mount {
    /// Takes what one guess at the password of an account costs, or of a `name` that nobody has. Both cost the
    /// same, and are refused alike.
    ///
    /// # Errors
    /// [`Refusal::Throttled`], of which an event is left.
    pub(crate) async fn guess(
        &self,
        account: Option<&AccountId>,
        name: &str,
        client: &Client,
    ) -> Result<Guess, Failure> {
        let core = &self.core;
        let by_address = Bucket::passwords_from(core, self.realm(), client);
        let by_account = Bucket::passwords(core, self.realm(), account, name);
        let Some(full) = core.try_take(&[&by_address, &by_account]).await? else {
            return Ok(Guess([by_address, by_account]));
        };
        let mut event = Event::new(EventKind::SignInThrottled, self.realm(), self.now())
            .from(&client.address_text())
            .saying(format!("{}: {}", self.policy().name, full.about()));
        let mut refusal = core.held_up(&[&by_address, &by_account]).await?;
        if full.is(&by_account) {
            event.account = account.cloned();
            if let Some(known) = self.known_place(account, client).await? {
                if core.try_take(&[&by_address, &known]).await?.is_none() {
                    return Ok(Guess([by_address, known]));
                }
                refusal = sooner(refusal, core.held_up(&[&by_address, &known]).await?);
            }
        }
        core.note_held_up(full, &event).await?;
        Err(refusal.into())
    }

    /// The counter of the account at the caller's place, if it signed in there before. Where a session began
    /// that its owner disowned is no such place.
    async fn known_place(
        &self,
        account: Option<&AccountId>,
        client: &Client,
    ) -> Result<Option<Bucket>, Failure> {
        // For a name that nobody has, too: it takes as long, for sessions elsewhere are not looked at.
        let id = account.cloned().unwrap_or_else(AccountId::nobody);
        let known = store::sessions::opened_at(&self.core.db, &id, &client.place()).await?;
        let account = account.filter(|_| known);
        Ok(account.and_then(|account| Bucket::passwords_at(&self.core, self.realm(), account, client)))
    }
}

impl Core {
    /// Gives the tries of a guess back: it was right, or nothing was compared.
    pub(crate) async fn take_back(&self, guess: &Guess) -> Result<(), Failure> {
        let batch = guess.give_back();
        if batch.is_empty() { Ok(()) } else { self.write(batch).await.map(drop) }
    }
}

/// The refusal that is over first.
fn sooner(one: Refusal, other: Refusal) -> Refusal {
    match (one, other) {
        (Refusal::Throttled { retry_after: one }, Refusal::Throttled { retry_after: other }) => {
            Refusal::Throttled { retry_after: one.min(other) }
        }
        _ => one,
    }
}
