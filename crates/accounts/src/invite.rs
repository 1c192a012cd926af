//! Inviting somebody: a short code told by an administrator, exchanged for the right to make one account.

use crypto::Alphabet;
use db::{Batch, WriteError};
use model::{Event, EventKind, OneTimeKind, Realm, Span};

use crate::accounts::Core;
use crate::check::Caller;
use crate::mount::{Mount, Registration};
use crate::one_time::Form;
use crate::refusal::{Failure, Refusal};
use crate::throttle::{Bucket, Client};
use crate::token::{ServerClaims, TokenUse};

/// Four letters or digits for ten minutes (melon.md 1). Short, so guessing is budgeted.
const CODE: Form =
    Form { alphabet: Alphabet::UpperAlphanumeric, length: 4, lifetime: Span::minutes(10), tries: 1 };
/// What a code is exchanged for: ten minutes (melon.md 1).
const SERVER: Form =
    Form { alphabet: Alphabet::Alphanumeric, length: 43, lifetime: Span::minutes(10), tries: 1 };
/// Codes that may wait at once (melon.md 2.7).
pub(crate) const AT_ONCE: usize = 25;
/// All of them.
pub(crate) const ALL: i64 = 25;

impl Mount {
    /// Makes an invite code.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`] unless the caller is an administrator, [`Refusal::TooManyInvites`],
    /// [`Refusal::RegistrationClosed`].
    pub async fn invite(&self, caller: &Caller, client: &Client) -> Result<String, Failure> {
        caller.must_administer()?;
        if self.policy().registration == Registration::Closed {
            return Err(Refusal::RegistrationClosed.into());
        }
        let event = Event::new(EventKind::InviteCreated, self.realm(), self.now());
        let mut event = event.of(&caller.account.id).from(&client.address_text());
        event.session = caller.session().ok();
        self.core.new_invite(self.realm(), &event).await
    }

    /// Exchanges an invite code for the private claims of a token that makes one account.
    ///
    /// # Errors
    /// [`Refusal::InviteUnknown`]; [`Refusal::Throttled`] when this address, or everybody together, has
    /// guessed too often.
    pub async fn redeem_invite(&self, code: &str, client: &Client) -> Result<ServerClaims, Failure> {
        let core = &self.core;
        let by_address = Bucket::invites_from(core, self.realm(), client);
        let in_all = Bucket::invites_in_all(core, self.realm());
        self.take(&[&by_address, &in_all], None, client).await?;
        let invite = core.find_token(OneTimeKind::Invite, self.realm(), code).await?;
        let Some(invite) = invite.filter(|_| self.policy().registration != Registration::Closed) else {
            return self.wrong_invite(client).await;
        };
        let server = core.new_token(OneTimeKind::Server, self.realm(), SERVER);
        let event =
            Event::new(EventKind::InviteRedeemed, self.realm(), self.now()).from(&client.address_text());
        let mut batch = Batch::new()
            .with(store::one_time_tokens::redeem(&invite, self.now()))
            .with(store::one_time_tokens::put(&server.row))
            .with(store::events::append(&event));
        let settled = [by_address.give_back(), in_all.give_back()];
        batch.extend(settled.into_iter().flatten());
        match core.db.write(batch).await {
            Ok(_) => Ok(ServerClaims {
                jti: server.secret,
                mnt: self.policy().name.clone(),
                purpose: TokenUse::Server,
            }),
            Err(WriteError::Guard(_)) => self.wrong_invite(client).await,
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    async fn wrong_invite(&self, client: &Client) -> Result<ServerClaims, Failure> {
        let event =
            Event::new(EventKind::InviteRefused, self.realm(), self.now()).from(&client.address_text());
        self.core.write(Batch::new().with(store::events::append(&event))).await?;
        Err(Refusal::InviteUnknown.into())
    }
}

impl Core {
    /// Makes an invite code in one of the realm's slots.
    pub(crate) async fn new_invite(&self, realm: &Realm, event: &Event) -> Result<String, Failure> {
        // A slot may be taken, or a code drawn that another slot holds, between looking and writing.
        for _ in 0..AT_ONCE {
            let live = store::one_time_tokens::all_live(
                &self.db,
                OneTimeKind::Invite,
                realm,
                self.clock.now(),
                ALL,
                0,
            )
            .await?;
            let slots = (0..AT_ONCE).map(|number| format!("{realm}/invite/{number}"));
            let free = slots.into_iter().find(|slot| live.iter().all(|token| token.slot != *slot));
            let slot = free.ok_or(Refusal::TooManyInvites)?;
            let invite = self.new_token(OneTimeKind::Invite, realm, CODE).in_slot(slot);
            if live.iter().any(|token| token.digest == invite.row.digest) {
                continue;
            }
            let batch = Batch::new()
                .with(store::one_time_tokens::clear_expired(&invite.row))
                .with(store::one_time_tokens::claim_slot(&invite.row))
                .with(store::events::append(event));
            match self.db.write(batch).await {
                Ok(_) => return Ok(invite.secret),
                Err(WriteError::Guard(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(Refusal::TooManyInvites.into())
    }
}
